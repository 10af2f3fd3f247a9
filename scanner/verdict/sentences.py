"""Why a verdict is what it is: phrases, made where they are shown from the codes that are stored with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.words import Phrase
from scanner.languages.codes import NO_SPEECH, SEVERAL
from scanner.verdict.counting import Dropped, Why
from scanner.verdict.file import Reason, Verdict
from scanner.verdict.rollup import FILES_IN_SENTENCE, RollUpReason

if TYPE_CHECKING:
    from library.models import Media

Stored = Mapping[str, Any]


def file_sentence(reason: Stored) -> Phrase:
    """Why a file has its verdict; `reason` is what is stored with it (`FileVerdict.to_json`)."""
    decided = _decided(reason)
    assumed, languages = reason.get("assumed"), reason.get("languages") or []
    if assumed is None or not languages:
        return decided
    code = reason.get("assumed_code", "")
    how = "several" if code == SEVERAL else "by-code" if code else "by-nothing"
    parts = {"why": decided, "number": assumed + 1, "language": Phrase("language.name", code=languages[0])}
    return Phrase(f"file.assumed-{how}", **parts, **({"code": code} if how == "by-code" else {}))


def media_sentence(media: Media) -> str:
    """Why a title has its verdict, empty where it has none."""
    reason: Stored = media.scan_state.verdict_reason
    return title_sentence(reason) if "code" in reason else ""


def verdict_changed(media: Media, after: str, reason: Stored) -> Phrase:
    """What history tells of a title that gets another verdict."""
    before, parts = media.scan_state.verdict, {"title": media.title, "why": title_sentence(reason)}
    if before == Verdict.UNKNOWN:
        return Phrase("verdict.first", after=_verdict(after), **parts)
    return Phrase("verdict.changed", before=_verdict(before), after=_verdict(after), **parts)


def why_dropped(track: Dropped) -> Phrase:
    """Why an audio track does not count."""
    code = {"code": track.code} if track.why == Why.UNKNOWN_CODE else {}
    parts = {"number": track.index + 1, "why": Phrase(f"track.{track.why}", **code)}
    if track.title:
        return Phrase("track.dropped-by-name", title=track.title, **parts)
    return Phrase("track.dropped", **parts)


def title_sentence(reason: Stored) -> Phrase:
    """Why a title has its verdict, by what is stored with it (`RollUp.reason`)."""
    code, unknown = reason["code"], int(reason["unknown_total"])
    if code == RollUpReason.NO_FILES:
        return Phrase("title.no-files")
    if code == RollUpReason.ALL_LEFT_OUT:
        causes = [Phrase(f"left-out.{cause}", number=count) for cause, count in reason["left_out"].items()]
        return Phrase("title.all-left-out", causes=causes)
    if code == RollUpReason.NOTHING_KNOWN:
        first = file_sentence(reason["first"])
        return Phrase("title.nothing-known", number=unknown, first=first) if unknown > 1 else Phrase.of(first)
    known = file_sentence(reason["first"]) if reason["first"] else _several(reason)
    return Phrase("title.some-unknown", why=known, number=unknown) if unknown else Phrase.of(known)


def _several(reason: Stored) -> Phrase:
    code, known, deciding = reason["code"], int(reason["files_counted"]), int(reason["files_total"])
    files = _listed([file["name"] for file in reason["files"][:FILES_IN_SENTENCE]], deciding)
    share = {"number": deciding, "known": known, "files": files}
    if code == RollUpReason.WRONG_FILES:
        return Phrase("title.wrong-files", **share, extra=_languages(reason["extra"], "or"))
    if code == RollUpReason.SOME_DUB:
        return Phrase("title.some-dub", **share, missing=_languages(reason["missing"], "or"))
    if code == RollUpReason.ALL_DUB:
        return Phrase("title.all-dub", number=known, wanted=_languages(reason["wanted"]))
    if all(file["reason"] == Reason.NATIVE for file in reason["files"]):
        return Phrase("title.native", number=known, wanted=_languages(reason["wanted"]))
    return Phrase("title.none-dub", number=known, missing=_languages(reason["missing"], "or"))


def _listed(names: list[str], total: int) -> Phrase:
    more = total - len(names)
    return Phrase("list.more", names=names, number=more) if more > 0 else Phrase("list.all", names=names)


def _decided(reason: Stored) -> Phrase:
    code = reason.get("reason", "")
    if code == Reason.NO_LANGUAGE:
        return _no_language(reason)
    if code == Reason.NO_DUB and [str(code) for code in reason["languages"]] == [str(NO_SPEECH)]:
        return Phrase("file.no-speech")
    parts = {name: _languages(reason[name]) for name in _PARTS.get(code, ())}
    return Phrase(f"file.{code}", **parts)


def _no_language(reason: Stored) -> Phrase:
    dropped = reason.get("dropped", [])
    causes = {track.get("why") for track in dropped}
    if Why.ORIGINAL_UNKNOWN in causes:
        return Phrase("file.original-alone")
    if codes := list(dict.fromkeys(track["code"] for track in dropped if track.get("code"))):
        return Phrase("file.unknown-codes", codes=codes)
    return Phrase("file.unnamed" if Why.NO_LANGUAGE in causes else "file.commentaries")


def _languages(codes: Iterable[str], joint: str = "and") -> Phrase:
    return Phrase(f"language.{joint}", codes=[str(code) for code in codes])


def _verdict(verdict: str) -> Phrase:
    return Phrase("verdict.name", verdict=str(verdict))


_PARTS = {
    Reason.ORIGINAL_UNKNOWN: ("languages", "missing"),
    Reason.ONLY_OTHERS: ("extra", "missing"),
    Reason.EXTRA_FORBIDDEN: ("extra",),
    Reason.NATIVE: ("present",),
    Reason.ALL_TARGETS: ("present",),
    Reason.SOME_TARGETS: ("present", "missing"),
    Reason.NO_DUB: ("languages", "missing"),
}
"""The languages that the sentence of a rule names."""
