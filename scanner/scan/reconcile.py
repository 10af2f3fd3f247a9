"""Make the tags of an instance equal to what the verdicts ask for, touching nothing else.

Desired state, not commands: the verdict says which of our labels a title should carry, the last sync or write
says which it carries, and the difference is sent in bulk. A crash in the middle is healed by the next run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from connections.models import Connection
from core import sql
from core.errors import ApiError, ApiPermanentError
from core.words import Phrase
from history.models import EventKind
from history.services import record_many
from jobs.handlers import Cancelled, ClaimLost, Stopping
from library import changes
from library.clients import Apply, LibraryClient
from library.models import Media, Tag, What, holds_series, included
from scanner.events import ScanEvent
from scanner.labels.bulk_edit import LONGEST_CALL, BulkEdit
from scanner.labels.desired import NOTHING, Change, change_to
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

CHUNK = 500
"""Media a call: what Sonarr and Radarr take well within the time-out."""

ROUNDS = 3
"""How often a tag may come undone before we stop sending it and tell: somebody else's rule removes it."""


@dataclass(slots=True)
class ReconcileResult:
    """What one reconcile did. `failed` maps a title's id to the sentence that says why."""

    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    nfo_written: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    held: str = ""

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
    labels = labels_of(connection)
    labels = replace(labels, found=labels.found | strange_labels(connection))
    for media in with_policies(waiting.select_related("scan_state").iterator(chunk_size=CHUNK)):
        change = change_of(media, labels)
        result.added.update(change.add)
        result.removed.update(change.remove)
        result.nfo_written += nfo_would_change(media, labels)
    return result.summary()


def reconcile(
    connection: Connection,
    client: LibraryClient,
    *,
    media_ids: Sequence[int] | None = None,
    job_id: int | None = None,
    rescan: bool = False,
    keep_alive: Callable[[], None] = lambda: None,
    hold: Callable[[float], None] = lambda _seconds: None,
) -> ReconcileResult:
    """Write what the dirty media of an instance need; return what was done.

    `keep_alive` is called between the parts: it renews a lease, or raises Cancelled or Stopping. `hold` is
    called before a step that may take so many seconds: it makes the lease that long. `rescan` asks the app to
    look at the folders of media whose tags changed. An instance held by the brake is left alone. Raises
    `ApiError` where the instance as a whole cannot be written. What was written until then is remembered and
    stands in history.
    """
    if connection.scan_settings.held_since is not None:
        return ReconcileResult(held=connection.scan_settings.held_reason)
    run = _Run(connection, client, media_ids, job_id, keep_alive=keep_alive, hold=hold)
    return run.run(rescan=rescan)


