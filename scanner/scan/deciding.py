"""From facts to verdict: decide files, seasons and media from what the database holds, and save it.

Nothing here touches a file or a network; the rules themselves are `scanner.verdict.rollup`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import live, sql
from core.words import Phrase
from history.services import record_many
from library.files import store_new_files
from library.models import File, Media, Season, holds_series
from scanner.events import ScanEvent
from scanner.facts.reading import FACT_FIELDS, Reading, save_states
from scanner.labels.desired import Labels
from scanner.labels.managed import change_of, label_rules_of, labels_of
from scanner.labels.of_languages import Heard, language_labels
from scanner.languages.codes import Language, matches
from scanner.loading import load_media, load_seasons
from scanner.models import FileProblem, FileScanState, Policy, ScanState, SeasonScanState
from scanner.nfo.write import nfo_is_due
from scanner.verdict import stored
from scanner.verdict.rollup import FileInput, FileVerdict, RollUp, SeasonInput, roll_up
from scanner.verdict.rules import original_language, rules_of
from scanner.verdict.sentences import verdict_changed
from scanner.verdict.stored import DecidedFile, Decider, StoredMedia

CHUNK = 200
CHUNK_FILES = 2000
"""The most media, and about the most files, that are held in memory at once."""
LONGEST_SCAN = timedelta(hours=1)
"""Of one title; the time limit of a task is eleven minutes (`CELERY_TASK_TIME_LIMIT`)."""

ORIGINAL_MISSING = "original_missing"
"""The key in a title's reason under which stands how many of its files lack its original language."""

LANGUAGE_LABELS = "labels"
"""The key in a title's reason under which stands why it should carry each label beside the verdict's."""

STATE_FIELDS = [
    "verdict",
    "verdict_reason",
    "verdict_at",
    "language_labels",
    "dirty",
    "reconcile_rounds",
]
SCAN_FIELDS = [
    *STATE_FIELDS,
    "probe_started_at",
    "scan_error",
    "scanned_fingerprint",
    "scanned_at",
    "looks",
    "look_again_at",
    "nfo_tags",
    "untag",
]

LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long after a look at files that could not be reached the next one is; then scans alone look."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """One title as a worker read it. `fingerprint` is the app's when it began, `started` the time of its
    claim.
    """

    media_id: int
    fingerprint: str
    started: datetime
    files: Sequence[File]
    reading: Reading
    job_id: int


@dataclass(slots=True)
class Decided:
    """What deciding changed: rows to save and events to write, in the name of a job where there is one."""

    job_id: int | None = None

    files: list[DecidedFile] = field(default_factory=list)
    seasons: list[SeasonScanState] = field(default_factory=list)
    states: list[ScanState] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def save(self) -> None:
        sql.update(self.files, ["verdict", "reason"], model=FileScanState)
        sql.update(self.seasons, ["verdict", "counts"])
        sql.update(self.states, STATE_FIELDS)
        record_many(self.events)
        changed = (event for event in self.events if event["kind"] == ScanEvent.VERDICT)
        live.after_commit(("media", _told(event)) for event in changed)


def save_scan(scan: Scanned) -> None:
    """Save what a scan of one title read, and decide. Runs in the caller's transaction and locks the media.

    Of two scans of one title the later-started wins: an older one leaves everything as it is. Files that
    could not be reached are looked for again later, and by the next scan.
    """
    media = load_media(scan.media_id, lock=True)
    if media is None or _is_outdone(media.scan_state, scan):
        return
    state = media.scan_state
    state.probe_started_at = scan.started
    _note_unreached(state, scan)
    state.scanned_fingerprint = scan.fingerprint
    state.scanned_at = timezone.now()
    if state.policy.write_nfo:
        # An NFO may have come, or been rewritten, since we wrote it: look at it again.
        state.nfo_tags = None
    # One that was excluded while it was read loses its labels all the same.
    state.untag = state.untag and media.is_excluded
    decided = Decided(scan.job_id)
    seasons = load_seasons(media.pk) if holds_series(media.connection) else []
    decider = Decider()
    files = [DecidedFile.of(file) for file in scan.files]
    original = original_language(media)
    decisions = {file.path: decider.decide(file.facts, state.policy, original) for file in files}
    judged = {f.path: f for f in files if _set_file(f, decisions[f.path], decider)}
    _decide(media, files, seasons, decisions, labels=labels_of(media.connection), decided=decided)
    store_new_files(media.pk, scan.files)
    _save_files(scan, judged)
    decided.save()
    sql.update([state], SCAN_FIELDS)


def _save_files(scan: Scanned, judged: Mapping[str, DecidedFile]) -> None:
    """Write the facts that were read and not saved yet, and the verdicts that changed, of files by path."""
    read = {state.file.path for state in scan.reading.changed}
    states = [file.scan_state for file in scan.files if file.path in read or file.path in judged]
    for state in states:
        if file := judged.get(state.file.path):
            state.verdict, state.reason = file.verdict, file.reason
    save_states(states, [*FACT_FIELDS, "verdict", "reason"])


def _note_unreached(state: ScanState, scan: Scanned) -> None:
    """Say what could not be reached, and when to look for it again: sooner where the files are other ones."""
    unreached = scan.reading.unreached
    state.scan_error = unreached[0] if unreached else ""
    state.look_again_at = None
    if not unreached or state.scanned_fingerprint != scan.fingerprint:
        state.looks = 0
    if unreached and state.looks < len(LOOKS):
        state.look_again_at = timezone.now() + LOOKS[state.looks]
        state.looks += 1


def _is_outdone(state: ScanState, scan: Scanned) -> bool:
    """Whether a scan that started later has saved what it read.

    No scan of one title takes longer than a task may. One that seems to have started later than that is an
    earlier one: the clock was set back since.
    """
    other = state.probe_started_at
    return other is not None and scan.started < other < scan.started + LONGEST_SCAN


def redecide(query: QuerySet[Media], *, job_id: int | None = None) -> int:
    """Decide these media anew from their stored facts; return how many verdicts changed."""
    labels: dict[int, Labels] = {}
    decider = Decider()
    changed = 0
    for ids in _chunks(query.order_by("pk")):
        with transaction.atomic():
            decided = Decided(job_id)
            for one in stored.load(ids, lock=True):
                if one.media.connection_id not in labels:
                    labels[one.media.connection_id] = labels_of(one.media.connection)
                before = one.media.scan_state.verdict
                _redecide(one, labels[one.media.connection_id], decider, decided)
                changed += one.media.scan_state.verdict != before
            decided.save()
    return changed


def _chunks(query: QuerySet[Media]) -> Iterator[list[int]]:
    """Yield the keys of these media, so many at a time that their files fit into little memory."""
    ids: list[int] = []
    files = 0
    for pk, count in list(query.values_list("pk", "arr_file_count")):
        if ids and (len(ids) == CHUNK or files + count > CHUNK_FILES):
            yield ids
            ids, files = [], 0
        ids.append(pk)
        files += count
    if ids:
        yield ids


def _redecide(one: StoredMedia, labels: Labels, decider: Decider, decided: Decided) -> None:
    media, state = one.media, one.media.scan_state
    original = original_language(media)
    before = [getattr(state, name) for name in STATE_FIELDS]
    decisions = {file.path: decider.decide(file.facts, state.policy, original) for file in one.files}
    decided.files += [f for f in one.files if _set_file(f, decisions[f.path], decider)]
    _decide(media, one.files, one.seasons, decisions, labels=labels, decided=decided)
    if before != [getattr(state, name) for name in STATE_FIELDS]:
        decided.states.append(state)


@dataclass(frozen=True, slots=True)
class WouldBe:
    """What a policy would make of a title: its verdict, and the labels beside the verdict's (as stored)."""

    media: Media
    verdict: str
    language_labels: list[str] | None


