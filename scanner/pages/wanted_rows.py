"""The lists of files that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from library.models import File, included
from scanner.models import HARMLESS, Verdict

PAGE = 50


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


@dataclass(frozen=True, slots=True)
class WantedPage:
    files: list[File]
    total: int
    number: int
    pages: int


def wanted_list(slug: str) -> WantedList | None:
    return next((one for one in LISTS if one.slug == slug), None)


def wanted_page(wanted: WantedList, number: int, *, connection: int = 0) -> WantedPage:
    """Return one page of a list, by title; of one instance where one is given. Three queries."""
    files = _files(wanted)
    if connection:
        files = files.filter(media__connection_id=connection)
    total = files.count()
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    # Only ids are sorted: whole rows of a large library would be sorted on disk.
    ordered = files.order_by("media__sort_title", "media_id", "season__number", "path")
    ids = list(ordered.values_list("pk", flat=True)[(number - 1) * PAGE : number * PAGE])
    chosen = File.objects.select_related("media__connection", "season", "scan_state")
    rows = chosen.defer("scan_state__tracks").in_bulk(ids)
    return WantedPage([rows[pk] for pk in ids if pk in rows], total, number, pages)


def _files(wanted: WantedList) -> QuerySet[File]:
    counted = File.objects.filter(wanted.which, included("media__"), scan_state__counted=True)
    return counted.exclude(_left_out())


def _left_out() -> Q:
    """Those of seasons that the policy in force keeps out of the verdict (`verdict.rollup.why_left_out`)."""
    own, common = "media__scan_state__policy_override", "media__connection__scan_settings__policy"
    specials, unmonitored = Q(), Q()
    for policy, is_set in ((own, False), (common, True)):
        in_force = Q((f"{own}__isnull", is_set))
        specials |= in_force & Q((f"{policy}__include_specials", False))
        unmonitored |= in_force & Q((f"{policy}__only_monitored", True))
    return (Q(season__number=0) & specials) | (Q(season__monitored=False) & unmonitored)