class _Run:
    def __init__(
        self,
        connection: Connection,
        client: LibraryClient,
        media_ids: Sequence[int] | None,
        job_id: int | None,
        *,
        keep_alive: Callable[[], None],
        hold: Callable[[float], None],
    ) -> None:
        self.connection = connection
        self.client = client
        self.media_ids = media_ids
        self.job_id = job_id
        self.keep_alive = keep_alive
        self.hold = hold
        self.editor = BulkEdit(client, self._before_call)
        self.result = ReconcileResult()
        self.before: dict[int, list[str]] = {}

    def run(self, *, rescan: bool) -> ReconcileResult:
        try:
            self._write(self._own_labels())
        except (ApiError, Cancelled, ClaimLost, Stopping):
            self._record()
            raise
        self._record()
        if rescan and self.before:
            self._rescan()
        return self.result

    def _before_call(self) -> None:
        self.keep_alive()
        self.hold(LONGEST_CALL)

    def _write(self, due: dict[int, Change]) -> None:
        additions = _by_label((pk, change.add) for pk, change in due.items())
        ids = self._resolve(additions)
        # Every addition goes before every removal: a title never stands without its label.
        for label, pks in additions.items():
            self._send(pks, label, ids, apply="add")
        removals = _by_label((pk, change.remove) for pk, change in due.items())
        for label, pks in removals.items():
            self._send(pks, label, ids, apply="remove")
        self._settle(list(due))

    def _due(self, pks: Sequence[int] | None = None, *, lock: bool = False) -> Iterator[Media]:
        due = _due_media(self.connection, self.media_ids if pks is None else pks)
        if lock:
            # The rows first: a policy that is saved meanwhile is committed by the time that they are ours.
            return with_policies(list(locked(due)))
        return with_policies(due.iterator(chunk_size=CHUNK))

    def _own_labels(self) -> dict[int, Change]:
        """Remember the labels to be written as ours, but for those that somebody else made; return what is
        to change on each media.
        """
        self.labels = labels_of(self.connection)
        desired = {media.pk: (desired_of(media), media.tags) for media in self._due()}
        changes = {pk: change_to(tags, wanted, self.labels) for pk, (wanted, tags) in desired.items()}
        new = {label for change in changes.values() for label in change.add} - self.labels.managed
        if not new:
            return changes
        new -= set(note_found_labels(self.connection, new))
        of_verdicts = {label for wanted, _ in desired.values() for label in wanted.verdict or ()}
        own_labels(self.connection, new & of_verdicts)
        own_labels(self.connection, new - of_verdicts, of_language=True)
        self.labels = labels_of(self.connection)
        return {pk: change_to(tags, wanted, self.labels) for pk, (wanted, tags) in desired.items()}

    def _resolve(self, additions: Collection[str]) -> dict[str, int]:
        """Return the tag id of every label. Those to be added are made where they are missing.

        Sonarr and Radarr delete unused tags, so the ids of the last sync may be gone: they are asked for
        anew. For removals the old ids serve: an id is never used again.
        """
        ids = dict(Tag.objects.filter(connection=self.connection).values_list("label", "arr_id"))
        there = {label: arr_id for arr_id, label in self.client.tags().items()} if additions else {}
        for label in sorted(additions):
            self.keep_alive()
            known = ids.get(label)
            ids[label] = there[label] if label in there else self.client.create_tag(label)
            if ids[label] != known:
                # The id of before is gone with the tag that the app deleted.
                Tag.objects.filter(connection=self.connection, label=label).delete()
                Tag.objects.update_or_create(
                    connection=self.connection, arr_id=ids[label], defaults={"label": label}
                )
        return ids

    def _send(self, pks: Sequence[int], label: str, ids: dict[str, int], *, apply: Apply) -> None:
        if label not in ids:
            return
        names = {tag_id: label for label, tag_id in ids.items()}
        for start in range(0, len(pks), CHUNK):
            self.keep_alive()
            # The verdicts are read just before the call: what changed meanwhile is not sent.
            wanted = {
                media.arr_id: media
                for media in self._due(pks[start : start + CHUNK])
                if _wants(change_of(media, self.labels), label, apply)
            }
            if not wanted:
                continue
            outcome = self.editor.send(list(wanted), [ids[label]], apply)
            for arr_id, sentence in outcome.failed.items():
                self.result.failed[wanted[arr_id].pk] = sentence
            written = [media for media in wanted.values() if media.arr_id in outcome.tags]
            for media in written:
                self._note(media, [names[i] for i in outcome.tags[media.arr_id] if i in names])
            with transaction.atomic():
                sql.update(written, ["tags"])
                changes.record(changes.of(media, What.LABELS) for media in written)

    def _note(self, media: Media, tags: list[str]) -> None:
        self.before.setdefault(media.pk, media.tags)
        self.result.added.update((set(tags) - set(media.tags)) & self.labels.managed)
        self.result.removed.update((set(media.tags) - set(tags)) & self.labels.managed)
        media.tags = sorted(tags)

    def _settle(self, pks: Sequence[int]) -> None:
        """Write the NFO of every title whose tags are right, and take the right ones off the list."""
        for start in range(0, len(pks), CHUNK):
            for media in self._due(pks[start : start + CHUNK]):
                self.keep_alive()
                if self._is_right(media):
                    self._write_nfo(media)
            with transaction.atomic():
                self._close(pks[start : start + CHUNK])

    def _is_right(self, media: Media) -> bool:
        """Whether the tags are what the verdict asks for (not so while its label waits to be adopted)."""
        if media.pk in self.result.failed or change_of(media, self.labels):
            return False
        return not (desired_of(media).known or NOTHING) & self.labels.found - frozenset(media.tags)

    def _write_nfo(self, media: Media) -> None:
        outcome = write_nfo_of(media, self.labels)
        self.result.nfo_written += outcome.written
        if outcome.problem:
            self.result.failed[media.pk] = outcome.problem

    def _close(self, pks: Sequence[int]) -> None:
        """Mark what is right as clean; count a round for what came back different from what was asked.

        The rows are locked: a scan that decides at this moment makes its media dirty again after us, not
        before.
        """
        clean, undone = [], []
        for media in self._due(pks, lock=True):
            if self._is_right(media):
                if not nfo_is_due(media):
                    clean.append(media.pk)
            elif media.pk in self.before:
                undone.append(media.pk)
        if clean:
            ScanState.objects.filter(media__in=clean).update(dirty=False, untag=False, reconcile_error="")
        if undone:
            ScanState.objects.filter(media__in=undone).update(reconcile_rounds=F("reconcile_rounds") + 1)
        failed = [(pk, self.result.failed[pk]) for pk in pks if pk in self.result.failed]
        for pk, sentence in failed:
            ScanState.objects.filter(media=pk).update(reconcile_error=sentence)

    def _record(self) -> None:
        """Write one event for every title whose tags changed and one for every failure."""
        pks = list({**self.before, **self.result.failed})
        for start in range(0, len(pks), CHUNK):
            touched = Media.objects.in_bulk(pks[start : start + CHUNK])
            record_many(event for pk in touched for event in self._events(touched[pk]))

    def _events(self, media: Media) -> Iterator[dict[str, Any]]:
        if media.pk in self.before:
            yield self._tags_event(media, self.before[media.pk])
        if media.pk in self.result.failed:
            text = self.result.failed[media.pk]
            yield {"kind": EventKind.PROBLEM, "text": text, "subject": media, "job_id": self.job_id}

    def _tags_event(self, media: Media, before: list[str]) -> dict[str, Any]:
        added = sorted(set(media.tags) - set(before))
        removed = sorted(set(before) - set(media.tags))
        return {
            "kind": ScanEvent.TAGS,
            "text": _tags_written(media.title, added, removed, self.connection.name),
            "subject": media,
            "job_id": self.job_id,
            "before": before,
            "after": media.tags,
        }

    def _rescan(self) -> None:
        name = "RescanSeries" if holds_series(self.connection) else "RescanMovie"
        for pk, arr_id in Media.objects.filter(pk__in=self.before).values_list("pk", "arr_id"):
            self.keep_alive()
            try:
                self.client.command(name, arr_id)
            except ApiPermanentError as error:
                self.result.failed.setdefault(pk, error.phrase)


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


def _wants(change: Change, label: str, apply: Apply) -> bool:
    """Whether a title is to be part of a call. One whose new label was not taken keeps its old one."""
    return label in change.add if apply == "add" else label in change.remove and not change.add


def _by_label(changes: Iterable[tuple[int, frozenset[str]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for pk, labels in changes:
        for label in labels:
            found.setdefault(label, []).append(pk)
    return dict(sorted(found.items()))
