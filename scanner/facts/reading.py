"""Reading the facts of a title's files: from disk where they lie here, else from the app."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from core import sql
from core.errors import ProbeError, StorageError
from core.words import Phrase
from library.models import File
from library.roots import MediaRoots
from scanner.facts.from_app import arr_facts
from scanner.facts.sources import Source
from scanner.languages.titles import spoken
from scanner.models import FileProblem, FileScanState
from scanner.probe import probe, stat_fingerprint
from scanner.probe.tracks import Facts, Fingerprint

BATCH = 50
"""Changed files before they are saved, where they took `WORTH_SAVING` seconds: what a dying worker loses."""

WORTH_SAVING = 1.0
"""Seconds: what was read in less is read again as soon as it is saved."""

FACT_FIELDS = [
    "size",
    "mtime_ns",
    "ctime_ns",
    "inode",
    "tracks",
    "languages",
    "engine",
    "partial",
    "note",
    "problem",
    "error",
    "stale",
    "probed_at",
]

CURRENT = (FileProblem.NONE, FileProblem.UNREADABLE, FileProblem.BAD_NAME)


@dataclass(slots=True)
class Reading:
    """What one pass over files did. `unreached` holds a sentence for every file that could not be reached
    now.
    """

    probed: int = 0
    unreached: list[str] = field(default_factory=list)
    changed: list[FileScanState] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Facts older than `since` are read again though their file did not change; `quick` reads only the first
    file of each season. Without `patient` odd files are put off, as `probe` does.
    """

    source: Source = Source.DISK
    since: datetime | None = None
    quick: bool = False
    patient: bool = True


def read_files(
    files: Sequence[File],
    roots: MediaRoots,
    options: ReadOptions,
    *,
    keep_alive: Callable[[], None],
    save: Callable[[Sequence[FileScanState]], None],
) -> Reading:
    """Bring the facts of these files up to date.

    `keep_alive` is called before every file and while one takes long (it may raise where the job was
    cancelled); `save` gets changed files, 50 or what one second brings, so that a worker that dies loses no
    more. What is left over stands in `changed`, not yet saved.
    """
    reading = Reading()
    saved = time.monotonic()
    chosen = _quick_choice(files) if options.quick else None
    for file in files:
        keep_alive()
        state = file.scan_state
        if chosen is not None and file.path not in chosen:
            if not state.probed_at and state.problem != FileProblem.NOT_PROBED:
                _set_problem(state, FileProblem.NOT_PROBED, Phrase("probe.quick"))
                reading.changed.append(state)
        elif read_file(file, roots, options, keep_alive):
            reading.changed.append(state)
            reading.probed += 1
        if state.problem == FileProblem.UNREACHABLE:
            reading.unreached.append(state.error)
        if len(reading.changed) >= BATCH and time.monotonic() - saved >= WORTH_SAVING:
            save(reading.changed)
            reading.changed, saved = [], time.monotonic()
    return reading


def read_file(file: File, roots: MediaRoots, options: ReadOptions, keep_alive: Callable[[], None]) -> bool:
    """Bring the facts of one file up to date (unsaved); return whether its state changed."""
    state = file.scan_state
    if options.source == Source.ARR:
        _take(state, arr_facts(file), Fingerprint(file.size, 0))
        return True
    local = ""
    try:
        local = roots.local(file.path)
        fingerprint = stat_fingerprint(local)
        if _is_current(state, fingerprint, options.since):
            return _freshen(state)
        probed = probe(local, keep_alive=keep_alive, patient=options.patient)
    except ProbeError as error:
        return _set_unreadable(state, local, error.phrase)
    except StorageError as error:
        return _set_unreached(state, error.phrase)
    _take(state, probed.facts, probed.fingerprint)
    return True


def save_states(states: Sequence[FileScanState], fields: Sequence[str] = FACT_FIELDS) -> None:
    """Write these fields of the states of stored files; some may have been stored since they were read."""
    for state in states:
        if state.file_id is None:
            state.file = state.file  # whose key is known by now
    sql.update(states, fields)


def _is_current(state: FileScanState, fingerprint: Fingerprint, since: datetime | None) -> bool:
    return (
        state.probed_at is not None
        and (since is None or state.probed_at >= since)
        and state.engine != Source.ARR
        and (state.problem in CURRENT or bool(state.tracks))
        and not fingerprint.differs(state.fingerprint)
    )


def _freshen(state: FileScanState) -> bool:
    """Take a file that is as it was off the list of those that could not be reached."""
    if not state.stale and state.problem in CURRENT:
        return False
    if state.problem not in CURRENT:
        state.problem, state.error = FileProblem.NONE, ""
    state.stale = False
    return True


def _take(state: FileScanState, facts: Facts, fingerprint: Fingerprint) -> None:
    known, before = state.fingerprint, state.tracks
    state.size, state.mtime_ns, state.ctime_ns = fingerprint.size, fingerprint.mtime_ns, fingerprint.ctime_ns
    state.take(facts)
    # Where nothing of a file but the inode is new, and then nothing in it, the mount numbers its files anew:
    # that inode counts no more, or the whole library would be read after every mount.
    renumbered = not replace(fingerprint, inode=0).differs(known) and state.tracks == before
    state.inode = 0 if renumbered and known.inode != fingerprint.inode else fingerprint.inode
    state.languages = languages_of(facts)
    state.problem, state.error, state.stale = FileProblem.NONE, "", False
    state.probed_at = timezone.now()


def languages_of(facts: Facts) -> list[str]:
    """Return the languages of the audio tracks as canonical codes, each once, in file order."""
    codes = (
        str(spoken(track.language, track.region, track.title) or track.language or "")
        for track in facts.audio
    )
    return list(filter(None, dict.fromkeys(codes)))


def _set_unreadable(state: FileScanState, local: str, sentence: str) -> bool:
    """Record that a file is no media file; it is probed again when its size or time changes."""
    try:
        fingerprint = stat_fingerprint(local)
    except (ProbeError, StorageError):
        fingerprint = state.fingerprint
    _take(state, Facts(), fingerprint)
    _set_problem(state, FileProblem.UNREADABLE, sentence)
    return True


def _set_unreached(state: FileScanState, sentence: str) -> bool:
    """Record that a file could not be reached; the facts it had stay, marked stale."""
    if "\ufffd" in state.file.path:
        sentence = Phrase("probe.bad-name", name=str(state.file))
        _set_problem(state, FileProblem.BAD_NAME, sentence)
        return True
    if state.problem == FileProblem.UNREACHABLE and state.error == sentence:
        return False
    _set_problem(state, FileProblem.UNREACHABLE, sentence)
    state.stale = state.probed_at is not None
    return True


def _set_problem(state: FileScanState, problem: FileProblem, sentence: str) -> None:
    state.problem, state.error = problem, sentence


def _quick_choice(files: Sequence[File]) -> set[str]:
    """Return the path of the first file of every season: of the lowest episode, else the first name."""
    first: dict[int | None, File] = {}
    for file in sorted(files, key=lambda f: (f.episodes[0] if f.episodes else 10**6, f.path)):
        first.setdefault(file.season_id, file)
    return {file.path for file in first.values()}
