"""Make the tags of an instance equal to what the verdicts ask for, touching nothing else.

Desired state, not commands: the verdict says which of our labels a title should carry, the last sync or write
says which it carries, and the difference is sent in bulk. A crash in the middle is healed by the next run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from connections.models import Connection
from core import sql
from core.errors import ApiError, ApiPermanentError, ConfigError
from core.words import Phrase
from history.models import EventKind
from history.services import record_many
from jobs.handlers import Cancelled, ClaimLost, OneStep, Stopping
from jobs.models import LIVE_JOB, Job, Queue
from jobs.runner import ItemRun
from library import changes
from library.clients import Apply, LibraryClient, client_for
from library.models import Media, Tag, What, holds_series, included
from scanner.events import ScanEvent
from scanner.labels.bulk_edit import LONGEST_CALL, BulkEdit
from scanner.labels.desired import NOTHING, Change, Labels, change_to, is_blocked
from scanner.labels.managed import (
    change_of,
    desired_of,
    labels_of,
    note_found_labels,
    own_labels,
    strange_labels,
)
from scanner.loading import locked, with_policies
from scanner.models import ScanState
from scanner.nfo.write import nfo_is_due, nfo_would_change, write_nfo_of
from scanner.scan.starting import start_reconcile

CHUNK = 500
"""Media a call: what Sonarr and Radarr take well within the time-out."""

EVERY = timedelta(seconds=60)
"""Between two sendings of a scan that is under way."""

ROUNDS = 3
"""How often a tag may come undone before we stop sending it and tell: somebody else's rule removes it."""


@dataclass(slots=True)
class ReconcileResult:
    """What one reconcile did. By a title's id, `failed` holds the sentence that says why, `before` the tags
    of one whose tags were written.
    """

    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    nfo_written: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    before: dict[int, list[str]] = field(default_factory=dict)
    held: str = ""

    def note(self, media: Media, tags: Collection[str], labels: Labels) -> None:
        self.before.setdefault(media.pk, media.tags)
        self.added.update((set(tags) - set(media.tags)) & labels.managed)
        self.removed.update((set(media.tags) - set(tags)) & labels.managed)

    def summary(self) -> dict[str, Any]:
        return {
            "added": dict(sorted(self.added.items())),
            "removed": dict(sorted(self.removed.items())),
            "nfo_written": self.nfo_written,
            "not_written": len(self.failed),
            "held": self.held,
        }


def _due_media(connection: Connection, media_ids: Iterable[int] | None = None) -> QuerySet[Media]:
    """Return the dirty media of an instance that may be written, of these ids where any are given."""
    due = Media.objects.filter(
        connection=connection, scan_state__dirty=True, scan_state__reconcile_rounds__lt=ROUNDS
    ).select_related("scan_state")
    due = due.filter(Q(scan_state__untag=True) | included())
    override_writes = Q(scan_state__policy_override__dry_run=False)
    due = due.filter(
        override_writes
        if connection.scan_settings.policy.dry_run
        else override_writes | Q(scan_state__policy_override=None)
    )
    if media_ids is not None:
        due = due.filter(pk__in=list(media_ids))
    return due.order_by("pk")


def preview(connection: Connection) -> dict[str, Any]:
    """Return what a reconcile would send now, as a summary, without sending anything.

    Media whose policy asks for dry runs are counted too: this is what their owner wants to see.
    """
    result = ReconcileResult()
    waiting = Media.objects.filter(Q(scan_state__untag=True) | included())
    waiting = waiting.filter(connection=connection, scan_state__dirty=True).order_by("pk")
    labels = with_strange(connection)
    for media in with_policies(waiting.select_related("scan_state").iterator(chunk_size=CHUNK)):
        change = change_of(media, labels)
        result.added.update(change.add)
        result.removed.update(change.remove)
        result.nfo_written += nfo_would_change(media, labels)
    return result.summary()


def with_strange(connection: Connection) -> Labels:
    """The labels of an instance as they are once a reconcile has seen which of those it wants stand there."""
    labels, strange = labels_of(connection), strange_labels(connection)
    return replace(labels, found=labels.found | strange, of_languages=labels.of_languages | strange)