def would_be(query: QuerySet[Media], policy: Policy) -> Iterator[WouldBe]:
    """Yield for each of these media what a policy, saved or not, would make of it."""
    decider = Decider()
    for ids in _chunks(query):
        for one in stored.load(ids):
            yield _would_be(one, policy, decider)


def _would_be(one: StoredMedia, policy: Policy, decider: Decider) -> WouldBe:
    media, files, seasons, state = one.media, one.files, one.seasons, one.media.scan_state
    original = original_language(media)
    decisions = {file.path: decider.decide(file.facts, policy, original) for file in files}
    rolled = roll_up(_groups(files, seasons, decisions), decider.rules(policy))
    waiting = _is_waiting(files)
    verdict = state.verdict if waiting else rolled.verdict.value
    labels = _language_labels(policy, files, seasons, decisions, rolled)
    kept = labels is None or (waiting and bool(label_rules_of(policy)))
    return WouldBe(media, verdict, state.language_labels if kept else sorted(labels or ()))


def _decide(
    media: Media,
    files: Sequence[DecidedFile],
    seasons: Sequence[Season],
    decisions: Mapping[str, FileVerdict],
    *,
    labels: Labels,
    decided: Decided,
) -> None:
    """Set the verdicts of a title and its seasons, and note in `decided` what is to be saved.

    A file that could not be reached and was never read is left out, as one that cannot be read. Where none of
    a title's files can be reached, it keeps its verdict: what is away as a whole changes nothing.
    """
    original, state = original_language(media), media.scan_state
    rolled = roll_up(_groups(files, seasons, decisions), rules_of(state.policy))
    decided.seasons += _set_seasons(seasons, rolled)
    if not _is_waiting(files):
        had = bool(state.verdict_reason.get(ORIGINAL_MISSING))
        decided.events += _set_verdict(media, rolled, decided.job_id)
        decided.events += _note_original(media, original, decisions, decided.job_id, had=had)
        _set_language_labels(state, _language_labels(state.policy, files, seasons, decisions, rolled))
    elif not label_rules_of(state.policy):
        _set_language_labels(state, {})
    state.dirty = state.untag or bool(change_of(media, labels)) or nfo_is_due(media)


def _language_labels(
    policy: Policy,
    files: Sequence[DecidedFile],
    seasons: Sequence[Season],
    decisions: Mapping[str, FileVerdict],
    rolled: RollUp,
) -> dict[str, Any] | None:
    """Return the labels beside the verdict's that the files earn, with reasons; None where none was read."""
    rules = label_rules_of(policy)
    if not rules:
        return {}
    numbers = {season.pk: season.number for season in seasons}
    out = {season.number for season in rolled.seasons if season.left_out}
    counted = [
        file
        for file in files
        if file.counted
        and file.problem != FileProblem.NOT_PROBED
        and numbers.get(file.season_id or 0) not in out
    ]
    heard = [Heard(decisions[file.path], file.facts) for file in counted if file.facts]
    return language_labels(heard, rolled.verdict.value, rules_of(policy).targets, rules)


def _set_language_labels(state: ScanState, labels: dict[str, Any] | None) -> None:
    """Give a title these labels beside the verdict's; what is not known leaves those it has."""
    if labels is None:
        return
    state.language_labels = sorted(labels)
    if labels:
        state.verdict_reason = {**state.verdict_reason, LANGUAGE_LABELS: labels}


