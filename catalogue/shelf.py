"""The works that rows may be of, as they are in memory while an import looks at some rows together.

What is asked for is read in a few queries for all rows; what becomes new is found by the rows after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet

from accounts.models import User
from catalogue import scope, values
from catalogue.codes import Code, Scheme, looked_up_as
from catalogue.fitting import LONGEST_WORD
from catalogue.folding import fold, parsed
from catalogue.matching import Candidate, Description, described
from catalogue.models import (
    Contribution,
    Copy,
    Edition,
    Identifier,
    Library,
    Play,
    Progress,
    Season,
    SourceLink,
    Work,
    WorkTerm,
)
from core import sql

MOST_ALIKE = 50
"""Works with one title that a row is compared with."""

_OF_WORK = frozenset({Scheme.IMDB, Scheme.TMDB_MOVIE, Scheme.TMDB_TV, Scheme.TVDB, Scheme.IGDB})


@dataclass
class Held:
    """A work with what belongs to it, as far as rows change it. `contributors` are names with their roles."""

    work: Work
    may_change: bool = True
    is_new: bool = False
    is_touched: bool = False
    editions: list[Edition] = field(default_factory=list)
    codes: dict[Code, int | None] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    contributors: list[tuple[str, values.Role]] = field(default_factory=list)
    terms: set[values.TermKind] = field(default_factory=set)
    progress: Progress | None = None
    plays: list[values.Play] = field(default_factory=list)
    # What our own archive alone brings: by their numbers, and the ids of those that somebody began.
    seasons: dict[int, Season] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)

    @cached_property
    def description(self) -> Description:
        """By what it is compared; to be forgotten when the work changes."""
        work = self.work
        told = values.Work(
            values.Kind(work.kind),
            work.title,
            work.original_title,
            work.year,
            series=work.series,
            position=work.position,
            people=tuple(values.Person(name, role) for name, role in self.contributors),
        )
        return described(values.Entry(0, told, codes=tuple(self.codes)), "")

    def changed(self) -> None:
        self.is_touched = True
        self.__dict__.pop("description", None)


def folded(title: str) -> str:
    """A title as works are found by it."""
    return fold(parsed(title).title)[:LONGEST_WORD] if title else ""


def is_of_work(code: Code) -> bool:
    """Whether a number is of the work, whatever its edition."""
    return code.scheme in _OF_WORK


class Shelf:
    """What a library has of the things that some rows tell of, and how a person stands to them."""

    def __init__(
        self, library: Library, user: User | None, entries: Iterable[values.Entry], known: Iterable[int]
    ) -> None:
        self.library, self.user = library, user
        self.held: dict[int, Held] = {}
        self.taken: set[Code] = set()
        self._with_seasons = False
        self._by_code: dict[Code, list[int]] = defaultdict(list)
        self._by_title: dict[str, list[int]] = defaultdict(list)
        ids = set(known)
        codes: set[Code] = set()
        titles: set[str] = set()
        for entry in entries:
            codes |= {other for code in entry.codes for other in looked_up_as(code)}
            titles |= {folded(title) for title in (entry.work.title, entry.work.original_title) if title}
            self._with_seasons |= bool(entry.kept and entry.kept.seasons)
        ids |= self._find_codes(codes) | self._find_titles(titles)
        self._load(ids)

    def put(self, held: Held) -> None:
        """Have the rows that come find a work."""
        self.held[held.work.pk] = held
        self.note_codes(held, held.codes)
        if held.work.folded:
            self._by_title[held.work.folded].append(held.work.pk)

    def note_codes(self, held: Held, codes: Iterable[Code]) -> None:
        for code in codes:
            self.taken.add(code)
            if held.work.pk not in self._by_code[code]:
                self._by_code[code].append(held.work.pk)

    def forget_hidden(self, user: User) -> None:
        """Leave out the numbers of editions that are hidden from somebody: they are not to learn of them."""
        editions = {edition for held in self.held.values() for edition in held.codes.values() if edition}
        hidden = editions - set(
            scope.open_editions(user).filter(pk__in=editions).values_list("pk", flat=True)
        )
        for held in self.held.values():
            held.codes = {code: edition for code, edition in held.codes.items() if edition not in hidden}

    def candidates(self, entry: values.Entry) -> list[Candidate]:
        """The works that an entry may be of."""
        ids = {
            pk
            for code in entry.codes
            if code.scheme is not Scheme.ISSN
            for other in looked_up_as(code)
            for pk in self._by_code.get(other, ())
        }
        for title in (entry.work.title, entry.work.original_title):
            ids |= set(self._by_title.get(folded(title), ())) if title else set()
        return [Candidate(str(pk), self.held[pk].description) for pk in sorted(ids)]

    def _find_codes(self, codes: set[Code]) -> set[int]:
        if not codes:
            return set()
        rows = sql.fetch(
            "SELECT i.scheme, i.value, i.shared, coalesce(i.work_id, e.work_id) FROM catalogue_identifier i "
            "LEFT JOIN catalogue_edition e ON e.id = i.edition_id "
            "WHERE i.library_id = %s AND i.value = ANY (%s)",
            [self.library.pk, sorted({code.value for code in codes})],
        )
        found = set()
        for scheme, value, shared, work in rows:
            code = Code(Scheme(scheme), value)
            if not shared:
                self.taken.add(code)
            if code in codes and code.scheme is not Scheme.ISSN:
                found.add(work)
        return found

    def _find_titles(self, titles: set[str]) -> set[int]:
        # Without statistics PostgreSQL takes any index that begins with the library: what makes the others
        # fit is asked of what was found.
        rows = sql.fetch(
            "WITH found AS MATERIALIZED (SELECT id, folded, deleted_at, merged_into_id FROM catalogue_work "
            "WHERE library_id = %s AND folded = ANY (%s)) SELECT unnest((array_agg(id ORDER BY id))[1:%s]) "
            "FROM found WHERE deleted_at IS NULL AND merged_into_id IS NULL GROUP BY folded",
            [self.library.pk, sorted(titles - {""}), MOST_ALIKE],
        )
        return {pk for (pk,) in rows}

    def _load(self, ids: set[int]) -> None:
        if not ids:
            return
        changeable = set(self._changeable(ids))
        for work in Work.objects.filter(pk__in=ids, deleted_at=None, merged_into=None).order_by("pk"):
            self.held[work.pk] = Held(work, may_change=work.pk in changeable)
        alive = list(self.held)
        by_edition: dict[int, Held] = {}
        for edition in Edition.objects.filter(work__in=alive).order_by("pk"):
            by_edition[edition.pk] = held = self.held[edition.work_id]
            held.editions.append(edition)
        for copy in Copy.objects.filter(edition__in=by_edition, deleted_at=None).select_related("location"):
            by_edition[copy.edition_id].copies.append(copy)
        for row in Contribution.objects.filter(work__in=alive).select_related("person"):
            self.held[row.work_id].contributors.append((row.person.name, values.Role(row.role)))
        for term in WorkTerm.objects.filter(work__in=alive).select_related("term"):
            self.held[term.work_id].terms.add(values.TermKind(term.term.kind))
        for number in self._numbers(alive, by_edition):
            held = by_edition[number.edition_id] if number.edition_id else self.held[number.work_id or 0]
            held.codes[Code(Scheme(number.scheme), number.value)] = number.edition_id
        self._load_progress(alive)
        for held in list(self.held.values()):
            self.put(held)

    def _changeable(self, ids: set[int]) -> Iterable[int]:
        if self.user is None:
            return ids
        return scope.changeable_works(self.user).filter(pk__in=ids).values_list("pk", flat=True)

    def _numbers(self, works: list[int], editions: Iterable[int]) -> Iterable[Identifier]:
        of: QuerySet[Identifier] = Identifier.objects.order_by("pk")
        yield from of.filter(work__in=works)
        yield from of.filter(edition__in=list(editions))

    def _load_progress(self, works: list[int]) -> None:
        if self._with_seasons:
            for season in Season.objects.filter(work__in=works):
                self.held[season.work_id].seasons[season.number] = season
        if self.user is None:
            return
        if self._with_seasons:
            begun = Progress.objects.filter(user=self.user, work__in=works, season__isnull=False)
            for work, pk in begun.values_list("work", "season"):
                self.held[work].begun.add(pk or 0)
        rows = Progress.objects.filter(user=self.user, work__in=works, season=None)
        by_id = {row.pk: self.held[row.work_id] for row in rows}
        for row in rows:
            self.held[row.work_id].progress = row
        for play in Play.objects.filter(progress__in=by_id).order_by("pk"):
            by_id[play.progress_id].plays.append(values.Play(play.started_on, play.finished_on))


def links_of(
    library: Library, user: User | None, source: str, names: Iterable[str]
) -> dict[tuple[str, int], SourceLink]:
    """What rows of a list became when they came before, by their names and occurrences."""
    rows = SourceLink.objects.filter(library=library, user=user, source=source, known_as__in=set(names))
    return {(row.known_as, row.occurrence): row for row in rows}
