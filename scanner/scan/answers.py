"""What waits for a person and what becomes of it: changes that are held, tags that stood there before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from connections.models import Connection
from core import live
from core.errors import ConfigError
from core.words import Phrase
from history.models import Event, EventKind
from history.services import record
from jobs.models import OUTCOME, Job
from library.models import MEDIA, Media, included
from library.sync import forget_orphans
from scanner.events import ScanEvent
from scanner.labels.desired import NOTHING, Change, Labels, asked_for, change_to, is_blocked
from scanner.labels.managed import change_of, desired_of, labels_of
from scanner.loading import locked, with_policies
from scanner.models import ManagedLabel, ScanSettings, ScanState, Verdict
from scanner.nfo.write import nfo_would_change
from scanner.scan import brake
from scanner.scan.deciding import redecide, update
from scanner.scan.reconcile import CHUNK, with_strange
from scanner.scan.starting import start_reconcile

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is to become of one title: its labels of ours (and those found there) before and after.

    `was` is the verdict that it had before the last change, empty where there was none. One that is `gone`
    at the app is to be forgotten.
    """

    media: Media
    before: list[str]
    after: list[str]
    was: str = ""
    nfo: bool = False
    gone: bool = False

    @classmethod
    def of(cls, media: Media, change: Change, labels: Labels, *, nfo: bool = False) -> Proposed:
        carried = frozenset(media.tags) & (labels.managed | labels.found)
        was = getattr(media, "was", None) or ""
        after = (carried | change.add) - change.remove
        return cls(media, sorted(carried), sorted(after), was if was != Verdict.UNKNOWN else "", nfo)


# Held changes


def held_changes(connection: Connection) -> Iterator[Proposed]:
    """Yield what is to be written to an instance, by title: while the brake holds it, this is what waits."""
    last = Event.objects.filter(kind=ScanEvent.VERDICT, subject_kind=MEDIA, subject_id=OuterRef("pk"))
    rows = _waiting(connection).annotate(was=Subquery(last.order_by("-pk").values("before")[:1]))
    labels, ours = with_strange(connection), labels_of(connection)
    for media in with_policies(rows.order_by("sort_title", "pk").iterator(chunk_size=CHUNK)):
        change, nfo = change_of(media, labels), nfo_would_change(media, labels)
        if change or nfo:
            yield Proposed.of(media, change, ours, nfo=bool(nfo))


def held_orphans(connection: Connection) -> list[Proposed]:
    """The titles that the app no longer lists and the brake keeps from being forgotten, by title."""
    if not connection.source.orphans_held:
        return []
    rows = Media.objects.filter(connection=connection, arr_id__in=connection.source.orphans_held)
    labels = labels_of(connection)
    ours = labels.managed | labels.found
    return [
        Proposed(media, sorted(ours & set(media.tags)), [], gone=True)
        for media in rows.order_by("sort_title", "pk").select_related("scan_state")
    ]


def count_held(connection: Connection) -> int:
    """How many changes the brake holds back, with the titles that it keeps from being forgotten."""
    return sum(1 for _ in held_changes(connection)) + len(connection.source.orphans_held)


def is_held(connection: Connection) -> bool:
    """Whether the brake holds an instance; it is taken off where all that it held has come undone."""
    settings = connection.scan_settings
    if settings.held_since is not None and not settings.in_setup and not count_held(connection):
        brake.let_go(connection, forget=False)
    return settings.held_since is not None


def waits(connections: Iterable[Connection]) -> dict[str, Any]:
    """What the summary of a job says that was braked at these instances."""
    held = list(connections)
    number = sum(map(count_held, held))
    return {
        OUTCOME: Phrase("brake.waiting", number=number).stored(),
        "held_at": [connection.pk for connection in held],
    }