def _note_original(
    media: Media,
    original: Language | None,
    decisions: Mapping[str, FileVerdict],
    job_id: int | None,
    *,
    had: bool,
) -> list[dict[str, Any]]:
    """Count in the media's reason the files without its original language; return the event where it is new.

    Files without any known language do not count.
    """
    if original is None:
        return []
    heard = [decision.languages for decision in decisions.values() if decision.languages]
    lacking = sum(not any(matches(language, original) for language in languages) for languages in heard)
    if not lacking:
        return []
    state = media.scan_state
    state.verdict_reason = {**state.verdict_reason, ORIGINAL_MISSING: lacking}
    if had:
        return []
    text = Phrase("title.original-missing", number=len(heard), title=media.title, lacking=lacking)
    return [{"kind": ScanEvent.ORIGINAL_MISSING, "text": text, "subject": media, "job_id": job_id}]


def _set_file(file: DecidedFile, decision: FileVerdict, decider: Decider) -> bool:
    """Give a file its verdict; return whether that, or its reason, changed."""
    reason = decider.reason(decision)
    if (file.verdict, file.reason) == (decision.verdict, reason):
        return False
    file.verdict, file.reason = decision.verdict.value, reason
    return True


def _set_seasons(seasons: Sequence[Season], rolled: RollUp) -> list[SeasonScanState]:
    """Give the seasons their verdicts; return the states that changed."""
    changed = []
    by_number = {season.number: season for season in rolled.seasons}
    for season in seasons:
        decision, state = by_number[season.number], season.scan_state
        if (state.verdict, state.counts) != (decision.verdict, decision.counts):
            state.verdict, state.counts = decision.verdict.value, decision.counts
            changed.append(state)
    return changed


def _set_verdict(media: Media, rolled: RollUp, job_id: int | None) -> list[dict[str, Any]]:
    """Give a title its verdict; return the event to write where it changed."""
    state = media.scan_state
    before, after = state.verdict, rolled.verdict.value
    state.verdict_reason = rolled.reason
    if before == after:
        return []
    state.verdict, state.verdict_at, state.reconcile_rounds = after, timezone.now(), 0
    return [
        {
            "kind": ScanEvent.VERDICT,
            "text": verdict_changed(media, before),
            "subject": media,
            "job_id": job_id,
            "before": before,
            "after": after,
        }
    ]


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """A changed verdict, as those who watch are told."""
    media: Media = event["subject"]
    changed = {"id": media.pk, "instance": media.connection_id, "title": str(media)}
    return {**changed, "before": event["before"], "after": event["after"], "text": event["text"]}


def _groups(
    files: Sequence[DecidedFile], seasons: Sequence[Season], decisions: Mapping[str, FileVerdict]
) -> list[SeasonInput]:
    """Return the files by season, as the roll-up takes them; those of no season stand in one of their own."""
    of_season: dict[int | None, list[FileInput]] = {season.pk: [] for season in seasons}
    numbers = {season.pk: season.number for season in seasons}
    for file in files:
        if not file.counted:
            continue
        decision = None if file.problem == FileProblem.NOT_PROBED else decisions[file.path]
        name = _name(file, numbers.get(file.season_id or 0))
        of_season.setdefault(file.season_id, []).append(FileInput(name, decision))
    monitored = {season.pk: season.monitored for season in seasons}
    return [
        SeasonInput(numbers.get(pk or 0), tuple(inputs), monitored.get(pk or 0, True))
        for pk, inputs in of_season.items()
    ]


def _name(file: DecidedFile, season: int | None) -> str:
    """Return how a person calls a file: S01E02, S01E02-E03 for a double, else its file name."""
    if season is None or not file.episodes:
        return str(file)
    first, last = min(file.episodes), max(file.episodes)
    return f"S{season:02}E{first:02}" + (f"-E{last:02}" if last > first else "")


def _is_waiting(files: Sequence[DecidedFile]) -> bool:
    """Whether no file can be reached, and of one nothing is known from before."""
    away = [file for file in files if file.problem == FileProblem.UNREACHABLE]
    here = any(file.problem not in (FileProblem.UNREACHABLE, FileProblem.NOT_PROBED) for file in files)
    return not here and any(not file.probed for file in away)
