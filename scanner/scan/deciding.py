"""From facts to verdict: decide titles, and save what that changes.

`decide` and `intent_of` look at what was loaded and return what is to be; `save` alone writes it. Scans,
changed policies and previews all go through them. Nothing here touches a file or a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from core import live, sql
from core.words import Phrase
from history.services import record_many
from library import changes
from library.models import Media, What
from scanner.events import ScanEvent
from scanner.labels.desired import Labels, Standing, change_to, desired
from scanner.labels.managed import labels_of
from scanner.labels.of_languages import Heard, language_labels
from scanner.loading import Title, load_titles
from scanner.models import FileScanState, Policy, ScanState, SeasonScanState
from scanner.nfo.write import nfo_is_due
from scanner.verdict.file import Rules
from scanner.verdict.sentences import verdict_changed
from scanner.verdict.title import Decider, TitleVerdict

CHUNK = 200
CHUNK_FILES = 2000
"""The most titles, and about the most files, that are held in memory at once."""

ORIGINAL_MISSING = "original_missing"
"""The key in a title's reason under which stands how many of its files lack its original language."""

LANGUAGE_LABELS = "labels"
"""The key in a title's reason under which stands why it should carry each label beside the verdict's."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a title amounts to under a policy: its verdict with the reason, and the labels beside that of its
    verdict (None where these are not known).
    """

    title: Title
    found: TitleVerdict
    verdict: str
    reason: Mapping[str, Any]
    language_labels: list[str] | None

    @property
    def media(self) -> Media:
        return self.title.media


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be written of a title: fields of its state, of those of its files and seasons by id, and
    events.
    """

    media: Media
    state: Mapping[str, Any]
    files: Mapping[int, Mapping[str, Any]]
    seasons: Mapping[int, Mapping[str, Any]]
    events: Sequence[dict[str, Any]]


@dataclass(slots=True)
class Deciders:
    """A decider for each set of rules, whichever policies state them."""

    _of_rules: dict[Rules, Decider] = field(default_factory=dict)
    _of_policy: dict[int, tuple[Policy, Decider]] = field(default_factory=dict)

    def of(self, policy: Policy) -> Decider:
        if id(policy) not in self._of_policy:
            rules = policy.rules
            self._of_policy[id(policy)] = policy, self._of_rules.setdefault(rules, Decider(rules))
        return self._of_policy[id(policy)][1]


def decide(title: Title, policy: Policy, decider: Decider) -> Decision:
    """Return what a title amounts to under a policy, saved or not, whose decider this is.

    Where none of its files can be reached, it keeps its verdict: what is away as a whole changes nothing.
    """
    state, wanted = title.media.scan_state, policy.label_rules
    found = decider.decide(title.files, title.seasons, state.original)
    if found.waiting:
        kept = state.language_labels if wanted else []
        return Decision(title, found, state.verdict, state.verdict_reason, kept)
    verdict, reason = found.rolled.verdict.value, dict(found.rolled.reason)
    heard = [Heard(*file) for file in found.heard] if wanted else []
    labels = language_labels(heard, verdict, decider.rules.targets, wanted)
    if found.lacking:
        reason[ORIGINAL_MISSING] = found.lacking
    if labels:
        reason[LANGUAGE_LABELS] = labels
    kept = state.language_labels if labels is None else sorted(labels)
    return Decision(title, found, verdict, reason, kept)


def intent_of(
    decision: Decision,
    decider: Decider,
    labels: Labels,
    *,
    untag: bool,
    nfo_tags: Sequence[str] | None,
    job_id: int | None,
) -> Intent:
    """Return what is to be written for a decision under the policy of its title, in the name of a job.

    `untag` and `nfo_tags` are what its state holds of these by then.
    """
    media, found, state = decision.media, decision.found, decision.media.scan_state
    standing = Standing(decision.verdict, decision.language_labels, nfo_tags, untag, state.declined)
    change = change_to(media.tags, desired(standing, state.policy.labels), labels)
    changed = decision.verdict != state.verdict
    files = zip(decision.title.files, found.decisions, strict=True)
    seasons = zip(decision.title.seasons, found.rolled.seasons, strict=False)
    return Intent(
        media,
        {
            "verdict": decision.verdict,
            "verdict_reason": decision.reason,
            "verdict_at": timezone.now() if changed else state.verdict_at,
            "language_labels": decision.language_labels,
            "dirty": untag or bool(change) or nfo_is_due(standing, state.policy),
            "reconcile_rounds": 0 if changed else state.reconcile_rounds,
        },
        {
            file.pk or 0: {"verdict": decided.verdict.value, "reason": decider.reason(decided)}
            for file, decided in files
            if (file.verdict, file.reason) != (decided.verdict, decider.reason(decided))
        },
        {
            season.pk: {"verdict": decided.verdict.value, "counts": decided.counts}
            for season, decided in seasons
            if (season.verdict, season.counts) != (decided.verdict, decided.counts)
        },
        list(_events(decision, job_id)),
    )


def _events(decision: Decision, job_id: int | None) -> Iterator[dict[str, Any]]:
    """Yield the events of a title whose verdict is another one, or whose files newly lack its original
    language. Files without any known language do not count.
    """
    media, before = decision.media, decision.media.scan_state
    if decision.verdict != before.verdict:
        yield {
            "kind": ScanEvent.VERDICT,
            "text": verdict_changed(media, decision.verdict, decision.reason),
            "subject": media,
            "job_id": job_id,
            "before": before.verdict,
            "after": decision.verdict,
        }
    lacking = decision.reason.get(ORIGINAL_MISSING)
    if lacking and not before.verdict_reason.get(ORIGINAL_MISSING):
        number = decision.found.named
        text = Phrase("title.original-missing", number=number, title=media.title, lacking=lacking)
        yield {"kind": ScanEvent.ORIGINAL_MISSING, "text": text, "subject": media, "job_id": job_id}


def save(intents: Sequence[Intent]) -> None:
    """Write what is intended, in the caller's transaction, which has locked the titles."""
    events = [event for intent in intents for event in intent.events]
    with sql.together():
        update(FileScanState, {pk: row for intent in intents for pk, row in intent.files.items()})
        update(SeasonScanState, {pk: row for intent in intents for pk, row in intent.seasons.items()})
        update(ScanState, {intent.media.pk: intent.state for intent in intents if _differs(intent)})
        record_many(events)
        changes.record(changes.of(intent.media, What.LABELS) for intent in intents if _labels_differ(intent))
    changed = (event for event in events if event["kind"] == ScanEvent.VERDICT)
    live.after_commit([("media", _told(event)) for event in changed])


