"""Adding by hand: what somebody enters becomes a work, an edition and a copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import User
from catalogue import codes, scope, values
from catalogue.becoming import Becoming, lock
from catalogue.filling import PERSON
from catalogue.fitting import fitting
from catalogue.matching import Match, State, decide, described
from catalogue.models import Copy, Import, Library, Mode, Work
from catalogue.shelf import Held, Shelf
from catalogue.values import BOOKISH, CREATOR, Entry, Kind
from core.errors import ConfigError, FieldError

MOST_ALIKE = 9


@dataclass(frozen=True, slots=True)
class Alike:
    """A work that is here already and may be what somebody enters: how sure that is, and why."""

    work: Work
    match: Match


@dataclass(frozen=True, slots=True)
class Found:
    """Whether something is here, as the import of a list would decide it, and what it may be."""

    state: State = State.NEW
    alike: list[Alike] = field(default_factory=list)


ENTERED = ("kind", "title", "code", "creators", "year", "format", "location", "is_owned")


def entered(
    *,
    kind: str,
    title: str = "",
    code: str = "",
    creators: Sequence[str] = (),
    year: int | None = None,
    format: str = "",
    location: str = "",
    is_owned: bool = True,
) -> Entry:
    """What somebody enters of a thing. Raises FieldError where it is too little, or the number is none."""
    of = Kind(kind)
    number = codes.read(code, bookish=of in BOOKISH) if code else None
    if code and number is None:
        raise FieldError("code", "catalogue.row-wrong-code", text=code)
    if not (title or number):
        raise FieldError("title", "catalogue.row-no-title")
    people = tuple(values.Person(name, CREATOR[of]) for name in creators)
    return Entry(
        0,
        values.Work(of, title, year=year, people=people),
        values.Edition(format=format),
        (number,) if number else (),
        values.Copy(place=location) if is_owned else None,
    )


def alike(entry: Entry, user: User, library: Library) -> list[Alike]:
    """The works that an entry may be of, the likeliest first, as far as somebody sees them."""
    return looked_up(entry, user, [library]).alike


def looked_up(entry: Entry, user: User, libraries: Iterable[Library]) -> Found:
    """Say whether an entry is in one of these libraries, as far as somebody sees what is there."""
    entry, state, ranked = fitting(entry), State.NEW, dict[int, Match]()
    for library in libraries:
        shelf = Shelf(library, user, [entry], ())
        shelf.forget_hidden(user)
        found = decide(described(entry, PERSON), shelf.candidates(entry))
        if found.state is not State.NEW:
            # Sure of it in one library, it is there, whatever another one has.
            state = State.LINK if State.LINK in (state, found.state) else State.REVIEW
            ranked |= {int(one.id): one.match for one in found.ranked[:MOST_ALIKE]}
    seen = scope.works(user).in_bulk(list(ranked))
    told = [Alike(seen[pk], match) for pk, match in ranked.items() if pk in seen]
    told.sort(key=lambda one: -one.match.score)
    return Found(state if told else State.NEW, told[:MOST_ALIKE])


@transaction.atomic
def add(entry: Entry, user: User, library: Library, *, to: int | None = None) -> tuple[Work, Copy | None]:
    """Have an entry become a new work, or with `to` another copy of one that is here.

    Raises ConfigError where somebody may not add, or sees no such work or library.
    """
    if not user.may_add:
        raise ConfigError("catalogue.may-not-add")
    if not scope.libraries(user).filter(pk=library.pk, archived_at=None).exists():
        raise ConfigError("catalogue.no-library")
    lock()
    by_hand = Import(library=library, made_by=user, format=PERSON, mode=Mode.FILL)
    entry = fitting(entry)
    shelf = Shelf(library, user, [entry], [to] if to else [])
    held = _held(shelf, user, to) if to else None
    becoming = Becoming(by_hand, shelf)
    if held:
        # It is another copy, whatever stands there.
        becoming.claimed |= {copy.pk for copy in held.copies}
    became, _edition, copy = becoming.become(entry, held)
    becoming.writing.flush()
    return became.work, copy


def _held(shelf: Shelf, user: User, pk: int) -> Held:
    if pk not in shelf.held or not scope.works(user).filter(pk=pk, library=shelf.library).exists():
        raise ConfigError("catalogue.no-work")
    return shelf.held[pk]
