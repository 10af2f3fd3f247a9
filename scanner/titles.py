"""What the title of an audio track says about it: commentary, audio description, or neither.

Titles are compared without case, accents and punctuation. The words stand in tables by language; each entry
is a piece of a regular expression over such a folded title, in which words are one blank apart.
"""

# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are meant.

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

COMMENTARY_WORDS: dict[str, tuple[str, ...]] = {
    "eng": (r"comm?ent[ae]?r(?:y|ies)\b", r"\bcommentators?\b", r"\baudio comments?\b", r"\briff ?trax\b"),
    "deu swe dan nob nno fin hun": ("komment",),
    "fra": ("commentaire", r"\bcommentee? par\b", r"\bcommentes? par\b"),
    "spa por cat ron": ("comentari", r"\bcomentad[ao]s?\b"),
    "ita": (r"commento\b", r"\bcommenti\b", r"\bcommentat[oai]\b"),
    "nld": ("commentaar", "commentaren"),
    "pol ces slk hrv srp slv ind": ("komentar", r"\bkomentovan"),
    "rus ukr bul": ("комментар", "комментир", "коментар"),
    "tur": (r"\byorum(?!suz)",),
    "ell": (r"\bσχολι",),
    "heb": ("פרשנות",),
    "ara": ("تعليق",),
    "vie": ("binh luan",),
    "jpn": ("コメンタリ", "オーディオコメント", "音声解説", "副音声"),
    "zho": ("评论", "評論", "导评", "導評", "讲评", "講評", "评述", "导演解说", "導演解說"),
    "kor": ("코멘터리", "코멘타리", "음성 ?해설", "감독 ?해설"),
}
"""Words that make a track a commentary wherever they stand."""

SPEAKERS = (
    r"\b(?:dir|directors?|filmmakers?|producers?|writers?|screenwriters?|creators?|cast|crew|actors?|actress(?:es)?|"
    r"historians?|critics?|composers?|animators?|cinematographers?)\b"
)
"""People who comment. They mean nothing alone: a director has a cut, too."""

SPEAKING = (
    r"\b(?:comm|comments?|notes?|talks?|speaks?|discuss(?:es|ions?)?|remarks?|interviews?|q a|round ?table|"
    r"conversations?|chats?)\b"
)
"""What makes a commentary together with people of `SPEAKERS` beside it, and nothing alone (`No Comment`)."""

EDITIONS = r"\b(?:directors?(?: s)?|producers?(?: s)?) (?:cut|edition|version)\b"
"""Names of editions, which hold people of `SPEAKERS` and say nothing of a commentary."""

NEGATIONS = r"\b(?:no|non|not|without|ohne|sans|sin|senza|sem|bez|без|utan|uten|uden|zonder|ilman|brez)\b"
"""What turns a word for commentary around: `Stadium sound (no commentary)`."""

DESCRIPTION_WORDS: dict[str, tuple[str, ...]] = {
    "eng": (
        r"\baudio ?desc",
        r"\bdescriptive\b",
        r"\bdescriptions?\b",
        r"\bdescribed\b",
        r"\bdvs\b",
        r"\bvis(?:ual|ually|ion) impair",
        r"\bsight impair",
        r"\bpartially sighted\b",
        r"\bfor (?:the )?blind\b",
    ),
    "fra": (r"\baudio ?decri", "malvoyant", r"\bpour (?:les )?aveugles\b", r"\bnon voyants?\b"),
    "spa por cat ron ita nld": (
        r"\baudio ?descr",
        r"\binvidentes?\b",
        r"\bpara (?:ciegos|cegos)\b",
        r"\bdeficientes? visua",
        r"\bnon vedenti\b",
        "ipovedent",
        "slechtziend",
        r"\bvoor blinden\b",
    ),
    "deu": (
        r"audio ?deskri",
        r"\bhoe?rf(?:ilm|assung)",
        "bildbeschreibung",
        "sehbehindert",
        "sehgesch",
        r"\bfue?r blinde",
    ),
    "pol ces slk": (
        r"audio ?deskryp",
        "niewidom",
        "niewidz",
        r"\bzvukovy popis",
        r"\baudio ?popis",
        "nevidom",
        "nevidiac",
    ),
    "rus ukr": ("аудио ?дескри", "аудио ?описан", "аудіо ?дескри", "тифло", "слабовидящ", "незряч"),
    "swe dan nob nno": (r"syns?tolk", "synskad", "synshem", "lydbeskriv"),
    "fin": ("kuvailutulk", "aanikuvail", "nakovamm"),
    "hun": ("audio ?narrac", r"\bnarracio vakok", "latasserult", r"\bvakok es\b"),
    "tur": ("betimleme", "gorme engelli"),
    "ell": ("ακουστικη περιγραφη",),
    "heb": ("תיאור קולי",),
    "ara": ("وصف صوتي", "الوصف الصوتي"),
    "jpn": ("音声ガイド", "解説放送", "視覚障害", "バリアフリー"),
    "zho": ("口述影像", "无障碍", "無障礙", "视障", "視障"),
    "kor": ("화면 ?해설", "시각 ?장애"),
}
"""Words that make a track an audio description."""

# "AD" in capitals stands for audio description where it is a word of its own at the end, before a bracket or
# before the form of the sound; not in "AD ASTRA" or "79 AD".
_AD = re.compile(
    r"(?:^|(?<!\d\d)[\s\-_(\[/|,.:])AD"
    r"(?:\s*$|\s*[\])/|,;:\-–(\[]|\s+(?:\d|(?i:stereo|mono|surround|track|mix)\b))"
)
_LONGEST_TITLE = 500
"""What stands behind so many characters of a title is not looked at."""


@lru_cache(maxsize=16384)
def is_commentary(title: str) -> bool:
    """Return whether the title of an audio track says that people talk over the film."""
    folded = _NEGATED.sub(" ", fold(title))
    if _COMMENTARY.search(folded):
        return True
    people = _EDITIONS.sub(" ", folded)
    return bool(_SPEAKERS.search(people) and _SPEAKING.search(people))


@lru_cache(maxsize=16384)
def is_description(title: str) -> bool:
    """Return whether the title of an audio track says that it describes the picture to the blind."""
    return bool(_DESCRIPTION.search(fold(title)) or _AD.search(title[:_LONGEST_TITLE]))


def fold(title: str) -> str:
    """Return the words of `title` one blank apart, without case, accents and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", _without_accents(title[:_LONGEST_TITLE].casefold())))


def _without_accents(text: str) -> str:
    """Strip the accents of the Latin, Greek and Cyrillic scripts; Japanese and Korean keep their marks."""
    marked = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", re.sub(r"[\u0300-\u036f]", "", marked))


def _any_of(table: dict[str, tuple[str, ...]]) -> str:
    return _without_accents("|".join(word for words in table.values() for word in words))


_COMMENTARY = re.compile(_any_of(COMMENTARY_WORDS))
_DESCRIPTION = re.compile(_any_of(DESCRIPTION_WORDS))
_NEGATED = re.compile(rf"{NEGATIONS} (?:\w+ )?\w*(?:{_any_of(COMMENTARY_WORDS)})\w*")
_EDITIONS = re.compile(EDITIONS)
_SPEAKERS = re.compile(SPEAKERS)
_SPEAKING = re.compile(SPEAKING)
