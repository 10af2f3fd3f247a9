"""Who sees and who may change what of the collection: the one place that answers it, for every read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Combinable

from accounts.models import User
from catalogue.models import Change, Copy, Edition, Import, Library, Picture, Progress, Visibility, Work
from catalogue.options import PRICES_FOR_ALL, SHARED_EDITING
from core import flags

PRICES = ("price", "currency")
"""What a copy cost: not for everybody who sees it."""

Works = Collection[int] | Combinable | QuerySet[Any, Any] | None
"""Ids of works, or a statement that tells them."""


def libraries(user: User) -> QuerySet[Library]:
    """The libraries that somebody sees; an admin sees all."""
    rows = Library.objects.all()
    if user.is_admin:
        return rows
    mine = Library.members.through.objects.filter(user=user).values("library")
    return rows.filter(Q(visibility=Visibility.HOUSEHOLD) | Q(pk__in=mine))


def works(user: User, *, in_trash: bool = False) -> QuerySet[Work]:
    """The works that somebody sees; those `in_trash` are the ones that they may bring back."""
    rows = Work.objects.filter(library__in=libraries(user), merged_into=None)
    if not in_trash:
        return rows.filter(deleted_at=None)
    return _changeable(rows.filter(deleted_at__isnull=False), user)


def copies(user: User, of: Works = None) -> QuerySet[Copy]:
    """The copies that somebody sees. A private one is its owner's alone, also before an admin.

    Here and below, `of` are works that are known to be seen: then nobody asks for that again.
    """
    return open_copies(user).filter(edition__work__in=works(user) if of is None else of)


def editions(user: User, of: Works = None) -> QuerySet[Edition]:
    """The editions that somebody sees: not those of which all copies are hidden from them."""
    return open_editions(user).filter(work__in=works(user) if of is None else of)


def open_copies(user: User) -> QuerySet[Copy]:
    """The copies that are hidden from somebody by their work alone: for conditions of works that are seen."""
    return Copy.objects.filter(_is_seen(user), deleted_at=None)


def open_editions(user: User) -> QuerySet[Edition]:
    """The editions that are hidden from somebody by their work alone, as with copies."""
    seen = Exists(open_copies(user).filter(edition=OuterRef("edition")))
    hidden = Copy.objects.filter(deleted_at=None, is_private=True).exclude(_is_seen(user)).exclude(seen)
    return Edition.objects.exclude(pk__in=hidden.values("edition"))


def _is_seen(user: User) -> Q:
    return Q(is_private=False) | Q(owner=user) | Q(owner=None, added_by=user)


def progress(user: User, of: Works = None) -> QuerySet[Progress]:
    """How somebody stands to works: their own matter."""
    return Progress.objects.filter(user=user, work__in=works(user) if of is None else of)


def pictures(user: User, of: Works = None) -> QuerySet[Picture]:
    """The pictures that somebody sees: those of copies that are hidden from them are hidden too."""
    rows = Picture.objects.filter(deleted_at=None, work__in=works(user) if of is None else of)
    return rows.filter(Q(copy=None) | Q(copy__in=open_copies(user)))


def imports(user: User) -> QuerySet[Import]:
    """The imports that somebody made; an admin sees those of all."""
    rows = Import.objects.filter(library__in=libraries(user))
    return rows if user.is_admin else rows.filter(made_by=user)


def changes(user: User, of: Works = None) -> QuerySet[Change]:
    """What was changed of works, without what was changed of copies that are hidden from somebody."""
    rows = Change.objects.filter(work__in=works(user) if of is None else of)
    return rows.filter(Q(copy=None) | Q(copy__in=Copy.objects.filter(_is_seen(user))))


def without_prices(user: User, rows: Iterable[Change]) -> Iterator[Change]:
    """Changes with their copies, without the prices that are hidden from somebody."""
    for row in rows:
        if row.copy and not may_see_price(user, row.copy):
            row.before, row.after = map(_unpriced, (row.before, row.after))
            if not row.before and not row.after:
                continue
        yield row


def _unpriced(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name.rpartition(" ")[2] not in PRICES}


def may_see_price(user: User, copy: Copy) -> bool:
    """Whether somebody sees what a copy cost that they see."""
    return user.pk in (copy.owner_id, copy.added_by_id) or sees_prices(user)


def with_seen_price(rows: QuerySet[Copy], user: User) -> QuerySet[Any]:
    """Copies with their price as `seen_price`, as far as somebody sees it."""
    if sees_prices(user):
        return rows.annotate(seen_price=F("price"))
    return rows.annotate(seen_price=Case(When(Q(owner=user) | Q(added_by=user), then=F("price"))))


def sees_prices(user: User) -> bool:
    """Whether somebody sees what all copies cost."""
    return user.is_admin or flags.is_on(PRICES_FOR_ALL.key)


def changeable_works(user: User) -> QuerySet[Work]:
    return _changeable(works(user), user)


def changeable_copies(user: User, *, in_trash: bool = False) -> QuerySet[Copy]:
    rows = copies(user)
    if in_trash:
        trashed = Copy.objects.filter(_is_seen(user), deleted_at__isnull=False)
        rows = trashed.filter(edition__work__in=works(user))
    if changes_all(user):
        return rows
    return rows.filter(Q(owner=user) | Q(added_by=user)) if user.may_add else rows.none()


def may_change(user: User, thing: Work | Copy) -> bool:
    """Whether somebody changes what they see; of the copies below a work, each is asked for by itself."""
    mine = {thing.added_by_id, thing.owner_id if isinstance(thing, Copy) else None}
    return changes_all(user) or (user.may_add and user.pk in mine)


def _changeable(rows: QuerySet[Work], user: User) -> QuerySet[Work]:
    if changes_all(user):
        return rows
    return rows.filter(added_by=user) if user.may_add else rows.none()


def changes_all(user: User | None) -> bool:
    """Whether somebody changes what others added; who is no longer known does not."""
    return user is not None and (user.is_admin or (user.may_add and flags.is_on(SHARED_EDITING.key)))