@dataclass(frozen=True, slots=True)
class _Target:
    """What all phases write to: an instance, of which these titles where any are named."""

    connection: Connection
    client: LibraryClient
    editor: BulkEdit
    media_ids: Sequence[int] | None
    keep_alive: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to change on each title, by its id, and the labels of the instance by which that was found."""

    changes: dict[int, Change]
    labels: Labels


def reconcile(
    connection: Connection,
    client: LibraryClient,
    *,
    media_ids: Sequence[int] | None = None,
    job_id: int | None = None,
    rescan: bool = False,
    keep_alive: Callable[[], None] = lambda: None,
    hold: Callable[[float], None] = lambda _seconds: None,
    released: bool = False,
) -> ReconcileResult:
    """Write what the dirty media of an instance need; return what was done.

    `keep_alive` is called between the parts: it renews a lease, or raises Cancelled or Stopping. `hold` is
    called before a step that may take so many seconds: it makes the lease that long. `rescan` asks the app to
    look at the folders of media whose tags changed. An instance held by the brake is left alone, but for
    titles that a person `released`. Raises
    `ApiError` where the instance as a whole cannot be written. What was written until then is remembered and
    stands in history.
    """
    if connection.scan_settings.held_since is not None and not released:
        return ReconcileResult(held=connection.scan_settings.held_reason)

    def before_call() -> None:
        keep_alive()
        hold(LONGEST_CALL)

    target = _Target(connection, client, BulkEdit(client, before_call), media_ids, keep_alive)
    result = ReconcileResult()
    try:
        due = _find_due(target)
        ids = _resolve_tags(target, due)
        _send(target, due, ids, result)
        _settle(target, due, result)
    except (ApiError, Cancelled, ClaimLost, Stopping):
        _record(target, result, job_id)
        raise
    _record(target, result, job_id)
    if rescan and result.before:
        _rescan(target, result)
    return result


def _media_due(target: _Target, pks: Sequence[int] | None = None, *, lock: bool = False) -> Iterator[Media]:
    ids = target.media_ids if pks is None else pks
    due = _due_media(target.connection, ids)
    if lock:
        # The rows first: a policy that is saved meanwhile is committed by the time that they are ours.
        return with_policies(list(locked(due)))
    # A cursor of the database takes three round trips, which few titles are not worth.
    few = ids is not None and len(ids) <= CHUNK
    return with_policies(due if few else due.iterator(chunk_size=CHUNK))


def _find_due(target: _Target) -> _Due:
    """Find what is to change. The labels to be written are remembered as ours from here on, but for those
    that somebody else made.
    """
    labels = labels_of(target.connection)
    wanted = {media.pk: (desired_of(media), media.tags) for media in _media_due(target)}
    changes = {pk: change_to(tags, one, labels) for pk, (one, tags) in wanted.items()}
    new = {label for change in changes.values() for label in change.add} - labels.managed
    if not new:
        return _Due(changes, labels)
    new -= set(note_found_labels(target.connection, new))
    of_verdicts = {label for one, _ in wanted.values() for label in one.verdict or ()}
    own_labels(target.connection, new & of_verdicts)
    own_labels(target.connection, new - of_verdicts, of_language=True)
    labels = labels_of(target.connection)
    return _Due({pk: change_to(tags, one, labels) for pk, (one, tags) in wanted.items()}, labels)


def _resolve_tags(target: _Target, due: _Due) -> dict[str, int]:
    """Return the tag id of every label. Those to be added are made where they are missing.

    Sonarr and Radarr delete unused tags, so the ids of the last sync may be gone: they are asked for anew.
    For removals the old ids serve: an id is never used again.
    """
    tags = Tag.objects.filter(connection=target.connection)
    ids = dict(tags.values_list("label", "arr_id"))
    additions = {label for change in due.changes.values() for label in change.add}
    there = {label: arr_id for arr_id, label in target.client.tags().items()} if additions else {}
    for label in sorted(additions):
        target.keep_alive()
        known = ids.get(label)
        ids[label] = there[label] if label in there else target.client.create_tag(label)
        if ids[label] != known:
            # The id of before is gone with the tag that the app deleted.
            tags.filter(label=label).delete()
            tags.update_or_create(connection=target.connection, arr_id=ids[label], defaults={"label": label})
    return ids


def _send(target: _Target, due: _Due, ids: Mapping[str, int], result: ReconcileResult) -> None:
    """Send every addition before every removal: a title never stands without its label."""
    names = {tag_id: label for label, tag_id in ids.items()}
    for apply, label, pks in _calls(due.changes):
        if label not in ids:
            continue
        target.keep_alive()
        # The verdicts are read just before the call: what changed meanwhile is not sent.
        wanted = {
            media.arr_id: media
            for media in _media_due(target, pks)
            if _wants(change_of(media, due.labels), label, apply)
        }
        if not wanted:
            continue
        outcome = target.editor.send(list(wanted), [ids[label]], apply)
        for arr_id, sentence in outcome.failed.items():
            result.failed[wanted[arr_id].pk] = sentence
        written = [media for media in wanted.values() if media.arr_id in outcome.tags]
        for media in written:
            tags = sorted(names[one] for one in outcome.tags[media.arr_id] if one in names)
            result.note(media, tags, due.labels)
            media.tags = tags
        with transaction.atomic():
            sql.update(written, ["tags"])
            changes.record(changes.of(media, What.LABELS) for media in written)


def _calls(changed: Mapping[int, Change]) -> Iterator[tuple[Apply, str, list[int]]]:
    """Yield what is to be sent: a label to add or to remove, and the titles of one call."""
    ways: tuple[tuple[Apply, dict[int, frozenset[str]]], ...] = (
        ("add", {pk: change.add for pk, change in changed.items()}),
        ("remove", {pk: change.remove for pk, change in changed.items()}),
    )
    for apply, labels in ways:
        for label in sorted(set().union(*labels.values())):
            pks = [pk for pk, some in labels.items() if label in some]
            yield from ((apply, label, pks[start : start + CHUNK]) for start in range(0, len(pks), CHUNK))


def _wants(change: Change, label: str, apply: Apply) -> bool:
    """Whether a title is to be part of a call. One whose new label was not taken keeps its old one."""
    return label in change.add if apply == "add" else label in change.remove and not change.add


def _settle(target: _Target, due: _Due, result: ReconcileResult) -> None:
    """Write the NFO of every title whose tags are right, and take the right ones off the list."""
    pks = list(due.changes)
    for start in range(0, len(pks), CHUNK):
        chunk = pks[start : start + CHUNK]
        for media in _media_due(target, chunk):
            target.keep_alive()
            if _is_right(media, due.labels, result):
                outcome = write_nfo_of(media, due.labels)
                result.nfo_written += outcome.written
                if outcome.problem:
                    result.failed[media.pk] = outcome.problem
        with transaction.atomic():
            _close(target, chunk, due.labels, result)


def _is_right(media: Media, labels: Labels, result: ReconcileResult) -> bool:
    """Whether the tags are what the verdict asks for (not so while its label waits to be adopted)."""
    if media.pk in result.failed or change_of(media, labels):
        return False
    wanted = desired_of(media)
    waits = (wanted.known or NOTHING) & labels.found - frozenset(media.tags)
    return not waits and not is_blocked(media.tags, wanted, labels)


def _close(target: _Target, pks: Sequence[int], labels: Labels, result: ReconcileResult) -> None:
    """Mark what is right as clean; count a round for what came back different from what was asked.

    The rows are locked: a scan that decides at this moment makes its media dirty again after us, not before.
    """
    clean, undone = [], []
    for media in _media_due(target, pks, lock=True):
        if _is_right(media, labels, result):
            if not nfo_is_due(media.scan_state.standing, media.scan_state.policy):
                clean.append(media.pk)
        elif media.pk in result.before:
            undone.append(media.pk)
    if clean:
        ScanState.objects.filter(media__in=clean).update(dirty=False, untag=False, reconcile_error="")
    if undone:
        ScanState.objects.filter(media__in=undone).update(reconcile_rounds=F("reconcile_rounds") + 1)
    for pk in set(pks) & result.failed.keys():
        ScanState.objects.filter(media=pk).update(reconcile_error=result.failed[pk])


def _record(target: _Target, result: ReconcileResult, job_id: int | None) -> None:
    """Write one event for every title whose tags changed and one for every failure."""
    pks = list({**result.before, **result.failed})
    for start in range(0, len(pks), CHUNK):
        touched = Media.objects.in_bulk(pks[start : start + CHUNK])
        record_many(
            {**event, "subject": media, "job_id": job_id}
            for pk, media in touched.items()
            for event in _events(target, media, result)
        )


def _events(target: _Target, media: Media, result: ReconcileResult) -> Iterator[dict[str, Any]]:
    if media.pk in result.before:
        before = result.before[media.pk]
        added = sorted(set(media.tags) - set(before))
        removed = sorted(set(before) - set(media.tags))
        text = _tags_written(media.title, added, removed, target.connection.name)
        yield {"kind": ScanEvent.TAGS, "text": text, "before": before, "after": media.tags}
    if media.pk in result.failed:
        yield {"kind": EventKind.PROBLEM, "text": result.failed[media.pk]}


def _rescan(target: _Target, result: ReconcileResult) -> None:
    name = "RescanSeries" if holds_series(target.connection) else "RescanMovie"
    for pk, arr_id in Media.objects.filter(pk__in=result.before).values_list("pk", "arr_id"):
        target.keep_alive()
        try:
            target.client.command(name, arr_id)
        except ApiPermanentError as error:
            result.failed.setdefault(pk, error.phrase)


def _tags_written(title: str, added: list[str], removed: list[str], connection: str) -> Phrase:
    parts = {
        "title": title,
        "added": ", ".join(added),
        "removed": ", ".join(removed),
        "instance": connection,
    }
    if added and removed:
        return Phrase("tags.changed", **parts)
    if added:
        return Phrase("tags.added", **parts)
    if removed:
        return Phrase("tags.removed", **parts)
    return Phrase("tags.unchanged", **parts)


class ReconcileHandler(OneStep):
    """Sends the tags of dirty titles: all of an instance, or those that `media_ids` names, which a person may
    have `released` from the brake.
    """

    name = "reconcile"
    queue = Queue.INTERACTIVE

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        ids = params.get("media_ids")
        known = set(params) <= {"media_ids", "released"}
        if not known or not (ids is None or all(isinstance(pk, int) for pk in ids)):
            raise ConfigError("A reconcile has one parameter, 'media_ids': a list of numbers, or none.")
        return {"media_ids": ids, "released": bool(params.get("released"))}

    def do(self, run: ItemRun) -> dict[str, Any]:
        if run.job.connection is None:
            raise ConfigError("The instance of this reconcile was deleted.")
        result = reconcile(
            run.job.connection,
            client_for(run.job.connection),
            media_ids=run.job.params["media_ids"],
            job_id=run.job.pk,
            keep_alive=run.check,
            hold=run.hold,
            released=run.job.params["released"],
        )
        return result.summary()


def reconcile_running_scans() -> int:
    """Send what first scans under way have found so far; return how many reconciles were started.

    Called by the tick. Later full scans are not sent from before they end: only the whole tells whether the
    brake must hold them.
    """
    recent = Job.objects.filter(name="reconcile", connection=OuterRef("pk"), created_at__gt=Now() - EVERY)
    running = Job.objects.filter(
        name="scan",
        connection=OuterRef("pk"),
        state__in=LIVE_JOB,
        params__dry_run=False,
        params__media_id=None,
        created_at__lt=Now() - EVERY,
    )
    dirty = Media.objects.filter(connection=OuterRef("pk"), scan_state__dirty=True)
    first = Connection.objects.filter(
        Exists(running), Exists(dirty), ~Exists(recent), scan_settings__last_full_scan_at=None
    )
    return len([start_reconcile(connection) for connection in first])
