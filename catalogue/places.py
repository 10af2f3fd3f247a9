"""The places where copies stand: a tree that people arrange as their shelves are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from catalogue import scope
from catalogue.models import Copy, Import, Location
from core.errors import ConfigError, FieldError

LONGEST_NAME = 300
"""Characters of a name that is unique; an index holds no longer ones."""

STEP = " / "
"""Between a place and what is in it, where both are written in one line."""

DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree: `here` copies stand right there, `within` also in its parts, as one sees it."""

    place: Location
    path: str
    depth: int
    here: int
    within: int


def paths() -> dict[int, str]:
    """What places are called, with what they are in."""
    return {one.place.pk: one.path for one in _walked(list(Location.objects.all()), {})}


def tree(user: User) -> list[Node]:
    """All places, each before its parts, with the copies that somebody sees there."""
    told = scope.copies(user).filter(location__isnull=False).order_by()
    counts = dict(told.values_list("location").annotate(Count("pk")))
    return _walked(list(Location.objects.all()), counts)


def _walked(places: list[Location], counts: Mapping[int, int]) -> list[Node]:
    parts: dict[int | None, list[Location]] = defaultdict(list)
    for place in sorted(places, key=lambda one: (one.name.casefold(), one.pk)):
        parts[place.parent_id].append(place)

    def walk(parent: int | None, path: str, depth: int) -> list[Node]:
        found: list[Node] = []
        for place in parts[parent]:
            name = f"{path}{place.name}"
            below = walk(place.pk, f"{name}{STEP}", depth + 1)
            here = counts.get(place.pk, 0)
            within = here + sum(one.here for one in below)
            found += [Node(place, name, depth, here, within), *below]
        return found

    return walk(None, "", 0)


def called(text: str, *, of_import: int | None = None) -> Location | None:
    """The place that somebody means by a name, or by several with ` / ` between; made where there is none.

    A name alone is of the place that is called so, wherever it is, if there is one. What is made is what that
    import brought.
    """
    name = _name(text)
    if not name:
        return None
    found = list(Location.objects.filter(name__iexact=name).order_by("parent__pk", "pk"))
    if alone := next((one for one in found if one.parent_id is None), found[0] if len(found) == 1 else None):
        return alone
    place = None
    for part in filter(None, map(str.strip, name.split(STEP)[:DEEPEST])):
        known = Location.objects.filter(parent=place, name__iexact=part).first()
        place = known or Location.objects.create(parent=place, name=part, of_import_id=of_import)
    return place


def bring(path: Sequence[str], of: Import) -> None:
    """Have a place be there, with those that it is in; what is made is what that import brought."""
    place = None
    for part in path[:DEEPEST]:
        name = " ".join(part.replace("\0", "").split())[:LONGEST_NAME]
        if not name:
            return
        known = Location.objects.filter(parent=place, name__iexact=name).first()
        place = known or Location.objects.create(parent=place, name=name, of_import=of)


@transaction.atomic
def save(place: Location, user: User, *, name: str, parent: Location | None) -> Location:
    """Add a place, call it otherwise, or put it into another. Raises FieldError, and ConfigError."""
    _refuse(user)
    _lock()
    name = _name(name)
    if not name:
        raise FieldError("name", "catalogue.place-no-name")
    above, deep = parent, 1
    while above is not None:
        if above.pk == place.pk:
            raise FieldError("parent", "catalogue.place-in-itself", name=place.name)
        above, deep = above.parent, deep + 1
    if deep + _height(place) > DEEPEST:
        raise FieldError("parent", "catalogue.place-too-deep", most=DEEPEST)
    if Location.objects.filter(parent=parent, name__iexact=name).exclude(pk=place.pk).exists():
        raise FieldError("name", "catalogue.place-there", name=name)
    # From now on it is a person's, and does not go with the import that brought it.
    place.name, place.parent, place.of_import = name, parent, None
    place.save()
    return place


@transaction.atomic
def merge(place: Location, into: Location, user: User) -> None:
    """Have all that stands at a place stand at another one, and let it go. Raises ConfigError."""
    _refuse(user)
    _lock()
    above: Location | None = into
    while above is not None:
        if above.pk == place.pk:
            raise ConfigError("catalogue.place-in-itself", name=place.name)
        above = above.parent
    there = {part.name.casefold(): part for part in into.parts.all()}
    for part in place.parts.all():
        if same := there.get(part.name.casefold()):
            merge(part, same, user)
        else:
            part.parent = into
            part.save()
    Copy.objects.filter(location=place).update(location=into)
    Import.objects.filter(location=place).update(location=into)
    place.delete()


@transaction.atomic
def remove(place: Location, user: User) -> None:
    """Let a place go at which nothing stands. Raises ConfigError."""
    _refuse(user)
    _lock()
    if place.parts.exists() or place.copies.filter(deleted_at=None).exists():
        raise ConfigError("catalogue.place-not-empty", name=place.name)
    place.delete()


def _name(text: str) -> str:
    name = " ".join(str(text or "").replace("\0", "").split())
    if len(name) > LONGEST_NAME:
        raise FieldError("name", "catalogue.too-long", most=LONGEST_NAME)
    return name


def _height(place: Location) -> int:
    """How many places stand in each other below this one."""
    if place.pk is None:
        return 0
    return max((1 + _height(part) for part in place.parts.all()), default=0)


def _refuse(user: User) -> None:
    if not user.may_add:
        raise ConfigError("catalogue.may-not-add")


def _lock() -> None:
    """Have nobody else arrange places until this transaction ends: two moves could make a circle."""
    list(Location.objects.select_for_update().order_by("pk").values_list("pk"))