def _differs(intent: Intent) -> bool:
    state = intent.media.scan_state
    return any(getattr(state, name) != value for name, value in intent.state.items())


def _labels_differ(intent: Intent) -> bool:
    """Whether the title or a season may have to carry other labels than before."""
    state = intent.media.scan_state
    names = ("verdict", "language_labels")
    differs = any(getattr(state, name) != intent.state[name] for name in names if name in intent.state)
    return differs or bool(intent.seasons) or (intent.state.get("dirty", False) and not state.dirty)


def update(model: type[Model], rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write these fields, of each row the same, of rows by their ids."""
    if rows:
        named = [SimpleNamespace(pk=pk, **row) for pk, row in rows.items()]
        sql.update(named, list(next(iter(rows.values()))), model=model)


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """A changed verdict, as those who watch are told."""
    media: Media = event["subject"]
    changed = {"id": media.pk, "instance": media.connection_id, "title": str(media)}
    return {**changed, "before": event["before"], "after": event["after"], "text": event["text"]}


def redecide(query: QuerySet[Media], *, job_id: int | None = None) -> int:
    """Decide these titles anew from their stored facts; return how many verdicts changed."""
    labels: dict[int, Labels] = {}
    deciders = Deciders()
    changed = 0
    for ids in chunks(query):
        with transaction.atomic():
            intents = []
            for title in load_titles(ids, lock=True):
                connection, state = title.media.connection, title.media.scan_state
                if connection.pk not in labels:
                    labels[connection.pk] = labels_of(connection)
                decider = deciders.of(state.policy)
                decision = decide(title, state.policy, decider)
                changed += decision.verdict != state.verdict
                kept = partial(intent_of, untag=state.untag, nfo_tags=state.nfo_tags, job_id=job_id)
                intents.append(kept(decision, decider, labels[connection.pk]))
            save(intents)
    return changed


def would_be(query: QuerySet[Media], policy: Policy) -> Iterator[Decision]:
    """Yield what a policy, saved or not, would make of each of these titles."""
    decider = Decider(policy.rules)
    for ids in chunks(query):
        for title in load_titles(ids):
            yield decide(title, policy, decider)


def chunks(query: QuerySet[Media]) -> Iterator[list[int]]:
    """Yield the keys of these titles, so many at a time that their files fit into little memory."""
    ids: list[int] = []
    files = 0
    for pk, count in list(query.order_by("pk").values_list("pk", "arr_file_count")):
        if ids and (len(ids) == CHUNK or files + count > CHUNK_FILES):
            yield ids
            ids, files = [], 0
        ids.append(pk)
        files += count
    if ids:
        yield ids
