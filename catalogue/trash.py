"""The trash: what is in it, as far as somebody may take it out, and letting it go for good."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from catalogue import scope
from catalogue.becoming import lock
from catalogue.models import Copy, ImportRow, Work
from core.errors import ConfigError


def works(user: User) -> QuerySet[Work]:
    return scope.works(user, in_trash=True)


def copies(user: User) -> QuerySet[Copy]:
    """The copies that were thrown away by themselves."""
    return scope.changeable_copies(user, in_trash=True)


@transaction.atomic
def delete_works(user: User, which: QuerySet[Work]) -> int:
    """Delete works that are in the trash, with all that belongs to them; return how many went."""
    lock()
    found = list(works(user).filter(pk__in=which).values_list("pk", flat=True))
    _forget(found)
    # What became part of them goes with them.
    Work.objects.filter(pk__in=found).delete()
    return len(found)


@transaction.atomic
def delete_copies(user: User, which: QuerySet[Copy]) -> int:
    """Delete copies that are in the trash; return how many went."""
    lock()
    found = list(copies(user).filter(pk__in=which).values_list("pk", flat=True))
    ImportRow.objects.filter(copy__in=found).update(copy=None)
    Copy.objects.filter(pk__in=found).delete()
    return len(found)


def delete_work(user: User, work: Work) -> None:
    """Delete a work that is in the trash. Raises ConfigError where somebody may not."""
    if not delete_works(user, Work.objects.filter(pk=work.pk)):
        raise ConfigError("catalogue.may-not-change")


def delete_copy(user: User, copy: Copy) -> None:
    """Delete a copy that is in the trash. Raises ConfigError where somebody may not."""
    if not delete_copies(user, Copy.objects.filter(pk=copy.pk)):
        raise ConfigError("catalogue.may-not-change")


def empty(user: User) -> int:
    """Delete all that somebody may take out of the trash; return how many works and copies went."""
    return delete_works(user, Work.objects.all()) + delete_copies(user, Copy.objects.all())


def _forget(found: list[int]) -> None:
    ImportRow.objects.filter(work__in=found).update(work=None, copy=None)
