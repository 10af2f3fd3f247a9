"""What is wrong with media and their files: one issue for each cause, however many it strikes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from core.issues import Action, Group, Issue, Severity, grouped, named
from core.words import Phrase
from library.models import SERIES_KINDS, Media, included
from library.paths import last_part
from scanner.health.roots import is_outdated
from scanner.models import FileProblem, FileScanState, Verdict
from scanner.scan.reconcile import ROUNDS
from scanner.verdict.file import Reason

NAMED_FILES = 25
"""So many bad files are named: each has to be mended by itself."""


@dataclass(frozen=True, slots=True)
class FileTrouble:
    """What to say of files that share one kind of trouble; `what` is a code with `number` and `names`."""

    what: str
    meaning: Promise
    remedy: Promise


_FILES = {
    FileProblem.UNREADABLE: FileTrouble(
        "files.unreadable",
        gettext_lazy("What cannot be read is left out of the verdict until it changes."),
        gettext_lazy("Replace it, or delete it."),
    ),
    FileProblem.BAD_NAME: FileTrouble(
        "files.bad-name",
        gettext_lazy("What cannot be opened is left out of the verdict."),
        gettext_lazy("Rename it."),
    ),
    FileProblem.UNREACHABLE: FileTrouble(
        "files.unreached",
        gettext_lazy(
            "What was known before still counts; what was never read is left out of the verdict until it can"
            " be reached."
        ),
        gettext_lazy("Check the mount and the permissions, then scan again."),
    ),
}
_SILENT = FileTrouble(
    "files.silent",
    gettext_lazy("It is left out of the verdict until it changes."),
    gettext_lazy("Replace it, or delete it."),
)


_OF_CONNECTION = ("connection_id", "connection__name", "connection__kind")
_CONNECTION = ("file__media__connection_id", "file__media__connection__name")


def looked_after() -> QuerySet[Media]:
    return Media.objects.filter(included(), connection__enabled=True)


def not_scanned() -> Iterator[Issue]:
    """Yield an issue for every reason why media could not be scanned (a folder that is offline, for one)."""
    unreached = FileScanState.objects.filter(file__media=OuterRef("pk"), problem=FileProblem.UNREACHABLE)
    rows = looked_after().exclude(scan_state__scan_error="").filter(~Exists(unreached))
    for group in grouped(rows, (*_OF_CONNECTION, "scan_state__scan_error"), "title"):
        pk, source, kind, sentence = group.key
        if is_outdated(source, sentence):
            continue
        yield Issue(
            source=source,
            severity=Severity.ERROR,
            what=sentence,
            meaning=ngettext(
                "%(media)s could not be scanned: %(names)s. What was known before stays.",
                "%(media)s could not be scanned: %(names)s. What was known before stays.",
                group.total,
            )
            % _shown(group, kind),
            remedy=gettext("Fix that, then scan again."),
            action=_scan(pk, source),
        )


def bad_files() -> Iterator[Issue]:
    files = FileScanState.objects.filter(file__media__in=looked_after())
    problems = files.filter(problem__in=list(_FILES))
    for group in grouped(problems, (*_CONNECTION, "problem"), "file__path", NAMED_FILES):
        yield _about_files(group, _FILES[FileProblem(group.key[2])], "unreadable")
    silent = files.filter(problem="", counted=True, verdict=Verdict.UNKNOWN, reason__reason=Reason.NO_AUDIO)
    for group in grouped(silent, _CONNECTION, "file__path", NAMED_FILES):
        yield _about_files(group, _SILENT, "undetermined")


def undone_tags() -> Iterator[Issue]:
    """Yield an issue for the media of an instance whose tags come undone again and again."""
    rows = looked_after().filter(scan_state__dirty=True, scan_state__reconcile_rounds__gte=ROUNDS)
    for group in grouped(rows, _OF_CONNECTION, "title"):
        pk, source, kind = group.key
        yield Issue(
            source=source,
            what=Phrase(
                "tags.undone", titles=_media(group, kind), times=ROUNDS, names=named(group.first, group.total)
            ),
            meaning=gettext(
                "A rule in the app, or another program, takes them off; Taggarr writes them no more."
            ),
            remedy=gettext(
                "Find that rule (auto tagging, in the app's settings), then scan these titles again."
            ),
            action=_waiting(pk),
        )


def not_written() -> Iterator[Issue]:
    """Yield an issue for every reason why tags or NFO files could not be written."""
    dirty = Media.objects.filter(connection__enabled=True, scan_state__dirty=True)
    failed = dirty.exclude(scan_state__reconcile_error="")
    for group in grouped(failed, (*_OF_CONNECTION, "scan_state__reconcile_error"), "title"):
        pk, source, kind, sentence = group.key
        yield Issue(
            source=source,
            what=sentence,
            meaning=gettext("The tags or the NFO of %(media)s could not be written: %(names)s.")
            % _shown(group, kind),
            remedy=gettext("Fix that; the next scan tries again."),
            action=_waiting(pk),
        )


def _scan(connection: int, name: str) -> Action:
    command = f"manage.py scan {shlex.quote(name)}"
    return Action(gettext("Scan now"), "instance_scan", (connection,), posts=True, command=command)


def _waiting(connection: int) -> Action:
    return Action(gettext("Show these titles"), "library", query=f"?instance={connection}&state=waiting")


def _about_files(group: Group, trouble: FileTrouble, wanted: str) -> Issue:
    """An issue with files of one connection; they stand in a list of Wanted."""
    names = [last_part(path) for path in group.first]
    connection, source, *_ = group.key
    shown = Action(gettext("Show these files"), "wanted_list", (wanted,), query=f"?instance={connection}")
    return Issue(
        source=source,
        what=Phrase(trouble.what, number=group.total, names=named(names, group.total, NAMED_FILES)),
        meaning=str(trouble.meaning),
        remedy=str(trouble.remedy),
        action=shown,
    )


def _media(group: Group, kind: str) -> Phrase:
    if kind in SERIES_KINDS:
        return Phrase("titles.series", number=group.total)
    return Phrase("titles.movies", number=group.total)


def _shown(group: Group, kind: str) -> dict[str, str]:
    """How many media a group holds, and the first of them, in the language of the page."""
    return {"media": _media(group, kind).told, "names": named(group.first, group.total).told}
