"""Why a verdict is what it is, in the language of whoever looks at a page.

English sentences are made with the verdict and stored (`scanner.verdict.file`, `scanner.verdict.rollup`).
Other languages are made here from the codes that are stored beside them; where these do not suffice, the
English sentence serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from core.sentences import Sentence, say
from library.models import Media
from scanner.languages.codes import SEVERAL, normalise
from scanner.languages.names import listed, named
from scanner.models import Verdict
from scanner.verdict.counting import Dropped, Why
from scanner.verdict.file import Reason
from scanner.verdict.rollup import FILES_IN_SENTENCE, RollUpReason

Stored = Mapping[str, Any]


def file_sentence(reason: Stored) -> str:
    """Return why a file has its verdict; `reason` is what is stored with it (`FileVerdict.to_json`)."""
    english = str(reason.get("sentence", ""))
    if _is_english():
        return english
    sentence = _decided(reason) or english
    assumed, languages = reason.get("assumed"), reason.get("languages") or []
    if assumed is None or not languages:
        return sentence
    code = reason.get("assumed_code", "")
    if code == SEVERAL:
        text = _("%(sentence)s; audio track %(number)d holds several languages and is taken as %(language)s.")
    elif code:
        text = _(
            "%(sentence)s; audio track %(number)d is in “%(code)s”, no known language, and is taken as "
            "%(language)s."
        )
    else:
        text = _("%(sentence)s; audio track %(number)d names no language and is taken as %(language)s.")
    return text % {
        "sentence": sentence.removesuffix("."),
        "number": assumed + 1,
        "code": code,
        "language": named(languages[0]),
    }


def media_sentence(media: Media) -> str:
    """Return why a title has its verdict. Its policy should be loaded with it where pages are not English."""
    reason: Stored = media.scan_state.verdict_reason
    if _is_english() or "files_counted" not in reason:
        return str(reason.get("sentence", ""))
    return _why(reason, media.scan_state.policy.target_languages)


def verdict_changed(media: Media, after: str, reason: Stored) -> Sentence:
    """Return what history tells of a title that gets another verdict. Its policy must be loaded."""
    state = media.scan_state
    before = state.verdict
    told = {name: reason[name] for name in _KEPT if name in reason}
    told["files"] = [{"name": one["name"], "reason": one["reason"]} for one in reason["files"]]
    why = Sentence.of(reason["sentence"], {"why": {"reason": told, "wanted": state.policy.target_languages}})
    parts = {"title": media.title, "after": _verdict(after), "why": why}
    if before == Verdict.UNKNOWN:
        return say("%(title)s: %(after)s. %(why)s", **parts)
    return say("%(title)s: %(before)s → %(after)s. %(why)s", before=_verdict(before), **parts)


def tell_why(kept: Stored) -> str:
    """Return why a title had its verdict, from what `verdict_changed` kept."""
    return _why(kept["reason"], kept["wanted"])


def _verdict(code: str) -> Sentence:
    return Sentence.of(code, {"verdict": code})


_KEPT = ("code", "files_counted", "files_total", "missing", "extra", "unknown_total", "left_out")
"""What of a reason its sentence is made of, beside the first of its files."""


def _why(reason: Stored, targets: list[str]) -> str:
    code, unknown = reason.get("code"), int(reason.get("unknown_total", 0))
    if code == RollUpReason.NO_FILES:
        return _("There is no file to judge.")
    if code == RollUpReason.ALL_LEFT_OUT:
        causes = (str(_LEFT_OUT[cause]) % count for cause, count in reason.get("left_out", {}).items())
        return _("No file counts: %s.") % ", ".join(causes)
    if code == RollUpReason.NOTHING_KNOWN:
        text = ngettext("The file could not be judged.", "None of %(number)d files could be judged.", unknown)
        return text % {"number": unknown}
    beside = ngettext("; %d file could not be judged", "; %d files could not be judged", unknown) % unknown
    return f"{_known(reason, targets)}{beside if unknown else ''}."


def why_dropped(track: Dropped) -> str:
    name = " " + _("“%s”") % track.title if track.title else ""
    why = {
        Why.COMMENTARY_FLAG: _("the file marks it as a commentary"),
        Why.COMMENTARY_TITLE: _("its title says commentary"),
        Why.DESCRIPTION_FLAG: _("the file marks it as an audio description"),
        Why.DESCRIPTION_TITLE: _("its title says audio description"),
        Why.MUSIC_TITLE: _("its title says that it holds music alone"),
        Why.NO_LANGUAGE: _("it names no language"),
        Why.UNKNOWN_CODE: _("its code is “%(code)s”, which is no known language") % {"code": track.code},
        Why.SEVERAL_LANGUAGES: _("it holds several languages, and does not say which"),
        Why.ORIGINAL_UNKNOWN: _("it stands for the original language, which is unknown"),
    }[track.why]
    told = {"number": track.index + 1, "name": name, "why": why}
    return _("Audio track %(number)d%(name)s does not count: %(why)s.") % told


def _is_english() -> bool:
    return get_language() in (None, settings.LANGUAGE_CODE)


def _names(codes: Iterable[str] | None, joint: str = "and") -> str:
    return listed([language for code in codes or () if (language := normalise(code))], joint)


def _known(reason: Stored, targets: list[str]) -> str:
    """Say what decided a title of which files are known, without the full stop."""
    known, deciding = int(reason["files_counted"]), int(reason.get("files_total", 0))
    missing, wanted = _names(reason.get("missing"), "or"), _names(targets)
    files = _listed_files(reason.get("files", []), deciding)
    told = {"known": known, "deciding": deciding, "missing": missing, "wanted": wanted, "files": files}
    told["extra"] = _names(reason.get("extra"), "or")
    code = reason.get("code")
    if known == 1 and code == RollUpReason.WRONG_FILES:
        text = _("The file holds %(extra)s, neither wanted nor the original")
    elif known == 1 and code == RollUpReason.SOME_DUB:
        text = _("The file lacks %(missing)s")
    elif code == RollUpReason.WRONG_FILES:
        text = ngettext(
            "%(deciding)d of %(known)d files holds %(extra)s, neither wanted nor the original: %(files)s",
            "%(deciding)d of %(known)d files hold %(extra)s, neither wanted nor the original: %(files)s",
            deciding,
        )
    elif code == RollUpReason.ALL_DUB:
        text = ngettext("The file holds %(wanted)s", "All %(known)d files hold %(wanted)s", known)
    elif code == RollUpReason.SOME_DUB:
        text = ngettext(
            "%(deciding)d of %(known)d files lacks %(missing)s: %(files)s",
            "%(deciding)d of %(known)d files lack %(missing)s: %(files)s",
            deciding,
        )
    elif all(file.get("reason") == Reason.NATIVE for file in reason.get("files", [])):
        text = ngettext(
            "The file holds %(wanted)s, the original and the wanted language",
            "All %(known)d files hold %(wanted)s, the original and the wanted language",
            known,
        )
    else:
        text = ngettext(
            "The file is not dubbed: %(missing)s is missing",
            "None of %(known)d files is dubbed: %(missing)s is missing",
            known,
        )
    return text % told


def _listed_files(files: Sequence[Stored], total: int) -> str:
    names = ", ".join(str(file.get("name", "")) for file in files[:FILES_IN_SENTENCE])
    more = total - FILES_IN_SENTENCE
    if more <= 0:
        return names
    return ngettext("%(names)s and %(number)d more", "%(names)s and %(number)d more", more) % {
        "names": names,
        "number": more,
    }


def _decided(reason: Stored) -> str:
    """Say which rule decided a file; empty where that is not known."""
    code = reason.get("reason", "")
    if code == Reason.NO_LANGUAGE:
        return _no_language(reason)
    return str(_FILE[code]) % _told(reason) if code in _FILE else ""


def _told(reason: Stored) -> dict[str, str]:
    return {name: _names(reason.get(name)) for name in ("languages", "present", "missing", "extra")}


def _no_language(reason: Stored) -> str:
    causes = {track.get("why") for track in reason.get("dropped", [])}
    if Why.ORIGINAL_UNKNOWN in causes:
        return _("The audio is in the original language, and that is unknown.")
    codes = dict.fromkeys(track["code"] for track in reason.get("dropped", []) if track.get("code"))
    if codes:
        return _("No audio track that counts names a known language: %s.") % ", ".join(codes)
    if Why.NO_LANGUAGE in causes:
        return _("No audio track that counts names a language.")
    return _("Every audio track is a commentary or an audio description.")


_LEFT_OUT = {
    "specials": gettext_lazy("%d among the specials"),
    "unmonitored": gettext_lazy("%d not monitored"),
    "not_probed": gettext_lazy("%d not read yet"),
}

_FILE = {
    Reason.UNREADABLE: gettext_lazy("The file could not be read."),
    Reason.NO_AUDIO: gettext_lazy("The file has no audio track."),
    Reason.ORIGINAL_UNKNOWN: gettext_lazy(
        "The file holds %(languages)s and lacks %(missing)s; the original language is unknown."
    ),
    Reason.ONLY_OTHERS: gettext_lazy(
        "The file holds %(extra)s, neither wanted nor the original, and lacks %(missing)s."
    ),
    Reason.EXTRA_FORBIDDEN: gettext_lazy(
        "The file also holds %(extra)s, and the policy forbids other languages."
    ),
    Reason.NATIVE: gettext_lazy("The file holds %(present)s: wanted, and the original."),
    Reason.ALL_TARGETS: gettext_lazy("The file holds all that is wanted: %(present)s."),
    Reason.SOME_TARGETS: gettext_lazy("The file holds %(present)s but lacks %(missing)s."),
    Reason.NO_DUB: gettext_lazy("The file holds only %(languages)s and lacks %(missing)s."),
}
