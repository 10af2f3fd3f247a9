"""What an entry becomes: a work with its edition and copy, and how somebody stands to it.

All of that is new, or more of what is there. What an import brings and what a person enters become it alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from catalogue import scope, values
from catalogue.codes import PRINTED, Code, Scheme, looked_up_as
from catalogue.filling import REST, filled, moved_on
from catalogue.fitting import LONGEST_WORD
from catalogue.models import Copy, Edition, Identifier, Import, Mode, Play, Progress, Season, SourceLink, Work
from catalogue.shelf import Held, Shelf, folded, is_of_work
from catalogue.writing import Writing, new
from core import sql

LONGEST_CODE = 200
"""Characters of a number; an index holds no longer ones."""

_LOCK = 0x63617461
_WORK_FIELDS = (
    *("title", "original_title", "year", "overview", "language", "runtime_min"),
    *("audience_rating", "community_rating", "series", "position"),
)
_EDITION_FIELDS = (
    *("name", "format", "publisher", "published_on", "region", "resolution", "pages", "discs"),
)
_COPY_FIELDS = (
    *("condition", "condition_note", "acquired_on", "price", "currency", "from_where"),
    *("quantity", "lent_to", "notes"),
)


def lock() -> None:
    """Have the transaction be the only one that writes imports: two must not add one thing each."""
    # Statistics lag behind a table that an import fills: by them PostgreSQL would read all of it each time.
    sql.fetch("SELECT pg_advisory_xact_lock(%s), set_config('enable_seqscan', 'off', true)", [_LOCK])


class Becoming:
    """Has entries become what they are, and gathers what is to be written.

    `of` says from where they come, into which library, and what they may change; one that nobody saves is a
    person's own hand.
    """

    def __init__(self, of: Import, shelf: Shelf) -> None:
        self.of, self.shelf = of, shelf
        self.user: User | None = of.made_by
        self.writing = Writing(of)
        # Copies that no entry may take for its own any more.
        self.claimed: set[int] = set()
        self.people: dict[str, int] | None = None
        # Which edition our own archive calls what: there, those that are called otherwise are others.
        self.called: dict[int, str] = {}

    def become(
        self, entry: values.Entry, held: Held | None, link: SourceLink | None = None
    ) -> tuple[Held, Edition | None, Copy | None]:
        """Have an entry become a work that is here, or without one a new one.

        `link` tells what it was when its list came before.
        """
        again = link is not None
        if held is None:
            held = self._made(entry)
        else:
            self._fill_work(held, entry, again=again)
        if entry.kept:
            self._fill_seasons(held, entry.kept.seasons)
        edition = self._edition(held, entry, link)
        copy = self._copy(held, edition, entry, link) if entry.copy and edition else None
        if entry.progress and self.of.with_progress and self.user:
            self._move_on(held, entry.progress, again=again)
        return held, edition, copy

    # The work

    def _made(self, entry: values.Entry) -> Held:
        told = entry.work
        work = new(
            Work,
            library_id=self.shelf.library.pk,
            kind=told.kind.value,
            folded=folded(told.title),
            sort_title=sorted_by(told.title),
            origins={REST: self.of.format},
            added_by_id=self.of.made_by_id,
            added_via=self.of.format,
            added_on=entry.added_on,
            own=_own_of_work(entry),
            locks=list(entry.kept.work_locks) if entry.kept else [],
            **{field: getattr(told, field) for field in _WORK_FIELDS},
        )
        self.writing.add(work)
        self.writing.made(work)
        self.writing.own_fields(work.kind, work.own)
        held = Held(work, is_new=True)
        self._name(held, told)
        self.shelf.put(held)
        return held

    def _fill_work(self, held: Held, entry: values.Entry, *, again: bool) -> None:
        if not held.may_change:
            return
        work, told = held.work, entry.work
        changes = self._filled(work, {name: getattr(told, name) for name in _WORK_FIELDS}, again=again)
        if own := {name: text for name, text in _own_of_work(entry).items() if name not in work.own}:
            changes["own"] = work.own | own
            self.writing.own_fields(work.kind, own)
        if "title" in changes:
            changes |= {"folded": folded(told.title), "sort_title": sorted_by(told.title)}
        if self._write(held, work, changes):
            work.version += 1
            self.writing.change(work, ["version"])
            self.shelf.put(held)
        self._name(held, told)

    def _name(self, held: Held, told: values.Work) -> None:
        """Name who made a work, and of what sort it is, as far as nobody has said so."""
        roles = {role for _, role in held.contributors}
        people = [one for one in told.people if one.role not in roles and one.name]
        for place, person in enumerate(people, len(held.contributors)):
            self.writing.contribute(held.work, person.name, person.role, place)
            held.contributors.append((person.name, person.role))
        terms = [one for one in told.terms if one.kind not in held.terms and one.name]
        for place, term in enumerate(terms):
            self.writing.describe(held.work, term.kind, term.name, place)
        held.terms |= {term.kind for term in terms}
        if people or terms:
            self._touch(held)

    def _fill_seasons(self, held: Held, told: Sequence[values.Season]) -> None:
        """Add the seasons that a work has not got, and how somebody stands to those not begun here."""
        for one in told:
            season = held.seasons.get(one.number)
            if season is None:
                if not held.may_change:
                    continue
                season = new(
                    Season,
                    work_id=held.work.pk,
                    number=one.number,
                    name=one.name,
                    expected=one.expected,
                    available=one.available,
                )
                self.writing.add(season)
                held.seasons[one.number] = season
                self._touch(held)
            if one.progress and self.of.with_progress and self.user and season.pk not in held.begun:
                held.begun.add(season.pk)
                row = new(Progress, user_id=self.user.pk, work_id=held.work.pk, season_id=season.pk)
                self.writing.add(row)
                self._stand(row, one.progress, one.progress.plays)
                self._touch(held)

    # Its edition and copy

    def _edition(self, held: Held, entry: values.Entry, link: SourceLink | None) -> Edition | None:
        """The edition that a row is of; None where it tells of none."""
        of_edition = [code for code in entry.codes if not is_of_work(code)]
        edition = self._known_edition(held, entry, of_edition, link)
        told = {name: getattr(entry.edition, name) for name in _EDITION_FIELDS}
        if edition is None:
            if not (entry.copy or of_edition or any(told.values()) or (entry.kept and entry.kept.is_set)):
                self._number(held, None, entry.codes)
                return None
            edition = new(
                Edition,
                work_id=held.work.pk,
                origins={REST: self.of.format},
                is_set=bool(entry.kept and entry.kept.is_set),
                locks=list(entry.kept.edition_locks) if entry.kept else [],
                **told,
            )
            self.writing.add(edition)
            held.editions.append(edition)
            self._touch(held)
        elif held.may_change:
            self._write(held, edition, self._filled(edition, told, again=link is not None))
        self._number(held, edition, entry.codes)
        if entry.kept:
            self.called[edition.pk] = entry.id
        return edition

    def _known_edition(
        self, held: Held, entry: values.Entry, codes: Sequence[Code], link: SourceLink | None
    ) -> Edition | None:
        told = entry.edition
        by_id = {edition.pk: edition for edition in held.editions}
        if link and link.edition_id in by_id:
            return by_id[link.edition_id]
        if entry.kept:
            known = {edition.pk: self.called.get(edition.pk, "") for edition in held.editions}
            for pk, name in known.items():
                if name == entry.id:
                    return by_id[pk]
            house = entry.kept.work.partition(":")[0]
            by_id = {pk: by_id[pk] for pk, name in known.items() if name.partition(":")[0] != house}
        for code in codes:
            for other in looked_up_as(code):
                if (known_by := by_id.get(held.codes.get(other) or 0)) and code.scheme is not Scheme.ISSN:
                    return known_by
        schemes = {code.scheme for code in codes}
        for edition in by_id.values():
            numbered = {code.scheme for code, pk in held.codes.items() if pk == edition.pk}
            differ = any(
                getattr(told, name) and getattr(edition, name) and not _alike(told, edition, name)
                for name in ("name", "format", "resolution")
            )
            if not differ and not (schemes & numbered & PRINTED):
                return edition
        return None

    def _number(self, held: Held, edition: Edition | None, codes: Sequence[Code]) -> None:
        """Give a work and its edition the numbers that they have not got."""
        for code in codes:
            if any(other in held.codes for other in looked_up_as(code)) or len(code.value) > LONGEST_CODE:
                continue
            if not held.may_change and not held.is_new:
                continue
            of = {"work_id": held.work.pk}
            if edition and not is_of_work(code):
                of = {"edition_id": edition.pk}
            shared = code in self.shelf.taken or code.scheme is Scheme.ISSN
            number = new(
                Identifier,
                library_id=self.shelf.library.pk,
                scheme=code.scheme.value,
                value=code.value,
                shared=shared,
                **of,
            )
            self.writing.add(number)
            held.codes[code] = number.edition_id
            self.shelf.note_codes(held, [code])
            self._touch(held)

    def _copy(
        self, held: Held, edition: Edition, entry: values.Entry, link: SourceLink | None
    ) -> Copy | None:
        assert entry.copy is not None  # noqa: S101  (the caller looked)
        told = {name: getattr(entry.copy, name) for name in _COPY_FIELDS}
        told["signatures"] = _signatures(entry.copy)
        own = dict(entry.own)
        self.writing.own_fields(held.work.kind, own)
        copy = self._known_copy(held, edition, link)
        if copy is None:
            copy = new(
                Copy,
                edition_id=edition.pk,
                added_by_id=self.of.made_by_id,
                location_id=None if entry.copy.place else self.of.location_id,
                own=own,
                origins={REST: self.of.format},
                owner_id=self._owner(entry.copy),
                is_private=entry.copy.is_private,
                locks=list(entry.kept.copy_locks) if entry.kept else [],
                **told,
            )
            self.writing.add(copy)
            held.copies.append(copy)
            self._touch(held)
        else:
            changes = self._filled(copy, told, again=link is not None)
            if more := {name: text for name, text in own.items() if name not in copy.own}:
                changes["own"] = copy.own | more
            self._write(held, copy, changes)
        self.claimed.add(copy.pk)
        self._shelve(held, copy, entry.copy.place, again=link is not None)
        return copy

    def _owner(self, told: values.Copy) -> int | None:
        """Who is called so here; what is private stays with who brings it, who else would see it no more."""
        if not told.owner:
            return None
        if self.people is None:
            named = User.objects.filter(is_active=True).values_list("username", "pk")
            self.people = {name.casefold(): pk for name, pk in named}
        owner = self.people.get(told.owner.casefold())
        return None if told.is_private and owner != self.of.made_by_id else owner

    def _known_copy(self, held: Held, edition: Edition, link: SourceLink | None) -> Copy | None:
        """The copy that a row is: what it was before, or one that no row of this list is yet."""
        for copy in held.copies:
            if link and copy.pk == link.copy_id:
                return copy
        for copy in held.copies:
            if copy.edition_id == edition.pk and copy.pk not in self.claimed and self._may_take(copy):
                return copy
        return None

    def _may_take(self, copy: Copy) -> bool:
        mine = self.user is not None and self.user.pk in (copy.owner_id, copy.added_by_id)
        return mine or (not copy.is_private and scope.changes_all(self.user))

    def _shelve(self, held: Held, copy: Copy, place: str, *, again: bool) -> None:
        now = copy.location.name if copy.location_id and copy.location else ""
        if self._filled(copy, {"location": place}, again=again, now={"location": now}):
            self.writing.place(copy, place)
            self._write(held, copy, {"location": None})

    # How somebody stands to it

    def _move_on(self, held: Held, told: values.Progress, *, again: bool) -> None:
        row = held.progress or new(Progress, user_id=self.of.made_by_id, work_id=held.work.pk)
        now = values.Progress(
            values.State(row.state) if row.state else None,
            row.times,
            row.rating,
            row.is_wanted,
            row.review,
            tuple(held.plays),
        )
        then = moved_on(now, told, corrects=again or self.of.mode == Mode.OVERWRITE)
        if then == now:
            return
        if held.progress is None:
            self.writing.add(row)
            held.progress = row
        self._stand(row, then, then.plays[len(now.plays) :])
        held.plays = list(then.plays)
        self._touch(held)

    def _stand(self, row: Progress, told: values.Progress, plays: Sequence[values.Play]) -> None:
        """Have a row say how somebody stands to a work, with these plays as more of them."""
        fields: dict[str, Any] = {"state": told.state.value if told.state else "", "times": told.times}
        fields |= {"rating": told.rating, "is_wanted": told.is_wanted, "review": told.review}
        for name, value in fields.items():
            setattr(row, name, value)
        self.writing.change(row, fields)
        for play in plays:
            self.writing.add(
                new(Play, progress_id=row.pk, started_on=play.started_on, finished_on=play.finished_on)
            )

    def _filled(
        self,
        row: Work | Edition | Copy,
        told: Mapping[str, Any],
        *,
        again: bool,
        now: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return filled(
            now or {name: getattr(row, name) for name in told},
            told,
            by=self.of.format,
            origins=row.origins,
            locks=row.locks,
            overwrites=self.of.mode == Mode.OVERWRITE,
            again=again,
        )

    def _write(self, held: Held, row: Work | Edition | Copy, changes: dict[str, Any]) -> bool:
        """Change a row, and remember who told that; return whether anything changed."""
        if not changes:
            return False
        for name, value in changes.items():
            setattr(row, name, value)
        row.origins = row.origins | dict.fromkeys(changes, self.of.format)
        self.writing.change(row, [*changes, "origins"])
        self._touch(held)
        return True

    def _touch(self, held: Held) -> None:
        held.changed()
        self.writing.touched(held.work)


def _own_of_work(entry: values.Entry) -> dict[str, str]:
    """The own fields that are the work's: those of a thing that nobody has, too."""
    if entry.kept:
        return dict(entry.kept.own)
    return dict(entry.own_of_work if entry.copy else (*entry.own, *entry.own_of_work))


def _alike(told: values.Edition, edition: Edition, name: str) -> bool:
    return bool(getattr(told, name).casefold() == getattr(edition, name).casefold())


def sorted_by(title: str) -> str:
    """By what a title stands in a list."""
    return folded(title) or title.casefold()[:LONGEST_WORD]


def _signatures(copy: values.Copy) -> list[dict[str, str]]:
    return [
        {"by": one.by, "role": one.role, "on": one.on.isoformat() if one.on else "", "at": one.at}
        for one in copy.signatures
    ]
