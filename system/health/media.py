"""What is wrong with media and their files: one issue for each cause, however many it strikes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from library.issues import Issue, Severity, counted, named
from library.models import File, FileProblem, Kind, Media

from .grouping import Group, grouped

FIGHT = 3
"""Rounds after which the reconcile stops to send a tag that comes undone (`scanner.reconcile.ROUNDS`)."""

NO_AUDIO = "no-audio"
"""The reason code of a file without an audio track (`scanner.file_verdict.Reason`)."""

_FILES = {
    FileProblem.UNREADABLE: (
        "cannot be read",
        "What cannot be read is left out of the verdict until it changes.",
        "Replace it, or delete it.",
    ),
    FileProblem.BAD_NAME: (
        "cannot be opened: the name is not valid UTF-8",
        "What cannot be opened is left out of the verdict.",
        "Rename it.",
    ),
    FileProblem.UNREACHABLE: (
        "could not be reached",
        "What was known before still counts; media never read before wait.",
        "Check the mount and the permissions, then scan again.",
    ),
}


def looked_after() -> QuerySet[Media]:
    """Return the media that are to be scanned and tagged."""
    return Media.objects.filter(instance__enabled=True, excluded=False, excluded_by="")


def not_scanned() -> Iterator[Issue]:
    """Yield an issue for every reason why media could not be scanned (a folder that is offline, for one)."""
    unreached = File.objects.filter(media=OuterRef("pk"), problem=FileProblem.UNREACHABLE)
    rows = looked_after().exclude(scan_error="").filter(~Exists(unreached))
    for group in grouped(rows, ("instance__name", "instance__kind", "scan_error"), "title"):
        source, kind, sentence = group.key
        yield Issue(
            source=source,
            severity=Severity.ERROR,
            what=sentence,
            meaning=f"{_media(group, kind)} could not be scanned: {named(group.first, group.total)}. "
            "What was known before stays.",
            remedy="Mend that; the next scan tries again.",
        )


def bad_files() -> Iterator[Issue]:
    """Yield an issue for every instance and every kind of file without facts."""
    problems = File.objects.filter(media__in=looked_after(), problem__in=list(_FILES))
    for group in grouped(problems, ("media__instance__name", "problem"), "path"):
        source, problem = group.key
        what, meaning, remedy = _FILES[FileProblem(problem)]
        yield _about_files(group, source, what, meaning, remedy)
    silent = File.objects.filter(media__in=looked_after(), problem="", counted=True, verdict="unknown")
    for group in grouped(silent.filter(reason__reason=NO_AUDIO), ("media__instance__name",), "path"):
        meaning = "It is left out of the verdict until it changes."
        yield _about_files(
            group, group.key[0], "without an audio track", meaning, "Replace it, or delete it."
        )


def undone_tags() -> Iterator[Issue]:
    """Yield an issue for the media of an instance whose tags come undone again and again."""
    rows = looked_after().filter(dirty=True, reconcile_rounds__gte=FIGHT)
    for group in grouped(rows, ("instance__name", "instance__kind"), "title"):
        source, kind = group.key
        media = _media(group, kind)
        yield Issue(
            source=source,
            severity=Severity.WARNING,
            what=f"The tags of {media} came undone {FIGHT} times: {named(group.first, group.total)}.",
            meaning="A rule in the app, or another program, takes them off; Taggarr writes them no more.",
            remedy="Find that rule (auto tagging, in the app's settings), then scan these media again.",
        )


def not_written() -> Iterator[Issue]:
    """Yield an issue for every reason why tags or NFO files could not be written."""
    failed = Media.objects.filter(~Q(reconcile_error=""), instance__enabled=True, dirty=True)
    for group in grouped(failed, ("instance__name", "instance__kind", "reconcile_error"), "title"):
        source, kind, sentence = group.key
        yield Issue(
            source=source,
            severity=Severity.WARNING,
            what=sentence,
            meaning=f"The tags or the NFO of {_media(group, kind)} could not be written: "
            f"{named(group.first, group.total)}.",
            remedy="Mend that; the next scan tries again.",
        )


def _about_files(group: Group, source: str, what: str, meaning: str, remedy: str) -> Issue:
    names = [path.replace("\\", "/").rsplit("/", 1)[-1] for path in group.first]
    files = counted(group.total, "file", "files")
    return Issue(
        source=source,
        severity=Severity.WARNING,
        what=f"{files} {what}: {named(names, group.total)}.",
        meaning=meaning,
        remedy=remedy,
    )


def _media(group: Group, kind: str) -> str:
    return counted(group.total, "movie", "movies") if kind == Kind.RADARR else f"{group.total} series"
