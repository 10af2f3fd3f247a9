"""Reading the facts of a title's files into their rows: from disk where they lie here, else from the app."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from core.errors import ProbeError, StorageError
from library.models import File, FileProblem
from library.roots import MediaRoots
from scanner.facts.from_app import arr_facts
from scanner.facts.sources import Source
from scanner.languages.titles import spoken
from scanner.probe import probe, stat_fingerprint
from scanner.probe.tracks import Facts, Fingerprint, Track

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
    changed: list[File] = field(default_factory=list)


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
    save: Callable[[Sequence[File]], None],
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
        if chosen is not None and file.path not in chosen:
            if not file.probed_at and file.problem != FileProblem.NOT_PROBED:
                _set_problem(file, FileProblem.NOT_PROBED, "A quick scan reads one file a season.")
                reading.changed.append(file)
        elif read_file(file, roots, options, keep_alive):
            reading.changed.append(file)
            reading.probed += 1
        if file.problem == FileProblem.UNREACHABLE:
            reading.unreached.append(file.error)
        if len(reading.changed) >= BATCH and time.monotonic() - saved >= WORTH_SAVING:
            save(reading.changed)
            reading.changed, saved = [], time.monotonic()
    return reading


def read_file(file: File, roots: MediaRoots, options: ReadOptions, keep_alive: Callable[[], None]) -> bool:
    """Bring the facts of one file up to date (unsaved); return whether its row changed."""
    if options.source == Source.ARR:
        _take(file, arr_facts(file), Fingerprint(file.size, 0))
        return True
    local = ""
    try:
        local = roots.local(file.path)
        fingerprint = stat_fingerprint(local)
        if _is_current(file, fingerprint, options.since):
            return _freshen(file)
        probed = probe(local, keep_alive=keep_alive, patient=options.patient)
    except ProbeError as error:
        return _set_unreadable(file, local, str(error))
    except StorageError as error:
        return _set_unreached(file, str(error))
    _take(file, probed.facts, probed.fingerprint)
    return True


def has_facts(problem: str, probed: bool) -> bool:
    """Return whether a file with this problem has facts: none where it was never probed, or cannot be."""
    return probed and problem not in (FileProblem.UNREADABLE, FileProblem.BAD_NAME)


def facts_of(file: File) -> Facts | None:
    """Return the stored facts of a file; None where it has none (never probed, or no media file at all)."""
    if not has_facts(file.problem, file.probed_at is not None):
        return None
    return Facts(
        tracks=tuple(Track.from_json(track) for track in file.tracks),
        engine=file.engine,
        partial=file.partial,
        note=file.note,
    )


def fingerprint_of(file: File) -> Fingerprint:
    """Return the fingerprint that a file had when it was read."""
    return Fingerprint(file.size, file.mtime_ns, file.ctime_ns, file.inode)


def _is_current(file: File, fingerprint: Fingerprint, since: datetime | None) -> bool:
    return (
        file.probed_at is not None
        and (since is None or file.probed_at >= since)
        and file.engine != Source.ARR
        and (file.problem in CURRENT or bool(file.tracks))
        and not fingerprint.differs(fingerprint_of(file))
    )


def _freshen(file: File) -> bool:
    """Take a file that is as it was off the list of those that could not be reached."""
    if not file.stale and file.problem in CURRENT:
        return False
    if file.problem not in CURRENT:
        file.problem, file.error = FileProblem.NONE, ""
    file.stale = False
    return True


def _take(file: File, facts: Facts, fingerprint: Fingerprint) -> None:
    known, before = fingerprint_of(file), file.tracks
    file.size, file.mtime_ns, file.ctime_ns = fingerprint.size, fingerprint.mtime_ns, fingerprint.ctime_ns
    file.tracks = [track.to_json() for track in facts.tracks]
    # Where nothing of a file but the inode is new, and then nothing in it, the mount numbers its files anew:
    # that inode counts no more, or the whole library would be read after every mount.
    renumbered = not replace(fingerprint, inode=0).differs(known) and file.tracks == before
    file.inode = 0 if renumbered and known.inode != fingerprint.inode else fingerprint.inode
    file.languages = languages_of(facts)
    file.engine, file.partial, file.note = facts.engine, facts.partial, facts.note
    file.problem, file.error, file.stale = FileProblem.NONE, "", False
    file.probed_at = timezone.now()


def languages_of(facts: Facts) -> list[str]:
    """Return the languages of the audio tracks as canonical codes, each once, in file order."""
    codes = (
        str(spoken(track.language, track.region, track.title) or track.language or "")
        for track in facts.audio
    )
    return list(filter(None, dict.fromkeys(codes)))


def _set_unreadable(file: File, local: str, sentence: str) -> bool:
    """Record that a file is no media file; it is probed again when its size or time changes."""
    try:
        fingerprint = stat_fingerprint(local)
    except (ProbeError, StorageError):
        fingerprint = fingerprint_of(file)
    _take(file, Facts(), fingerprint)
    _set_problem(file, FileProblem.UNREADABLE, sentence)
    return True


def _set_unreached(file: File, sentence: str) -> bool:
    """Record that a file could not be reached; the facts it had stay, marked stale."""
    if "\ufffd" in file.path:
        _set_problem(file, FileProblem.BAD_NAME, f"{file} has a name that is not valid UTF-8: rename it.")
        return True
    if file.problem == FileProblem.UNREACHABLE and file.error == sentence:
        return False
    _set_problem(file, FileProblem.UNREACHABLE, sentence)
    file.stale = file.probed_at is not None
    return True


def _set_problem(file: File, problem: FileProblem, sentence: str) -> None:
    file.problem, file.error = problem, sentence


def _quick_choice(files: Sequence[File]) -> set[str]:
    """Return the path of the first file of every season: of the lowest episode, else the first name."""
    first: dict[int | None, File] = {}
    for file in sorted(files, key=lambda f: (f.episodes[0] if f.episodes else 10**6, f.path)):
        first.setdefault(file.season_id, file)
    return {file.path for file in first.values()}
