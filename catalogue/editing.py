"""What a person changes of works, editions and copies: field by field, written down, kept from machines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from catalogue import codes, own_fields, places, scope
from catalogue.becoming import lock, sorted_by
from catalogue.filling import NOBODY, PERSON, origin
from catalogue.fitting import LONGEST_WORD
from catalogue.models import (
    Change,
    Contribution,
    Copy,
    Edition,
    Identifier,
    Person,
    Play,
    Progress,
    Season,
    Term,
    Work,
    WorkTerm,
)
from catalogue.places import LONGEST_NAME
from catalogue.shelf import folded
from catalogue.values import BEST_RATING, BOOKISH, Kind, Role, State, TermKind
from catalogue.writing import fold_name
from core.errors import ConfigError, FieldError

OF_WORK = frozenset(
    {
        *("title", "original_title", "kind", "year", "overview", "language", "runtime_min"),
        *("audience_rating", "community_rating", "series", "position", "own"),
    }
)
OF_EDITION = frozenset(
    {*("name", "format", "publisher", "published_on", "region", "resolution", "pages", "discs", "is_set")}
)
OF_COPY = frozenset(
    {
        *("condition", "condition_note", "acquired_on", "price", "currency", "from_where", "quantity"),
        *("lent_to", "notes", "is_private", "own"),
    }
)
"""Fields that a person enters as they are, of each."""

PEOPLE = frozenset(role.value for role in Role)
TERMS = frozenset(kind.value for kind in TermKind)
"""Lists of names that are entered whole: who did what for a work, and of what sort it is."""

PLACE, LOCKS, RELEASED, OWNER, NUMBERS = "location", "locks", "released", "owner", "numbers"
FILLED: Mapping[type[Model], frozenset[str]] = {
    Work: OF_WORK - {"kind", "own"},
    Edition: OF_EDITION - {"is_set"},
    Copy: OF_COPY - {"own", "is_private"} | {PLACE},
}
"""The fields that imports fill, and change where somebody wants that."""

MOST_NAMES = 200
_MOST = 2**31 - 1
Row = TypeVar("Row", bound=Model)


@transaction.atomic
def edit_work(work: Work, user: User, changes: Mapping[str, Any]) -> Work:
    """Change fields of a work; people and terms are lists of names, `locks` and `released` name fields.

    What was changed no machine changes back, unless it is released: then an import may, as if that had
    written it. Raises FieldError, and ConfigError where somebody may not.
    """
    held = _held(Work, scope.changeable_works(user), work.pk)
    known = OF_WORK | PEOPLE | TERMS
    _refuse_unknown(changes, known | {LOCKS, RELEASED})
    before = {name: _names_of(held, name) for name in changes if name in PEOPLE | TERMS}
    after = {name: _names(name, changes[name]) for name in before}
    plain = {name: _checked(name, changes[name]) for name in changes if name in OF_WORK}
    if "own" in plain:
        plain["own"] = own_fields.checked(plain.get("kind", held.kind), held.own, plain["own"])
    before |= _assign(held, plain)
    after |= {name: plain[name] for name in before if name in plain}
    if "title" in plain:
        if not held.title.strip():
            raise FieldError("title", "catalogue.no-title")
        held.folded, held.sort_title = folded(held.title), sorted_by(held.title)
    for name in sorted(after.keys() & (PEOPLE | TERMS)):
        if list(map(fold_name, after[name])) == list(map(fold_name, before[name])):
            del before[name], after[name]
        elif name in PEOPLE:
            _set_people(held, Role(name), after[name])
        else:
            _set_terms(held, TermKind(name), after[name])
    _keep(held, changes, known, before, after)
    if before:
        held.version += 1
        held.save()
        noted(held, user, before, after)
    return held


@transaction.atomic
def edit_edition(edition: Edition, user: User, changes: Mapping[str, Any]) -> Edition:
    """Change fields of an edition; `numbers` are all that are printed on it. As `edit_work`."""
    _held(Work, scope.changeable_works(user), edition.work_id)
    held = _held(Edition, scope.editions(user), edition.pk)
    _refuse_unknown(changes, OF_EDITION | {NUMBERS, LOCKS, RELEASED})
    plain = {name: _checked(name, value) for name, value in changes.items() if name in OF_EDITION}
    before = _assign(held, plain)
    after = {name: plain[name] for name in before}
    if NUMBERS in changes:
        was, now = _set_numbers(held, changes[NUMBERS])
        if was != now:
            before, after = before | {NUMBERS: was}, after | {NUMBERS: now}
    _keep(held, changes, OF_EDITION, before, after)
    if before:
        held.save()
        noted(held.work, user, before, after)
    return held


def printed_numbers(edition: Edition) -> list[str]:
    """The numbers that are printed on an edition."""
    rows = edition.identifiers.filter(scheme__in=[one.value for one in codes.PRINTED]).order_by("pk")
    return list(rows.values_list("value", flat=True))


def _set_numbers(edition: Edition, texts: Collection[str]) -> tuple[list[str], list[str]]:
    """Have these be the numbers printed on an edition; return what they were, and what they are."""
    lock()
    library, bookish = edition.work.library, Kind(edition.work.kind) in BOOKISH
    wanted: dict[codes.Code, None] = {}
    for text in texts:
        code = codes.read(text, bookish=bookish)
        if code is None:
            raise FieldError(NUMBERS, "catalogue.row-wrong-code", text=text[:80])
        wanted[code] = None
    before = printed_numbers(edition)
    rows = {codes.Code(codes.Scheme(row.scheme), row.value): row for row in edition.identifiers.all()}
    for code, row in rows.items():
        if code.scheme in codes.PRINTED and code not in wanted:
            row.delete()
    for code in wanted:
        if code in rows:
            continue
        same = Identifier.objects.filter(library=library, scheme=code.scheme, value=code.value, shared=False)
        if same.exists():
            raise FieldError(NUMBERS, "catalogue.number-there", number=code.value, library=library.name)
        Identifier.objects.create(library=library, edition=edition, scheme=code.scheme, value=code.value)
    return before, printed_numbers(edition)


@transaction.atomic
def edit_copy(copy: Copy, user: User, changes: Mapping[str, Any]) -> Copy:
    """Change fields of a copy; `location` is the name of a place, which is made where there is none.

    A place in another is named by both, as in `Attic / Shelf 2`, where its name alone is not enough.
    `owner` is the name of somebody who is here, or nothing for the household. As `edit_work`.
    """
    held = _held(Copy, scope.changeable_copies(user), copy.pk)
    _refuse_unknown(changes, OF_COPY | {PLACE, OWNER, LOCKS, RELEASED})
    plain = {name: _checked(name, value) for name, value in changes.items() if name in OF_COPY}
    if "own" in plain:
        plain["own"] = own_fields.checked(held.edition.work.kind, held.own, plain["own"])
    before = _assign(held, plain)
    after = {name: plain[name] for name in before}
    if PLACE in changes:
        named = places.paths()
        now, place = held.location_id, places.called(line(PLACE, changes[PLACE], LONGEST_NAME))
        if now != (place and place.pk):
            held.location = place
            before |= {PLACE: named.get(now or 0, "")}
            after |= {PLACE: places.paths()[place.pk] if place else ""}
    if OWNER in changes:
        owner = _owner(changes[OWNER])
        if held.owner_id != (owner and owner.pk):
            before, after = before | {OWNER: str(held.owner or "")}, after | {OWNER: str(owner or "")}
            held.owner = owner
    _keep(held, changes, OF_COPY | {PLACE}, before, after)
    if before:
        held.save()
        told = (f"{held.number} {name}" for name in before)
        names = dict(zip(before, told, strict=True))
        noted(
            held.edition.work,
            user,
            {names[name]: value for name, value in before.items()},
            {names[name]: value for name, value in after.items()},
            held,
        )
    return held


def _owner(name: str | None) -> User | None:
    if not name:
        return None
    found = User.objects.filter(username__iexact=name, is_active=True).first()
    if found is None:
        raise FieldError(OWNER, "catalogue.no-user", name=name)
    return found


# How somebody stands to a work


@transaction.atomic
def note_progress(
    work: Work,
    user: User,
    changes: Mapping[str, Any],
    finished_on: date | None = None,
    *,
    season: Season | None = None,
) -> None:
    """Note how somebody stands to a work, or to a season of it.

    It is their own matter, and as they say, also back from what it was.

    Raises FieldError, and ConfigError where they do not see the work.
    """
    if not scope.works(user).filter(pk=work.pk).exists():
        raise ConfigError("catalogue.no-work")
    _refuse_unknown(changes, {"state", "rating", "is_wanted", "review", "times"})
    row = Progress.objects.select_for_update().filter(user=user, work=work, season=season).first()
    row = row or Progress(user=user, work=work, season=season)
    _assign(row, {name: _checked(name, value) for name, value in changes.items()})
    row.save()
    if finished_on and not row.plays.filter(finished_on=finished_on).exists():
        Play.objects.create(progress=row, finished_on=finished_on)


# The trash


def trash_works(works: QuerySet[Work], user: User) -> int:
    """Put works into the trash, as far as somebody may; return how many."""
    return scope.changeable_works(user).filter(pk__in=works).update(deleted_at=Now())


def restore_works(works: QuerySet[Work], user: User) -> int:
    """Take works out of the trash, as far as somebody may; return how many."""
    return scope.works(user, in_trash=True).filter(pk__in=works).update(deleted_at=None)


def trash_copy(copy: Copy, user: User) -> None:
    """Put a copy into the trash. Raises ConfigError where somebody may not."""
    if not scope.changeable_copies(user).filter(pk=copy.pk).update(deleted_at=Now()):
        raise ConfigError("catalogue.may-not-change")


def restore_copy(copy: Copy, user: User) -> None:
    """Take a copy out of the trash. Raises ConfigError where somebody may not."""
    if not scope.changeable_copies(user, in_trash=True).filter(pk=copy.pk).update(deleted_at=None):
        raise ConfigError("catalogue.may-not-change")


# What is entered


def _held(model: type[Row], rows: QuerySet[Row], pk: int) -> Row:
    """The row as it is now, for this transaction alone. Raises ConfigError where it may not be changed."""
    if not rows.filter(pk=pk).exists():
        raise ConfigError("catalogue.may-not-change")
    return model._default_manager.select_for_update(of=("self",)).get(pk=pk)


def _refuse_unknown(changes: Mapping[str, Any], known: Collection[str]) -> None:
    for name in changes:
        if name not in known:
            raise FieldError(name, "catalogue.no-such-field", name=name, known=sorted(known))


def _assign(row: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields that become another; return what they were."""
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, values[name])
    return before


