"""Taking an import back: what it made and nobody touched since goes, what it changed becomes what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from catalogue import snapshots
from catalogue.becoming import lock
from catalogue.imports import arranging
from catalogue.models import (
    Contribution,
    Copy,
    Footprint,
    Import,
    Location,
    OwnField,
    Person,
    Term,
    Work,
    WorkTerm,
)

TOGETHER = 500
"""Works that are looked at together."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking back does, or would: works that go, that become what they were, and that stay as they are.

    The last were touched since; `touched` are the first of them.
    """

    deleted: int = 0
    restored: int = 0
    kept: int = 0
    touched: tuple[int, ...] = ()

    def __add__(self, other: Undoing) -> Undoing:
        return Undoing(
            self.deleted + other.deleted,
            self.restored + other.restored,
            self.kept + other.kept,
            (*self.touched, *other.touched)[:TOGETHER],
        )


def works_of(of: Import) -> list[int]:
    """The works that an import made or changed."""
    return list(Footprint.objects.filter(of=of).order_by("work_id").values_list("work_id", flat=True))


def foreseen(of: Import) -> Undoing:
    """What taking an import back would do now."""
    works, sum_ = works_of(of), Undoing()
    for start in range(0, len(works), TOGETHER):
        sum_ += _judged(of, works[start : start + TOGETHER])[0]
    return sum_


@transaction.atomic
def undo(of: Import, works: Sequence[int]) -> Undoing:
    """Take back what an import did to these works."""
    lock()
    done, untouched = _judged(of, works)
    snapshots.bring_back({footprint.work_id: footprint.before for footprint in untouched})
    Footprint.objects.filter(pk__in=[footprint.pk for footprint in untouched]).delete()
    return done


@transaction.atomic
def finish(of: Import) -> None:
    """Let go what only imports brought which are undone, and nothing needs; note that this one is."""
    lock()
    Import.objects.filter(pk=of.pk).update(undone_at=Now())
    brought = Q(of_import__undone_at__isnull=False)
    used = Contribution.objects.filter(person=OuterRef("pk"))
    Person.objects.filter(brought, ~Exists(used)).delete()
    Term.objects.filter(brought, ~Exists(WorkTerm.objects.filter(term=OuterRef("pk")))).delete()
    places = Location.objects.filter(brought, ~Exists(Copy.objects.filter(location=OuterRef("pk"))))
    # A place goes after those in it.
    while places.filter(parts=None).delete()[0]:
        pass
    of_works = Work.objects.filter(kind=OuterRef("kind"), own__has_key=OuterRef("name"))
    of_copies = Copy.objects.filter(edition__work__kind=OuterRef("kind"), own__has_key=OuterRef("name"))
    OwnField.objects.filter(brought, ~Exists(of_works), ~Exists(of_copies)).delete()
    arranging.let_go()


def _judged(of: Import, works: Sequence[int]) -> tuple[Undoing, list[Footprint]]:
    """What becomes of works, and the footprints of those that nobody touched since."""
    footprints = list(Footprint.objects.filter(of=of, work_id__in=works))
    now = snapshots.digests([footprint.work_id for footprint in footprints])
    untouched = [one for one in footprints if now.get(one.work_id) == one.digest]
    touched = tuple(one.work_id for one in footprints if now.get(one.work_id) not in (None, one.digest))
    deleted = sum(one.before is None for one in untouched)
    return Undoing(deleted, len(untouched) - deleted, len(touched), touched), untouched
