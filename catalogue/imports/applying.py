"""What rows of an import become: matched with what is there, new, or left for a person to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from catalogue import values
from catalogue.becoming import Becoming, lock
from catalogue.entries import entry_of
from catalogue.fitting import fitting
from catalogue.imports.parting import parted
from catalogue.matching import Basis, Decision, Part, Ranked, State, decide, described
from catalogue.models import (
    Candidate,
    Copy,
    Edition,
    Import,
    ImportRow,
    Library,
    Mode,
    Outcome,
    SourceLink,
)
from catalogue.shelf import Held, Shelf, folded, links_of
from catalogue.writing import new
from core import sql
from core.errors import ConfigError
from core.words import Phrase

NO_MATCH = "identifier_no_match"
"""The basis of a new work whose numbers nobody here had."""

MOST_CANDIDATES = 9
_WRITTEN = ("outcome", "basis", "score", "reasons", "work", "copy", "error")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided of a row: that it is of this work, or of none that is there."""

    work: int | None


Understood = list[tuple[ImportRow, values.Entry]]
"""Rows with what they say, as far as it fits."""


def understood(rows: Iterable[ImportRow]) -> Understood:
    """Understand rows, and fold what they are found by: what needs no lock, and is half of the work."""
    told = [(row, fitting(entry_of(row.entry))) for row in rows]
    for _, entry in told:
        folded(entry.work.title)
    return told


@transaction.atomic
def apply(of: Import, told: Understood, choices: Mapping[int, Choice] | None = None) -> None:
    """Have rows of an import become what they are, and write down what that was; `choices` are by row ids."""
    lock()
    for library, rows in parted(of, told, lambda one: one[1]).items():
        if library is None:
            _refuse(rows)
        else:
            _Applying(of, library, rows, choices or {}).run()


def _refuse(told: Understood) -> None:
    """Leave rows out of which nobody here may know: their library is its members' alone, and not here."""
    for row, entry in told:
        name = entry.kept.library if entry.kept else ""
        row.outcome, row.error = Outcome.FAILED, Phrase("catalogue.row-no-library", name=name)
    sql.update([row for row, _ in told], _WRITTEN)