def release(
    connection: Connection, titles: Collection[int] | None = None, *, user: User | None = None
) -> Job:
    """Write what the brake holds back, of all titles or of these; return the job that writes.

    Those that the app no longer lists are forgotten: of all with the next sync, of these at once. What it
    holds of others waits on; once nothing does, the brake is off. Raises ConfigError where nothing is held,
    or none of these titles.
    """
    with _answering(connection):
        gone = [] if titles is None else _forgotten(connection, titles, user)
        chosen = None if titles is None else _held_of(connection, titles, besides=len(gone))
        left = 0 if chosen is None else count_held(connection) - len(chosen)
        brake.tell_jobs(connection, left)
        if not left:
            brake.let_go(connection, forget=chosen is None)
        if chosen is None:
            told = Phrase("hand.released", name=connection.name)
        else:
            number = len(chosen) + len(gone)
            told = Phrase("hand.released-some", name=connection.name, number=number, left=left)
        record(EventKind.BY_HAND, told, connection=connection, actor=user)
        live.inbox_changed()
    if chosen is None:
        return start_reconcile(connection, user=user)
    return start_reconcile(connection, media_ids=sorted(chosen), released=True, user=user)


def decline(
    connection: Connection, titles: Collection[int] | None = None, *, user: User | None = None
) -> list[int]:
    """Leave titles that the brake holds as they are, all or these; return which.

    They stay so until their verdict or policy asks for other labels than now, or somebody calls `reconsider`.
    Raises ConfigError where nothing is held, or none of these titles.
    """
    with _answering(connection):
        chosen = _held_of(connection, titles)
        rows = {}
        for media in with_policies(locked(Media.objects.filter(pk__in=chosen).order_by("pk"))):
            state = media.scan_state
            wanted = asked_for(state.standing, state.policy.labels).known or NOTHING
            declined = None if state.untag else sorted(wanted)
            rows[media.pk] = {"declined": declined, "dirty": False, "untag": False}
        update(ScanState, rows)
        # Titles that the app no longer lists stay, where all is left as it is, until a sync asks again.
        left = 0 if titles is None else count_held(connection)
        brake.tell_jobs(connection, left)
        if not left:
            brake.let_go(connection, forget=False)
        told = Phrase("hand.declined", name=connection.name, number=len(rows), left=left)
        record(EventKind.BY_HAND, told, connection=connection, actor=user)
        live.inbox_changed()
    return sorted(rows)


def declined(connection: Connection) -> QuerySet[Media]:
    """The titles of an instance that a person wanted left as they are."""
    return Media.objects.filter(connection=connection, scan_state__declined__isnull=False)


def reconsider(
    connection: Connection, titles: Collection[int] | None = None, *, user: User | None = None
) -> Job | None:
    """Let titles that were left as they are follow their verdicts again, all or these; return the job that
    writes them, None where there was none or the instance is disabled.
    """
    rows = declined(connection) if titles is None else declined(connection).filter(pk__in=titles)
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return None
    with transaction.atomic():
        chosen = Media.objects.filter(pk__in=ids)
        list(locked(chosen.order_by("pk")))
        ScanState.objects.filter(media__in=ids).update(declined=None)
        redecide(chosen)
        told = Phrase("hand.reconsidered", name=connection.name, number=len(ids))
        record(EventKind.BY_HAND, told, connection=connection, actor=user)
    return start_reconcile(connection, media_ids=ids, user=user) if connection.enabled else None


def _waiting(connection: Connection) -> QuerySet[Media]:
    rows = Media.objects.filter(Q(scan_state__untag=True) | included())
    return rows.filter(connection=connection, scan_state__dirty=True).select_related("scan_state")


def _held_of(connection: Connection, titles: Collection[int] | None, *, besides: int = 0) -> set[int]:
    """The titles of these whose changes are held; `besides` of the others have been answered already."""
    held = {one.media.pk for one in held_changes(connection)}
    chosen = held if titles is None else held & set(titles)
    if titles is not None and not chosen and not besides:
        raise ConfigError("brake.none-of-these", name=connection.name)
    return chosen


def _forgotten(connection: Connection, titles: Collection[int], user: User | None) -> list[Media]:
    """Forget those of these titles that the app no longer lists; return them."""
    gone = [one.media for one in held_orphans(connection) if one.media.pk in titles]
    for media in gone:
        told = Phrase("title.removed", title=media.title, instance=connection.name)
        record(ScanEvent.MEDIA_REMOVED, told, title=media.title, connection=connection, actor=user)
    forget_orphans(connection, gone)
    connection.source.refresh_from_db(fields=["orphans_held"])
    return gone


