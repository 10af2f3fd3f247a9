"""What a person does about artwork: chooses pictures, locks them, publishes, and takes that back.

Files are written and looked at by jobs alone: the process that serves the pages may see no media.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from artwork import brake, by_hand, choosing, due, jobs, rechecks, reviewing, undoing
from artwork.choice.locking import WHOLE
from artwork.choosing import Preview
from artwork.connections import chosen_by
from artwork.finding import titles_of
from artwork.models import Candidate, Entity, Publication, Source, State
from connections.models import Connection
from core import sql
from core.errors import ConfigError
from core.subjects import Subject
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


# Which pictures


def choose(candidate: Candidate, user: User, rank: int = 0) -> Job | None:
    """Have a picture be the one of its type, as `by_hand.choose`; return the job that fetches it first.

    None where it is kept already.
    """
    if candidate.digest or candidate.source == Source.LOCAL:
        by_hand.choose(candidate, user, rank)
        return None
    return services.start(
        jobs.FETCH,
        params={"candidate": candidate.pk, "rank": rank},
        subject=candidate.entity.subject,
        queue=Queue.INTERACTIVE,
        user=user,
        dedupe_key=f"{jobs.FETCH}:{candidate.pk}",
    )[0]


def reject(candidate: Candidate, user: User, *, everywhere: bool = False) -> Job | None:
    """Have a picture not be chosen, as `by_hand.reject`; return the job that chooses another, if one does."""
    if by_hand.reject(candidate, user, everywhere=everywhere) and due.asked_of().exists():
        return jobs.prepare_now([candidate.entity.root], user=user)
    return None


def identify(title: Entity, provider: str, id: str, user: User | None) -> Job:
    """Say which of its `matches` a title is; return the job that prepares it."""
    by_hand.identify(title, provider, id, user)
    return jobs.prepare_now([title], user=user)


def take_identity_back(title: Entity, user: User | None) -> Job:
    """Have a title be any of its matches again; return the job that prepares it."""
    by_hand.take_identity_back(title, user)
    return jobs.prepare_now([title], user=user)


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
    # Looked up once: `rows` may be those that wait for a review, and they wait no more from here on.
    meant = titles_of(rows)
    reviewing.put_off(meant, reviewing.BEING_PUBLISHED)
    return _start(jobs.PUBLISH, meant, user)


def prepare(rows: QuerySet[Entity], user: User) -> tuple[Job | None, int]:
    """Ask the providers about the titles that are meant, soon; as `publish`."""
    return _start(jobs.PREPARE, rows, user)


def _start(name: str, rows: QuerySet[Entity], user: User) -> tuple[Job | None, int]:
    meant = list(titles_of(rows).select_related("title"))
    if not meant:
        return None, 0
    queue = Queue.INTERACTIVE if len(meant) <= AT_ONCE else None
    items = [jobs.of_title(title) for title in meant]
    return services.start(name, items=items, queue=queue, user=user)[0], len(meant)


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
            by_hand.note(Phrase("artwork.discarded"), title, user)
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
    return _undo("publication", publication.pk, user, publication.title.subject)


def undo_job(published: Job, user: User) -> Job:
    """Have what a job published be undone, as soon as that has ended. Raises ConfigError where it is none."""
    if published.name != jobs.PUBLISH:
        raise ConfigError("artwork.not-done")
    return _undo("job", published.pk, user)


def _undo(what: str, pk: int, user: User, subject: Subject | None = None) -> Job:
    return services.start(
        undoing.UNDO,
        params={what: pk},
        subject=subject,
        queue=Queue.INTERACTIVE,
        user=user,
        dedupe_key=f"{undoing.UNDO}:{what}:{pk}",
    )[0]


def preview(title: Entity) -> Preview:
    """What publishing a title would write, by what is known of its folder; the disk is not asked."""
    return choosing.foreseen([title])[title.pk]


def foresee(connection: Connection, given: Mapping[str, Any], user: User) -> Job:
    """Have a job say which pictures other settings of a connection would change. Raises FieldError.

    `given` are the fields of the connection that a choice depends on; those that are not given stay.
    """
    return services.start(
        jobs.FORESEE,
        connection=connection,
        params={"settings": chosen_by(connection, given)},
        queue=Queue.INTERACTIVE,
        user=user,
    )[0]


@transaction.atomic
def release(connection: Connection, user: User | None) -> Job:
    """Publish what the brake holds, and hold nothing more. Raises ConfigError where it holds nothing."""
    if not brake.let_go(connection, for_good=True):
        raise ConfigError("artwork.not-held", name=connection.name)
    told = Phrase("artwork.released", name=connection.name)
    record(EventKind.BY_HAND, told, connection=connection, actor=user)
    return jobs.start(jobs.PUBLISH, connection=connection, user=user)[0]
