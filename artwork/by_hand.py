"""What a person decides about a title: its pictures, which title it is, and what is told of it.

What a person chose or entered is locked: nothing that happens by itself changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from artwork import choosing, offering, telling
from artwork.choice.locking import WHOLE, slot_name
from artwork.choice.values import PERSON, Told
from artwork.finding import name_of
from artwork.metadata import tell, told_of
from artwork.models import Candidate, ChosenBy, Entity, Rejected
from artwork.names import SLOTS, ArtType, Kind
from artwork.nfo.value import LONGEST, LONGEST_TEXT, MOST, line, paragraphs
from connections.models import Connection
from core import sql
from core.errors import ConfigError, FieldError
from core.live import inbox_changed
from core.words import Phrase
from history.models import EventKind
from history.services import record
from providers.connections import class_of
from providers.contract import Kind as Asked
from providers.pictures import fetch_picture
from storage.heads import PictureError
from storage.models import Stored

if TYPE_CHECKING:
    from accounts.models import User

SEVERAL = frozenset({ArtType.FANART})
"""The types of which a title may show more than one picture."""

TEXTS = ("title", "original_title", "sort_title", "tagline", "plot", "certification")
LISTS = ("genres", "studios", "countries", "directors", "credits")
OF_PARTS = ("title", "plot")
"""What can be entered: texts and lists of a title, fewer of its seasons and episodes."""


# Which pictures


@transaction.atomic
def choose(candidate: Candidate, user: User | None, rank: int = 0) -> None:
    """Have a picture be the first of its type, or one behind that, and lock these.

    What has that place trades places with it. Raises ConfigError where the picture is not kept, or there is
    no such place.
    """
    entity = _locked(candidate.entity_id)
    rows = _slot(entity, candidate.art)
    chosen = next((one for one in rows if one.pk == candidate.pk), None)
    if chosen is None or not chosen.digest or chosen.refused:
        raise ConfigError("artwork.not-kept")
    if rank and candidate.art not in SEVERAL:
        raise FieldError("rank", "artwork.only-one", art=Phrase(f"art.{candidate.art}"))
    if rank > sum(one.rank is not None for one in rows if one is not chosen):
        raise FieldError("rank", "artwork.no-place", rank=rank)
    ranks = {one.pk: chosen.rank if one.rank == rank else one.rank for one in rows}
    ranks[chosen.pk] = rank
    chosen.chosen_by = ChosenBy.USER
    Candidate.objects.filter(pk=chosen.pk, rejected=True).update(rejected=False, reason="")
    choosing.save_ranks(rows, ranks)
    _add_lock(entity, candidate.art)
    _tell("artwork.chosen", entity, candidate.art, user)


@transaction.atomic
def leave_out(entity: Entity, art: str, user: User | None) -> None:
    """Have an entity show no picture of a type, and lock that."""
    entity = _locked(entity.pk)
    rows = _slot(entity, art)
    choosing.save_ranks(rows, {})
    _add_lock(entity, art)
    _tell("artwork.left-out", entity, art, user)


def fetch(candidate: Candidate) -> None:
    """Fetch a picture of a provider that is not kept yet. Raises as `fetch_picture`; outside transactions.

    What turns out to be no picture says so from then on.
    """
    connection = Connection.objects.filter(kind=candidate.source, enabled=True).order_by("-pk").first()
    if connection is None:
        raise ConfigError("artwork.not-kept")
    try:
        stored = fetch_picture(connection, candidate.address)
    except PictureError as error:
        Candidate.objects.filter(pk=candidate.pk, rank=None).update(refused=error.phrase)
        raise
    Candidate.objects.filter(pk=candidate.pk).update(digest=stored.digest, refused="")


@transaction.atomic
def reject(candidate: Candidate, user: User | None, *, everywhere: bool = False) -> bool:
    """Have a picture not be chosen for its title; `everywhere` neither it nor what looks the same for any.

    Returns whether it was chosen. Then its type is unlocked, for another one is to take its place.
    """
    entity = _locked(candidate.entity_id)
    rows = _slot(entity, candidate.art)
    row = next(one for one in rows if one.pk == candidate.pk)
    was_chosen = row.rank is not None
    if was_chosen:
        left = sorted((one for one in rows if one.rank is not None and one is not row), key=_rank)
        choosing.save_ranks(rows, {one.pk: place for place, one in enumerate(left)})
    row.rejected, row.reason = True, Phrase("artwork.why-rejected")
    if everywhere:
        # A small version looks the same, and that is what nobody wants.
        digest = row.digest or row.preview
        stored = Stored.objects.filter(digest=digest).first() if digest else None
        about = {"digest": digest, "phash": stored.phash if stored else None, "user": user}
        Rejected.objects.get_or_create(source=row.source, address=row.address, defaults=about)
        row.reason = Phrase("artwork.why-blocked")
    row.save(update_fields=["rejected", "reason"])
    if was_chosen and (name := slot_name(ArtType(row.art))) in entity.locks:
        entity.locks.remove(name)
        entity.save(update_fields=["locks"])
    choosing.refresh([entity.root])
    _tell("artwork.rejected-everywhere" if everywhere else "artwork.rejected", entity, row.art, user)
    return was_chosen


@transaction.atomic
def take_back(candidate: Candidate, user: User | None) -> None:
    """Have a picture that was rejected, here or everywhere, be one like the others again."""
    entity = _locked(candidate.entity_id)
    Rejected.objects.filter(source=candidate.source, address=candidate.address).delete()
    Candidate.objects.filter(pk=candidate.pk).update(rejected=False, reason="")
    _tell("artwork.rejection-taken-back", entity, candidate.art, user)


@transaction.atomic
def unblock(rejected: Rejected, user: User | None) -> None:
    """Have a picture that was never to be taken of any title be one like the others again, in all titles."""
    rejected.delete()
    rows = Candidate.objects.filter(source=rejected.source, address=rejected.address, rejected=True)
    rows.update(rejected=False, reason="")
    told = Phrase("artwork.unblocked", address=rejected.address)
    record(EventKind.BY_HAND, told, actor=user)


def _rank(row: Candidate) -> int:
    return row.rank or 0


# Which title, and what is told of it


@transaction.atomic
def identify(title: Entity, provider: str, id: str, user: User | None) -> None:
    """Say which of its `matches` a title is. Raises FieldError where it is none of these."""
    title = _locked(title.pk)
    same = (one for one in title.matches if (one["provider"], one["id"]) == (provider, id))
    if (match := next(same, None)) is None:
        raise FieldError("id", "artwork.no-match", title=str(title))
    told = told_of(title)
    known = told["ids"].value if "ids" in told else {}
    key = class_of(provider).keys[Asked(title.kind)]
    title.identified = {"match": match, "matches": title.matches, "ids": known}
    tell(title, {**told, "ids": Told({**known, key.value: id}, provider)})
    title.matches, title.prepared_at = [], None
    title.save(update_fields=["told", "matches", "identified", "prepared_at"])
    note(Phrase("artwork.identified", title=str(title)), title, user)
    inbox_changed()


@transaction.atomic
def take_identity_back(title: Entity, user: User | None) -> None:
    """Have a title be any of its matches again, of which somebody said that it is one.

    What providers told and offered of that one goes, but for what is locked, chosen by a person or rejected.
    Raises ConfigError where nobody said so.
    """
    parts = Entity.with_parts([title], lock=True)
    title = parts[0]
    if (said := title.identified) is None:
        raise ConfigError("artwork.not-identified", title=str(title))
    telling.forget(parts)
    if said["ids"]:
        tell(title, {**told_of(title), "ids": Told(said["ids"], said["match"]["provider"])})
    title.matches, title.identified = said["matches"], None
    sql.update(parts, ("told", "matches", "identified"))
    offering.forget(parts)
    choosing.refresh([title])
    note(Phrase("artwork.identity-taken-back", title=str(title)), title, user)
    inbox_changed()


def fields_of(entity: Entity) -> tuple[str, ...]:
    """What can be entered of an entity."""
    return (*TEXTS, *LISTS) if entity.title_id is None else OF_PARTS


def episode_of(entity: Entity) -> int | None:
    """The episode of a video that is meant where none is named: the first."""
    return entity.episodes[0] if entity.kind == Kind.EPISODE and entity.episodes else None


@transaction.atomic
def edit(entity: Entity, values: Mapping[str, Any], user: User | None) -> Entity:
    """Have these values be told of an entity, and lock them; what is empty is told by providers again.

    Of a video with several episodes the first is meant. Raises FieldError.
    """
    entity = _locked(entity.pk)
    number = episode_of(entity)
    told = told_of(entity, number)
    locks = list(entity.locks)
    for name, value in values.items():
        entered = _entered(entity, name, value)
        before = told.get(name)
        if entered and (before is None or before.value != entered):
            told[name] = Told(entered, PERSON)
            locks += [name] if name not in locks else []
        elif not entered and before is not None:
            del told[name]
            locks = [one for one in locks if one != name]
    if tell(entity, told, number):
        entity.locks = locks
        entity.save(update_fields=["told", "locks"])
        choosing.refresh([entity.root])
        note(Phrase("artwork.edited", of=name_of(entity)), entity.root, user)
    return entity


def _entered(entity: Entity, name: str, value: Any) -> str | tuple[str, ...]:
    """A value as it is kept. Raises FieldError where it cannot be."""
    if name not in fields_of(entity):
        raise FieldError("values", "artwork.no-field", name=name, known=list(fields_of(entity)))
    lines = value if isinstance(value, list) else [value]
    longest = LONGEST_TEXT if name == "plot" else LONGEST
    is_meant = isinstance(value, list) == (name in LISTS) and all(isinstance(one, str) for one in lines)
    if not is_meant or len(lines) > MOST or any(len(one) > longest for one in lines):
        raise FieldError("values", "artwork.value", name=name, most=longest)
    found = tuple(kept for one in lines if (kept := paragraphs(one) if name == "plot" else line(one)))
    return found if name in LISTS else "".join(found)


# What nothing changes by itself


def may_be_locked(entity: Entity) -> list[str]:
    """The names of all locks that an entity may have."""
    return [WHOLE, *(slot_name(art) for art in SLOTS[Kind(entity.kind)]), *fields_of(entity)]


@transaction.atomic
def set_locks(entity: Entity, names: Collection[str], user: User | None) -> Entity:
    """Have an entity be locked as `names` say. Raises FieldError where there is no such lock."""
    entity = _locked(entity.pk)
    known = may_be_locked(entity)
    if unknown := sorted(set(names) - {*known, *entity.locks}):
        raise FieldError("locks", "artwork.no-lock", name=unknown[0], known=known)
    # In their own order, so that the same ones are the same list.
    wanted = [name for name in dict.fromkeys([*known, *entity.locks]) if name in names]
    if wanted != entity.locks:
        entity.locks = wanted
        entity.save(update_fields=["locks"])
        code = "artwork.locked" if wanted else "artwork.unlocked"
        note(Phrase(code, of=name_of(entity)), entity.root, user)
    return entity


# What they have in common


def _locked(pk: int) -> Entity:
    rows = Entity.objects.select_related("title", "connection").select_for_update(of=("self",))
    return rows.get(pk=pk)


def check_slot(entity: Entity, art: str) -> None:
    """Raise FieldError where an entity has no pictures of this type."""
    known = [str(one) for one in SLOTS[Kind(entity.kind)]]
    if art not in known:
        raise FieldError("type", "artwork.no-slot", art=art, known=known)


def _slot(entity: Entity, art: str) -> list[Candidate]:
    check_slot(entity, art)
    return list(Candidate.objects.select_for_update().filter(entity=entity, art=art).order_by("pk"))


def _add_lock(entity: Entity, art: str) -> None:
    name = slot_name(ArtType(art))
    if name not in entity.locks:
        entity.locks.append(name)
        entity.save(update_fields=["locks"])
    choosing.refresh([entity.root])


def _tell(code: str, entity: Entity, art: str, user: User | None) -> None:
    note(Phrase(code, art=Phrase(f"art.{art}"), of=name_of(entity)), entity.root, user)


def note(told: Phrase, title: Entity, user: User | None) -> None:
    """Write into the history of a title what a person did."""
    record(EventKind.BY_HAND, told, subject=title if title.media_id else None, actor=user)
