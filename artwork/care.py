"""What a person does about artwork: chooses pictures, locks them, publishes, and takes that back.

Files are written and looked at by jobs alone: the process that serves the pages may see no media.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from artwork import brake, choosing, jobs, rechecks
from artwork.choice.locking import WHOLE, slot_name
from artwork.choosing import Preview
from artwork.finding import name_of, titles_of
from artwork.models import Candidate, ChosenBy, Entity, Publication, State
from artwork.names import SLOTS, ArtType, Kind
from connections.models import Connection
from core import sql
from core.errors import ConfigError, FieldError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from jobs import services
from jobs.handlers import NewItem
from jobs.models import Job, Queue, Trigger
from library.models import Media

if TYPE_CHECKING:
    from accounts.models import User

AT_ONCE = 20
"""So many titles go to the front of the queue; more wait behind what others wait for."""

SEVERAL = frozenset({ArtType.FANART})
"""The types of which a title may show more than one picture."""


# Which pictures


@transaction.atomic
def choose(candidate: Candidate, user: User, rank: int = 0) -> None:
    """Have a picture be the first of its type, or one behind that, and lock these.

    What has that place trades places with it. Raises ConfigError where the picture is not kept, or there is
    no such place.
    """
    entity = _locked(candidate.entity_id)
    rows = _slot(entity, candidate.art)
    chosen = next((one for one in rows if one.pk == candidate.pk), None)
    if chosen is None or not chosen.digest:
        raise ConfigError("artwork.not-kept")
    if rank and candidate.art not in SEVERAL:
        raise FieldError("rank", "artwork.only-one", art=Phrase(f"art.{candidate.art}"))
    if rank > sum(one.rank is not None for one in rows if one is not chosen):
        raise FieldError("rank", "artwork.no-place", rank=rank)
    ranks = {one.pk: chosen.rank if one.rank == rank else one.rank for one in rows}
    ranks[chosen.pk] = rank
    chosen.chosen_by = ChosenBy.USER
    _save_ranks(rows, ranks)
    _add_lock(entity, candidate.art)
    _tell("artwork.chosen", entity, candidate.art, user)


@transaction.atomic
def leave_out(entity: Entity, art: str, user: User) -> None:
    """Have an entity show no picture of a type, and lock that."""
    entity = _locked(entity.pk)
    rows = _slot(entity, art)
    _save_ranks(rows, {})
    _add_lock(entity, art)
    _tell("artwork.left-out", entity, art, user)


def may_be_locked(entity: Entity) -> list[str]:
    """The names of all locks that an entity may have."""
    return [WHOLE, *(slot_name(art) for art in SLOTS[Kind(entity.kind)])]


@transaction.atomic
def set_locks(entity: Entity, names: Collection[str], user: User) -> Entity:
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
        _record(Phrase(code, of=name_of(entity)), entity.root, user)
    return entity


@transaction.atomic
def lock_many(rows: QuerySet[Entity], *, locked: bool, user: User) -> int:
    """Lock titles or parts of them with all that belongs to them, or unlock them; return how many titles."""
    ids = set(rows.values_list("pk", flat=True))
    meant = Entity.objects.filter(Q(pk__in=ids) | Q(title__in=ids)).select_for_update(of=("self",))
    changed = []
    for entity in meant.order_by("pk"):
        wanted = [WHOLE, *(name for name in entity.locks if name != WHOLE)] if locked else []
        if wanted != entity.locks:
            entity.locks = wanted
            changed.append(entity)
    sql.update(changed, ("locks",))
    if changed:
        code = "artwork.locked-many" if locked else "artwork.unlocked-many"
        record(EventKind.BY_HAND, Phrase(code, number=len(ids)), actor=user)
    return len(ids)


# Files


def publish(rows: QuerySet[Entity], user: User) -> tuple[Job | None, int]:
    """Publish the titles that are meant, soon; return the job, None where there are none, and how many."""
    meant = list(titles_of(rows).select_related("title"))
    if not meant:
        return None, 0
    queue = Queue.INTERACTIVE if len(meant) <= AT_ONCE else None
    items = [jobs.of_title(title) for title in meant]
    return services.start(jobs.PUBLISH, items=items, queue=queue, user=user)[0], len(meant)


def verify(rows: QuerySet[Entity], user: User, *, deep: bool = False) -> tuple[Job | None, int]:
    """Look whether what was published still stands, and put back what does not; as `publish`."""
    meant = list(titles_of(rows).select_related("title"))
    if not meant:
        return None, 0
    params = {"deep": True} if deep else {}
    return rechecks.start(meant, Trigger.MANUAL, user=user, params=params), len(meant)


def discard(rows: QuerySet[Entity], user: User) -> int:
    """Choose again what was published of the titles that are meant; return of how many that changed it."""
    number = 0
    for title in titles_of(rows).select_related("connection", "media"):
        if choosing.discard(title):
            number += 1
            _record(Phrase("artwork.discarded"), title, user)
    return number


def look(media: Media, user: User) -> Job:
    """See what lies beside a title now, and take in what is new."""
    about = {"of": media.connection_id, rechecks.TITLES: [media.pk]}
    item = NewItem(f"media:{media.pk}", rechecks.TITLES, media.subject, about)
    return services.start(jobs.SCAN, items=[item], queue=Queue.INTERACTIVE, user=user)[0]


def undo(publication: Publication, user: User) -> Job:
    """Have what stood there before a publication come back. Raises ConfigError where it cannot."""
    if publication.state != State.DONE:
        raise ConfigError("artwork.not-done")
    return services.start(
        jobs.UNDO,
        params={"publication": publication.pk},
        subject=publication.title.subject,
        queue=Queue.INTERACTIVE,
        user=user,
        dedupe_key=f"{jobs.UNDO}:{publication.pk}",
    )[0]


def preview(title: Entity) -> Preview:
    """What publishing a title would write, by what is known of its folder; the disk is not asked."""
    return choosing.foreseen([title])[title.pk]


@transaction.atomic
def release(connection: Connection, user: User | None) -> Job:
    """Publish what the brake holds, and hold nothing more. Raises ConfigError where it holds nothing."""
    if not brake.let_go(connection, for_good=True):
        raise ConfigError("artwork.not-held", name=connection.name)
    told = Phrase("artwork.released", name=connection.name)
    record(EventKind.BY_HAND, told, connection=connection, actor=user)
    return jobs.start(jobs.PUBLISH, connection=connection, user=user)[0]


# What they have in common


def _locked(pk: int) -> Entity:
    rows = Entity.objects.select_related("title", "connection").select_for_update(of=("self",))
    return rows.get(pk=pk)


def _slot(entity: Entity, art: str) -> list[Candidate]:
    if art not in SLOTS[Kind(entity.kind)]:
        raise FieldError(
            "type", "artwork.no-slot", art=art, known=[str(one) for one in SLOTS[Kind(entity.kind)]]
        )
    return list(Candidate.objects.select_for_update().filter(entity=entity, art=art).order_by("pk"))


def _save_ranks(rows: list[Candidate], ranks: dict[int, int | None]) -> None:
    # All at once: no two may have one rank even for a moment.
    Candidate.objects.filter(pk__in=[one.pk for one in rows], rank__isnull=False).update(rank=None)
    for one in rows:
        one.rank = ranks.get(one.pk)
        one.chosen_by = one.chosen_by if one.rank is not None else ""
    sql.update(rows, ("rank", "chosen_by"))


def _add_lock(entity: Entity, art: str) -> None:
    name = slot_name(ArtType(art))
    if name not in entity.locks:
        entity.locks.append(name)
        entity.save(update_fields=["locks"])
    choosing.refresh([entity.root])


def _tell(code: str, entity: Entity, art: str, user: User) -> None:
    _record(Phrase(code, art=Phrase(f"art.{art}"), of=name_of(entity)), entity.root, user)


def _record(told: Phrase, title: Entity, user: User) -> None:
    record(EventKind.BY_HAND, told, subject=title if title.media_id else None, actor=user)
