"""What pages tell of imports: their rows, as somebody's list has them, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from catalogue.entries import entry_of
from catalogue.fitting import fitting
from catalogue.formats.contract import Row
from catalogue.imports.foreseeing import Foreseen
from catalogue.imports.services import IMPORT, UNDO
from catalogue.models import Import, ImportRow, Outcome, Work
from catalogue.pages.names import KIND, SCHEMES
from catalogue.values import CREATOR, Entry
from core.features import Text
from core.words import Phrase
from jobs.listing import progress
from jobs.models import LIVE_JOB, ItemState, Job

MOST_CODES = 4


@dataclass(frozen=True, slots=True)
class Told:
    """What a row tells, as far as somebody knows a thing again by it; `fault` is why it cannot be read."""

    title: str = ""
    kind: Text = ""
    year: int | None = None
    makers: tuple[str, ...] = ()
    series: str = ""
    form: str = ""
    numbers: tuple[tuple[Text, str], ...] = ()
    place: str = ""
    fault: Phrase | None = None


def told_of(row: Row) -> Told:
    if not isinstance(row, Entry):
        return Told(fault=Phrase(f"catalogue.row-{row.wrong}", text=row.detail))
    row = fitting(row)
    work, edition = row.work, row.edition
    return Told(
        work.title,
        KIND[work.kind],
        work.year,
        tuple(one.name for one in work.people if one.role is CREATOR[work.kind]),
        f"{work.series} {work.position}".strip(),
        ", ".join(filter(None, (edition.name, edition.format, edition.publisher))),
        tuple((SCHEMES[code.scheme], code.value) for code in row.codes[:MOST_CODES]),
        row.copy.place if row.copy else "",
    )


def told_of_stored(row: ImportRow) -> Told:
    """What a row that is written down tells."""
    return told_of(entry_of(row.entry)) if row.entry else Told(fault=Phrase.of(row.error))


@dataclass(frozen=True, slots=True)
class First:
    """One of the first rows of a file: what it tells, and what it would become."""

    told: Told
    state: str
    work: Work | None


def first_of(found: list[Foreseen]) -> list[First]:
    return [First(told_of(one.row), one.state.value, one.work) for one in found]


@dataclass(frozen=True, slots=True)
class Doing:
    """The job that imports a file or takes that back, and how far it is: in rows, or in parts of the work.

    While the file is still read, nobody knows how much there is: `total` is 0.
    """

    job: Job
    done: int
    total: int

    @property
    def is_undo(self) -> bool:
        return self.job.name == UNDO


def doing(of: Import) -> Doing | None:
    """What is being done about an import; None where nothing is."""
    jobs = Job.objects.filter(name__in=(IMPORT, UNDO), params__import=of.pk, state__in=LIVE_JOB)
    if (job := jobs.order_by("-pk").first()) is None:
        return None
    counts = progress(job.pk)
    if job.name == UNDO or not counts["total"]:
        waiting = counts[ItemState.PENDING] + counts[ItemState.CLAIMED]
        return Doing(job, counts["total"] - waiting, counts["total"])
    pending = Count("pk", filter=Q(outcome=Outcome.PENDING))
    rows = of.rows.order_by().aggregate(total=Count("pk"), pending=pending)
    return Doing(job, rows["total"] - rows["pending"], rows["total"])


def outcomes(counts: Mapping[str, int]) -> list[tuple[str, Text, int]]:
    """The rows of an import by what became of them."""
    return [(one.value, one.label, counts[one.value]) for one in Outcome if counts.get(one.value)]
