"""The lists of files that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from library.models import File, Season, included
from scanner.models import HARMLESS, Policy, ScanSettings, Verdict
from web.keyset import Key, RowsPage, rows_page

BY_TITLE = (
    Key("media__sort_title"),
    Key("media_id"),
    Key("season__number", nullable=True),
    Key("episodes"),
    Key("pk"),
)


@dataclass(frozen=True, slots=True)
class WantedList:
    """One list: its name in addresses, its title, what it means, and which files are in it."""

    slug: str
    title: str | Promise
    meaning: str | Promise
    which: Q


LISTS = (
    WantedList(
        "missing",
        _("Missing dub"),
        _("Files that lack a language you want."),
        Q(scan_state__verdict__in=[Verdict.ORIGINAL, Verdict.SEMI_DUB]),
    ),
    WantedList(
        "wrong",
        _("Wrong dub"),
        _("Files dubbed in a language that you do not want, without one that you do."),
        Q(scan_state__verdict=Verdict.WRONG_DUB),
    ),
    WantedList(
        "undetermined",
        _("Undetermined"),
        _("Files that were read, but whose tracks or original language are not known."),
        Q(
            scan_state__verdict=Verdict.UNKNOWN,
            scan_state__problem__in=HARMLESS,
            scan_state__probed_at__isnull=False,
        ),
    ),
    WantedList(
        "unreadable",
        _("Unreadable"),
        _("Files that could not be read: damaged, not to be reached, or with a name that is not valid."),
        ~Q(scan_state__problem__in=HARMLESS),
    ),
)


def wanted_list(slug: str) -> WantedList:
    return next(one for one in LISTS if one.slug == slug)


def wanted_page(wanted: WantedList, at: str, *, connection: int = 0) -> tuple[RowsPage[File], int]:
    """Return one page of a list, by title, and how many files there are; of one instance where one is given.

    Three queries, and up to four of policies.
    """
    files = _files(wanted)
    if connection:
        files = files.filter(media__connection_id=connection)
    rows = files.select_related("media__connection", "season", "scan_state").defer("scan_state__tracks")
    return rows_page(rows, BY_TITLE, at), files.count()


def _files(wanted: WantedList) -> QuerySet[File]:
    counted = File.objects.filter(wanted.which, included("media__"), scan_state__counted=True)
    counted = _without(
        counted, Season.objects.filter(number=0), Policy.objects.filter(include_specials=False)
    )
    return _without(
        counted, Season.objects.filter(monitored=False), Policy.objects.filter(only_monitored=True)
    )


def _without(files: QuerySet[File], seasons: QuerySet[Season], policies: QuerySet[Policy]) -> QuerySet[File]:
    """Those but for files of seasons that these policies, where they are in force, keep out of the verdict
    (`verdict.rollup.why_left_out`). By ids: joins of policies and seasons take as long as all the rest.
    """
    ids = list(policies.values_list("pk", flat=True))
    if not ids:
        return files
    connections = list(ScanSettings.objects.filter(policy__in=ids).values_list("pk", flat=True))
    own = "media__scan_state__policy_override"
    in_force = Q((f"{own}__in", ids)) | Q((f"{own}__isnull", True), media__connection__in=connections)
    return files.exclude(Q(season__in=seasons) & in_force)