@contextmanager
def _answering(connection: Connection) -> Iterator[None]:
    """A transaction with the brake of an instance locked. Raises ConfigError where it is not held."""
    with transaction.atomic():
        held = ScanSettings.objects.select_for_update().get(pk=connection.pk).held_since
        if held is None:
            raise ConfigError("brake.not-held", name=connection.name)
        yield


# Tags that stood there before


@dataclass(slots=True)
class FoundLabel:
    """One label that stood at an instance before us, and on how many titles; of these, once it is ours, so
    many keep it and lose it, and others get it.
    """

    label: str
    carried: int = 0
    kept: int = 0
    removed: int = 0
    added: int = 0


@dataclass(slots=True)
class AdoptionPlan:
    """What would follow if the `chosen` of the found labels became ours: of each label and of each title.

    `unread` titles carry one of them and have no verdict yet: what becomes of these a scan will say.
    `blocked` ones would wait on, for they carry another label that is not chosen.
    """

    chosen: list[str]
    labels: list[FoundLabel]
    titles: list[Proposed] = field(default_factory=list)
    unread: int = 0
    blocked: int = 0


def plan_adoption(connection: Connection, chosen: Collection[str] | None = None) -> AdoptionPlan:
    """Return what adopting these of the found labels would do, all of them where none is named."""
    now = labels_of(connection)
    taken = sorted(now.found if chosen is None else now.found & set(chosen))
    then = now.adopting(taken)
    found = {label: FoundLabel(label) for label in sorted(now.found)}
    plan = AdoptionPlan(taken, list(found.values()))
    rows = Media.objects.filter(included(), connection=connection).select_related("scan_state")
    for media in with_policies(rows.order_by("sort_title", "pk").iterator(chunk_size=CHUNK)):
        carried, wanted = now.found & set(media.tags), desired_of(media)
        change = change_to(media.tags, wanted, then)
        plan.unread += bool(carried) and wanted.known is None
        plan.blocked += is_blocked(media.tags, wanted, then)
        for label in carried:
            found[label].carried += 1
            found[label].kept += label not in change.remove
            found[label].removed += label in change.remove
        for label in change.add & found.keys():
            found[label].added += 1
        if change != change_to(media.tags, wanted, now):
            plan.titles.append(Proposed.of(media, change, now))
    return plan


def adopt(connection: Connection, labels: Collection[str] = (), *, user: User | None = None) -> Job | None:
    """Treat these labels, or all that wait where none is named, as ours; start writing what they held up.

    All of it or nothing. Returns the job that writes, None where the instance is disabled. Raises
    `ConfigError` where one of these does not wait, or none does.
    """
    with transaction.atomic():
        _answer(connection, labels, "hand.adopted", user, found=False, left_alone=False)
        redecide(Media.objects.filter(connection=connection))
    return start_reconcile(connection, user=user) if connection.enabled else None


def leave(connection: Connection, labels: Collection[str] = (), *, user: User | None = None) -> None:
    """Leave these labels, or all that wait where none is named, to whoever made them, and ask no more.

    They can be adopted later all the same. Raises `ConfigError` where one of these does not wait, or none
    does.
    """
    with transaction.atomic():
        _answer(connection, labels, "hand.left", user, left_alone=True)


def ask_again(connection: Connection, labels: Collection[str], *, user: User | None = None) -> None:
    """Have these labels wait for an answer again. Raises `ConfigError` where one was not found there."""
    with transaction.atomic():
        _answer(connection, labels, "hand.asked-again", user, left_alone=False)


def _answer(
    connection: Connection, labels: Collection[str], told: str, user: User | None, **answer: bool
) -> None:
    rows = ManagedLabel.objects.select_for_update().filter(connection=connection, found=True)
    found = {row.label: row for row in rows}
    chosen = sorted(set(labels)) or [label for label, row in found.items() if not row.left_alone]
    if not chosen:
        raise ConfigError("label.none-wait", instance=connection.name)
    for label in chosen:
        if label not in found:
            raise ConfigError("label.none-waits", label=label, instance=connection.name)
    ManagedLabel.objects.filter(pk__in=[found[label].pk for label in chosen]).update(**answer)
    phrase = Phrase(told, labels=chosen, instance=connection.name)
    record(EventKind.BY_HAND, phrase, connection=connection, actor=user, after=chosen)
    live.inbox_changed()