class _Applying:
    def __init__(self, of: Import, library: Library, told: Understood, choices: Mapping[int, Choice]) -> None:
        self.of, self.library, self.choices = of, library, choices
        self.user: User | None = of.made_by
        self.told = told
        names = {row.known_as for row, _ in told}
        self.links = links_of(library, self.user, of.format, names)
        self.waiting = _waiting(of, names)
        self.candidates: list[Candidate] = []
        # What our own archive calls the works that are here: to it, one called otherwise is another one.
        self.called: dict[int, set[str]] = defaultdict(set)
        self.works: dict[str, int] = {}

    def run(self) -> None:
        told = [(row, entry) for row, entry in self.told if not self._is_as_before(row)]
        known = {link.work_id for link in self.links.values()}
        known |= {choice.work for choice in self.choices.values() if choice.work}
        self.shelf = Shelf(self.library, self.user, (entry for _, entry in told), known if told else ())
        self.becoming = Becoming(self.of, self.shelf)
        self._claim()
        for row, entry in told:
            self._become(row, entry)
        self.becoming.writing.flush()
        rows = [row for row, _ in self.told]
        sql.update(rows, _WRITTEN)
        Candidate.objects.filter(row__in=list(self.choices)).delete()
        sql.insert(self.candidates)

    def _is_as_before(self, row: ImportRow) -> bool:
        """Whether a row says what it said when it came before; then nothing is to be looked at."""
        link = self.links.get((row.known_as, row.occurrence))
        if link is None or link.digest != row.digest:
            return False
        row.outcome, row.basis, row.score = Outcome.UNCHANGED, Basis.SOURCE, 1.0
        row.work_id, row.copy_id = link.work_id, link.copy_id
        return True

    def _claim(self) -> None:
        """Find which copies are rows of this list already, and what our archive calls works and editions."""
        copies = [copy.pk for held in self.shelf.held.values() for copy in held.copies]
        links = SourceLink.objects.filter(user=self.user, source=self.of.format)
        claimed = links.filter(copy__in=copies).values_list("copy", flat=True)
        self.becoming.claimed |= {pk for pk in claimed if pk}
        if not any(entry.kept for _, entry in self.told):
            return
        for link in links.filter(work__in=list(self.shelf.held)):
            self._call(link)
            if link.edition_id:
                self.becoming.called[link.edition_id] = link.known_as

    def _become(self, row: ImportRow, entry: values.Entry) -> None:
        link = self.links.get((row.known_as, row.occurrence))
        row.outcome, row.error = Outcome.UNCHANGED, ""
        held, is_decided = self._chosen(row, entry, link)
        if not is_decided:
            return
        if held is None:
            row.outcome = Outcome.CREATED
        elif self.of.mode == Mode.SKIP and row.pk not in self.choices:
            row.outcome, row.work_id = Outcome.SKIPPED, held.work.pk
            return
        held, edition, copy = self.becoming.become(entry, held, link)
        row.work_id = held.work.pk
        row.copy_id = copy.pk if copy else None
        if row.outcome != Outcome.CREATED and held.is_touched:
            row.outcome = Outcome.UPDATED
        held.is_touched = held.is_new = False
        self._link(row, held, edition, copy)

    # Which work it is

    def _chosen(
        self, row: ImportRow, entry: values.Entry, link: SourceLink | None
    ) -> tuple[Held | None, bool]:
        """The work that a row is of, None for a new one; and whether that is decided."""
        if choice := self.choices.get(row.pk):
            if choice.work and choice.work not in self.shelf.held:
                raise ConfigError("catalogue.no-work")
            return (self.shelf.held[choice.work] if choice.work else None), True
        if (row.known_as, row.occurrence, row.digest) in self.waiting:
            row.outcome, row.error = Outcome.SKIPPED, Phrase("catalogue.row-waits")
            return None, False
        # Rows that are called the same are of one work: the second of two equal ones is another copy.
        before = link or self.links.get((row.known_as, 1))
        if work := before.work_id if before else self._kept(entry):
            row.basis, row.score = Basis.SOURCE, 1.0
            held = self.shelf.held.get(work)
            if held is None:
                row.outcome, row.error = Outcome.SKIPPED, Phrase("catalogue.row-in-trash")
            return held, held is not None
        return self._matched(row, entry)

    def _kept(self, entry: values.Entry) -> int | None:
        """The work that our own archive calls so, of which another edition came before."""
        return self.works.get(entry.kept.work) if entry.kept else None

    def _call(self, link: SourceLink) -> None:
        name = link.known_as.rpartition(":")[0]
        self.called[link.work_id].add(name)
        self.works[name] = link.work_id

    def _matched(self, row: ImportRow, entry: values.Entry) -> tuple[Held | None, bool]:
        alike = self.shelf.candidates(entry)
        if entry.kept:
            house = _house(entry.kept.work)
            alike = [one for one in alike if house not in map(_house, self.called[int(one.id)])]
        found = decide(described(entry, self.of.format), alike)
        best = found.ranked[0].match if found.ranked else None
        row.score = best.score if best else 0.0
        row.reasons = _told(best.parts) if best else []
        row.basis = best.basis if best else (NO_MATCH if entry.codes else "")
        if found.state is State.REVIEW:
            row.outcome = Outcome.REVIEW
            self._doubt(row, found)
            return None, False
        return (self.shelf.held[int(found.ranked[0].id)] if found.state is State.LINK else None), True

    def _doubt(self, row: ImportRow, found: Decision) -> None:
        """Keep the works that a row may be of, but for those that it is the first to bring."""
        ranked: list[Ranked] = list(found.ranked[:MOST_CANDIDATES])
        self.candidates += [
            Candidate(row_id=row.pk, work_id=int(one.id), score=one.match.score, parts=_told(one.match.parts))
            for one in ranked
        ]

    # What is written

    def _link(self, row: ImportRow, held: Held, edition: Edition | None, copy: Copy | None) -> None:
        key = (row.known_as, row.occurrence)
        link = self.links.get(key) or new(
            SourceLink,
            library_id=self.library.pk,
            user_id=self.of.made_by_id,
            source=self.of.format,
            known_as=row.known_as,
            occurrence=row.occurrence,
        )
        link.work_id, link.digest = held.work.pk, row.digest
        link.edition_id, link.copy_id = edition.pk if edition else None, copy.pk if copy else None
        if key in self.links:
            self.becoming.writing.change(link, ["work", "digest", "edition", "copy"])
        else:
            self.becoming.writing.add(link)
            self.links[key] = link
        if row.entry.get("kept"):
            self._call(link)
        self.becoming.writing.touched(held.work)


def _house(name: str) -> str:
    return name.partition(":")[0]


def _waiting(of: Import, names: set[str]) -> set[tuple[str, int, str]]:
    """The rows with these names that wait for a decision since an import before: nobody is asked twice."""
    rows = ImportRow.objects.filter(outcome=Outcome.REVIEW, known_as__in=names).exclude(of=of)
    same = rows.filter(
        of__library=of.library_id, of__made_by=of.made_by, of__format=of.format, of__undone_at=None
    )
    return set(same.values_list("known_as", "occurrence", "digest"))


def _told(parts: Sequence[Part]) -> list[list[str]]:
    return [[part.what.value, part.how.value, part.detail] for part in parts]
