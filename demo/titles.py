"""The titles of the demo library, all invented, each with what it shows and the verdict it should get.

The verdicts hold for the demo policy: target English, everything else as it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from demo.media_specs import AudioSpec, SubtitleSpec

Nfo = Literal["", "plain", "url", "bom", "crlf"]

TARGETS = ("eng",)


def _a(language: str | None, title: str = "", **more: object) -> AudioSpec:
    return AudioSpec(language, title, **more)  # type: ignore[arg-type]


# What the audio tracks of a file are, by a short name. The first track is made the default one.
AUDIO: dict[str, tuple[AudioSpec, ...]] = {
    "none": (),
    "en": (_a("eng"),),
    "ja": (_a("jpn", "Japanese"),),
    "ja+en": (_a("jpn", "Japanese", original=True), _a("eng", "English Dub", channels=6)),
    "en+ja": (_a("eng", "English 5.1", channels=6), _a("jpn", "Japanese Stereo")),
    "de": (_a("deu", "Deutsch"),),
    "ger": (_a("ger"),),
    "de+ja": (_a("ger", "Deutsch"), _a("jpn")),
    "de+fr": (_a("deu"), _a("fra")),
    "de+en": (_a("deu"), _a("eng")),
    "de+ad": (_a("deu"), _a("eng", "Audio Description", visual_impaired=True)),
    "fr": (_a("fra"),),
    "fr+en": (_a("fre", "Français"), _a("eng", "English")),
    "fr+ad": (_a("fra"), _a("eng", "English", visual_impaired=True)),
    "en+fr": (_a("eng"), _a("fra", "VFF")),
    "no": (_a("nor"),),
    "nob": (_a("nob"),),
    "no+flag": (_a("nor"), _a("eng", "Cast and crew", commentary=True)),
    "pt-br": (_a("por", "Português", bcp47="pt-BR"),),
    "pt-br+en": (_a("por", bcp47="pt-BR"), _a("eng")),
    "pt-pt": (_a("por", bcp47="pt-PT"),),
    "es": (_a("spa"),),
    "es+en": (_a("spa", "Castellano"), _a("eng")),
    "es-419": (_a("spa", "Latino", bcp47="es-419"),),
    "es-mx": (_a("spa", bcp47="es-MX"),),
    "es-419+en": (_a("spa", "Latino", bcp47="es-419"), _a("eng")),
    "fa": (_a("per"),),
    "he+en": (_a("heb"), _a("eng")),
    "ar+en": (_a("ara"), _a("eng")),
    "ko+en": (_a("kor"), _a("eng", "English")),
    "ko+flag": (_a("kor"), _a("eng", "Stereo", commentary=True)),
    "ko+title": (_a("kor"), _a("eng", "Director's Commentary")),
    "und": (_a("und"),),
    "und+en": (_a("und"), _a("eng")),
    "absent": (_a(None),),
    "absent*2": (_a(None), _a(None, "Stereo")),
    "zh+en": (_a("chi", bcp47="zh-Hans"), _a("eng")),
    "zh-hant": (_a("zho", bcp47="zh-Hant"),),
    "yue": (_a("chi", "粵語", bcp47="yue"),),
    "yue+en": (_a("chi", bcp47="yue"), _a("eng")),
    "en+title": (_a("eng"), _a("eng", "Commentary by the director and the editor")),
    "en-cut": (_a("eng", "Director's Cut"),),
    "en-gb+pl": (_a("pol", "Lektor"), _a("eng", bcp47="en-GB")),
    "pl": (_a("pol"),),
    "it": (_a("ita"),),
    "it-commentary": (_a("ita", "Commento audio"),),
    "zxx": (_a("zxx", "Music only"),),
    "ru": (_a("rus", "Русский"),),
    "ru+en": (_a("rus"), _a("eng")),
    "india": (_a("hin"), _a("tam"), _a("tel"), _a("eng")),
    "qaa+en": (_a("qaa", "Original"), _a("eng")),
}

SUBTITLES = (
    SubtitleSpec("eng", "English"),
    SubtitleSpec("eng", "English (SDH)", hearing_impaired=True),
    SubtitleSpec("spa", "Español", bcp47="es-419"),
)


@dataclass(frozen=True, slots=True)
class Season:
    """The files of one season: `audio` names what they hold, `other` what single episodes hold instead.

    `missing` episodes are known and have no file; `doubles` start a file that holds the next episode too.
    """

    number: int
    episodes: int
    audio: str = "en"
    other: dict[int, str] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    doubles: frozenset[int] = frozenset()
    monitored: bool = True


@dataclass(frozen=True, slots=True)
class Title:
    """One series (with seasons) or movie (with `audio`, None: no file).

    `verdict` is what the demo policy makes of it and `shows` what it is there for. `flags_only` is true where
    the verdict needs a flag that MediaInfo does not show. `offline` titles lie in a root folder that is not
    there. `damage` says what happened to a file: the movie's, or the third episode of the series. `had` is
    what all files of the series held before Sonarr replaced them.
    """

    title: str
    year: int
    original: str
    verdict: str
    shows: str
    seasons: tuple[Season, ...] = ()
    audio: str | None = None
    genres: tuple[str, ...] = ("Drama",)
    tags: tuple[str, ...] = ()
    container: Literal["mkv", "mp4"] = "mkv"
    nfo: Nfo = ""
    anime: bool = False
    offline: bool = False
    flags_only: bool = False
    trailer: bool = False
    damage: Literal["", "truncated", "empty"] = ""
    had: str = ""


ANIME = ("Animation", "Anime")
