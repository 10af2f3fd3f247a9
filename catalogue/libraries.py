"""Libraries: parts of the collection that are looked at by themselves, and who sees them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from catalogue import scope
from catalogue.becoming import lock
from catalogue.editing import noted
from catalogue.models import Identifier, Library, SourceLink, Visibility, Work
from core.errors import ConfigError, FieldError

LONGEST_NAME = 200
LONGEST_TEXT = 10_000


@transaction.atomic
def save(
    library: Library,
    user: User,
    *,
    name: str,
    description: str = "",
    visibility: str = Visibility.HOUSEHOLD,
    members: Collection[str] = (),
    is_archived: bool = False,
) -> Library:
    """Add a library, or change one; `members` are names of people. Raises FieldError, and ConfigError."""
    _refuse(user)
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise FieldError("name", "catalogue.library-no-name")
    if len(name) > LONGEST_NAME:
        raise FieldError("name", "catalogue.too-long", most=LONGEST_NAME)
    if Library.objects.filter(name__iexact=name).exclude(pk=library.pk).exists():
        raise FieldError("name", "catalogue.library-there", name=name)
    if visibility not in Visibility.values:
        raise FieldError("visibility", "catalogue.no-visibility", value=visibility, known=Visibility.values)
    if library.is_default and is_archived:
        raise FieldError("is_archived", "catalogue.library-usual", name=library.name)
    people = _people(members)
    library.name, library.visibility = name, visibility
    library.description = description.replace("\0", "").strip()[:LONGEST_TEXT]
    if library.pk is None:
        library.created_by = user if user.pk else None
    if is_archived != (library.archived_at is not None):
        library.archived_at = Now() if is_archived else None
    library.save()
    library.members.set(people)
    library.refresh_from_db()
    return library


@transaction.atomic
def make_usual(library: Library, user: User) -> None:
    """Have what is added without a word about it go into this library. Raises ConfigError."""
    _refuse(user)
    if library.archived_at is not None:
        raise ConfigError("catalogue.no-library")
    Library.objects.filter(is_default=True).exclude(pk=library.pk).update(is_default=False)
    Library.objects.filter(pk=library.pk).update(is_default=True)


@transaction.atomic
def remove(library: Library, user: User) -> None:
    """Let a library go in which nothing is. Raises ConfigError."""
    _refuse(user)
    if library.is_default:
        raise ConfigError("catalogue.library-usual", name=library.name)
    if used(library):
        raise ConfigError("catalogue.library-not-empty", name=library.name)
    library.delete()


def used(library: Library) -> bool:
    """Whether anything is in a library, or was imported into it."""
    return library.works.exists() or library.imports.exists()


@transaction.atomic
def move(work: Work, into: Library, user: User) -> Work:
    """Have a work be in another library. Raises ConfigError where that has one of its numbers already."""
    lock()
    if not scope.changeable_works(user).filter(pk=work.pk).exists():
        raise ConfigError("catalogue.may-not-change")
    if not scope.libraries(user).filter(pk=into.pk, archived_at=None).exists():
        raise ConfigError("catalogue.no-library")
    held = Work.objects.select_for_update(of=("self",)).select_related("library").get(pk=work.pk)
    if held.library_id == into.pk:
        return held
    numbers = Identifier.objects.filter(work=held) | Identifier.objects.filter(edition__work=held)
    for number in numbers.filter(shared=False):
        same = Identifier.objects.filter(library=into, scheme=number.scheme, value=number.value, shared=False)
        if same.exists():
            raise ConfigError("catalogue.number-there", number=number.value, library=into.name)
    for number in numbers:
        Identifier.objects.filter(pk=number.pk).update(library=into)
    _move_links(held, into)
    before, held.library = held.library.name, into
    held.version += 1
    held.save(update_fields=["library", "version"])
    noted(held, user, {"library": before}, {"library": into.name})
    return held


def _move_links(work: Work, into: Library) -> None:
    """Have lists know a work where it is now; what they know there under the same name stays."""
    for link in SourceLink.objects.filter(work=work):
        known = SourceLink.objects.filter(
            library=into,
            user=link.user_id,
            source=link.source,
            known_as=link.known_as,
            occurrence=link.occurrence,
        )
        if known.exists():
            link.delete()
        else:
            SourceLink.objects.filter(pk=link.pk).update(library=into)


def _people(names: Collection[str]) -> list[User]:
    found = {user.username.casefold(): user for user in User.objects.all()} if names else {}
    for name in names:
        if name.casefold() not in found:
            raise FieldError("members", "catalogue.no-user", name=name)
    return [found[name.casefold()] for name in names]


def _refuse(user: User) -> None:
    if not user.is_admin:
        raise ConfigError("catalogue.may-not-change")