def _checked(name: str, value: Any) -> Any:
    """A value as it is stored. Raises FieldError where it is none."""
    check: Callable[[str, Any], Any] = _CHECKS.get(name, _text)
    return check(name, value)


def _as_it_is(_name: str, value: Any) -> Any:
    return value


def _text(_name: str, value: Any) -> str:
    return str(value or "").strip().replace("\0", "")


def _word(name: str, value: Any) -> str:
    return line(name, value, LONGEST_WORD)


def _own(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    return {line(name, key, LONGEST_NAME): _text(name, text) for key, text in value.items() if text}


def _one_of(known: Collection[str], code: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if value not in known:
            raise FieldError(name, code, value=value, known=[one for one in known if one])
        return str(value)

    return check


def whole(least: int, most: int) -> Callable[[str, Any], int | None]:
    def check(name: str, value: Any) -> int | None:
        if value is None:
            return None
        if type(value) is not int or not least <= value <= most:
            raise FieldError(name, "catalogue.no-number", least=least, most=most)
        return value

    return check


def _quantity(name: str, value: Any) -> int:
    return whole(1, _MOST)(name, value) or 1


def _number(most: Decimal, step: str) -> Callable[[str, Any], Decimal | None]:
    def check(name: str, value: Decimal | None) -> Decimal | None:
        if value is None:
            return None
        if not value.is_finite() or not 0 <= value <= most:
            raise FieldError(name, "catalogue.no-number", least=0, most=int(most))
        return value.quantize(Decimal(step))

    return check


def line(name: str, text: str, most: int) -> str:
    line = " ".join(str(text or "").replace("\0", "").split())
    if len(line) > most:
        raise FieldError(name, "catalogue.too-long", most=most)
    return line


def _names(field: str, names: Collection[str]) -> list[str]:
    lines = filter(None, (line(field, name, LONGEST_NAME) for name in names))
    found = list({fold_name(name): name for name in reversed(list(lines))}.values())[::-1]
    if len(found) > MOST_NAMES:
        raise FieldError(field, "catalogue.too-many-names", most=MOST_NAMES)
    return found


def _names_of(work: Work, field: str) -> list[str]:
    if field in PEOPLE:
        people = work.contributions.filter(role=field).select_related("person")
        return [one.person.name for one in people]
    terms = work.terms.filter(term__kind=field).select_related("term")
    return [one.term.name for one in terms]


def _set_people(work: Work, role: Role, names: list[str]) -> None:
    work.contributions.filter(role=role.value).delete()
    for place, name in enumerate(names):
        person, _ = Person.objects.get_or_create(folded=fold_name(name), defaults={"name": name})
        Contribution.objects.create(work=work, person=person, role=role.value, place=place)


def _set_terms(work: Work, kind: TermKind, names: list[str]) -> None:
    work.terms.filter(term__kind=kind.value).delete()
    for place, name in enumerate(names):
        term, _ = Term.objects.get_or_create(kind=kind.value, folded=fold_name(name), defaults={"name": name})
        WorkTerm.objects.create(work=work, term=term, place=place)


def _keep(
    row: Work | Edition | Copy,
    changes: Mapping[str, Any],
    known: Collection[str],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Have machines stay off what a person changed or locked, and not off what is released.

    What that changes is added to what was `before` and is `after`.
    """
    entered = set(after)
    if LOCKS in changes:
        was, now = sorted(row.locks), sorted(set(_known(LOCKS, changes[LOCKS], known)))
        if was != now:
            row.locks, before[LOCKS], after[LOCKS] = now, was, now
    released = _known(RELEASED, changes.get(RELEASED, ()), known)
    if released := sorted(name for name in set(released) & FILLED[type(row)] if is_kept(row, name)):
        row.locks = [name for name in row.locks if name not in released]
        before[RELEASED], after[RELEASED] = [], released
    row.origins |= dict.fromkeys(released, NOBODY) | dict.fromkeys(entered, PERSON)


def is_kept(row: Work | Edition | Copy, field: str) -> bool:
    """Whether no import changes a field: somebody entered it, or locked it."""
    is_entered = origin(row.origins, field) == PERSON and getattr(row, field) not in ("", None)
    return field in row.locks or is_entered


def _known(field: str, names: Collection[str], known: Collection[str]) -> Collection[str]:
    """Names of fields. Raises FieldError where there is no such field."""
    if unknown := sorted(set(names) - set(known)):
        raise FieldError(field, "catalogue.no-such-field", name=unknown[0], known=sorted(known))
    return names


def noted(
    work: Work, user: User, before: Mapping[str, Any], after: Mapping[str, Any], copy: Copy | None = None
) -> None:
    """Write down that somebody changed a work, or a copy: fields as they were, and as they became."""
    told = ({name: _plain(value) for name, value in values.items()} for values in (before, after))
    before, after = told
    Change.objects.create(work=work, copy=copy, actor=user, via=PERSON, before=before, after=after)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("published_on", "acquired_on", "is_set", "is_private", "is_wanted"), _as_it_is),
    **dict.fromkeys(("runtime_min", "pages", "discs", "times"), whole(0, _MOST)),
    **dict.fromkeys(("rating", "community_rating"), _number(BEST_RATING, "0.01")),
    **dict.fromkeys(("format", "resolution"), _word),
    "kind": _one_of([kind.value for kind in Kind], "catalogue.no-kind"),
    "own": _own,
    "price": _number(Decimal(10**10 - 1), "0.0001"),
    "quantity": _quantity,
    "state": _one_of(["", *(state.value for state in State)], "catalogue.no-state"),
    "year": whole(1000, 2200),
}
