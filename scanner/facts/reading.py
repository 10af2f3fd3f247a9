"""Reading the facts of a title's files: from disk where they lie here, else from the app."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from core.errors import ProbeError, PutOffError, StorageError
from core.words import Phrase
from library.models import File
from library.roots import MediaRoots
from scanner.facts.sources import Source
from scanner.models import FileProblem, Known
from scanner.probe.engines import probe
from scanner.probe.naming import track_language
from scanner.probe.storage import stat_fingerprint
from scanner.probe.tracks import Facts, Fingerprint, Track

BATCH = 50
"""Changed files before they are saved, where they took `WORTH_SAVING` seconds: what a dying worker loses."""

WORTH_SAVING = 1.0
"""Seconds: what was read in less is read again as soon as it is saved."""

MOST_TRACKS = 256
"""More tracks than a file has."""

CURRENT = (FileProblem.NONE, FileProblem.UNREADABLE, FileProblem.BAD_NAME)


@dataclass(slots=True)
class Reading:
    """What passes over a title's files found: what is `known` of each by its path, and of which that is new
    and not saved yet. `unreached` holds a sentence for the path of every file that could not be reached now;
    `put_off` the paths of those that wait for all others.
    """

    known: dict[str, Known]
    unsaved: set[str] = field(default_factory=set)
    probed: int = 0
    unreached: dict[str, str] = field(default_factory=dict)
    put_off: set[str] = field(default_factory=set)


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
    reading: Reading,
    roots: MediaRoots,
    options: ReadOptions,
    *,
    keep_alive: Callable[[], None],
    save: Callable[[Mapping[str, Known]], None],
) -> None:
    """Bring what is known of these files up to date in `reading`, but for what an earlier pass put off.

    `keep_alive` is called before every file and while one takes long (it may raise where the job was
    cancelled); `save` gets what is new, of 50 files or what one second brings, so that a worker that dies
    loses no more.
    """
    saved = time.monotonic()
    chosen = _quick_choice(files) if options.quick else None
    for file in files:
        if file.path in reading.put_off:
            continue
        keep_alive()
        before = reading.known[file.path]
        if chosen is None or file.path in chosen:
            try:
                now = read_file(file, before, roots, options, keep_alive)
            except PutOffError as error:
                now = replace(
                    before,
                    problem=FileProblem.WAITING,
                    error=error.phrase,
                    stale=before.probed_at is not None,
                )
                reading.put_off.add(file.path)
            reading.probed += now is not before
        else:
            now = _skipped(before)
        if now is not before:
            reading.known[file.path] = now
            reading.unsaved.add(file.path)
        if now.problem == FileProblem.UNREACHABLE:
            reading.unreached[file.path] = now.error
        else:
            reading.unreached.pop(file.path, None)
        if len(reading.unsaved) >= BATCH and time.monotonic() - saved >= WORTH_SAVING:
            save({path: reading.known[path] for path in reading.unsaved})
            reading.unsaved, saved = set(), time.monotonic()


def read_file(
    file: File, known: Known, roots: MediaRoots, options: ReadOptions, keep_alive: Callable[[], None]
) -> Known:
    """Return what is known of a file now; the same object where that is nothing new.

    Raises `PutOffError`.
    """
    if options.source == Source.ARR:
        return _read(known, facts_of_app(file), Fingerprint(file.size, 0))
    local = ""
    try:
        local = roots.local(file.path)
        fingerprint = stat_fingerprint(local)
        if _is_current(known, fingerprint, options.since):
            return _fresh(known)
        probed = probe(local, keep_alive=keep_alive, patient=options.patient)
    except ProbeError as error:
        return _unreadable(known, local, error.phrase)
    except PutOffError:
        raise
    except StorageError as error:
        return _unreached(file, known, error.phrase)
    return _read(known, probed.facts, probed.fingerprint)


def facts_of_app(file: File) -> Facts:
    """Return the facts in `mediaInfo.audioLanguages` ("jpn/eng") of an episode file or movie file.

    Sonarr and Radarr may leave out tracks without a language: where the file has more audio streams than the
    list names, the facts are partial, and the others stand behind as tracks without a language. So does one
    for a file whose audio they did not look at, of which nobody says that it has none. They give no titles
    and no flags, so that commentary cannot be told.
    """
    codes = [code.strip() for code in file.arr_languages.split("/") if code.strip()]
    streams = min(file.arr_audio_streams, MOST_TRACKS) or 1
    named = (track_language(code) for code in codes)
    tracks = [Track("audio", index, language, region) for index, (language, region) in enumerate(named)]
    tracks += [Track(kind="audio", index=index) for index in range(len(codes), streams)]
    partial = len(tracks) > len(codes)
    note = "From the app: commentary cannot be told."
    return Facts(tracks=tuple(tracks), engine=Source.ARR, partial=partial, note=note)


def _is_current(known: Known, fingerprint: Fingerprint, since: datetime | None) -> bool:
    return (
        known.probed_at is not None
        and (since is None or known.probed_at >= since)
        and known.read.engine != Source.ARR
        and (known.problem in CURRENT or bool(known.read.tracks))
        and not fingerprint.differs(known.fingerprint)
    )


def _fresh(known: Known) -> Known:
    """Take a file that is as it was off the list of those that could not be reached."""
    if known.problem not in CURRENT:
        return replace(known, problem=FileProblem.NONE, error="", stale=False)
    return replace(known, stale=False) if known.stale else known


def _read(known: Known, facts: Facts, fingerprint: Fingerprint) -> Known:
    before = known.fingerprint
    # Where nothing of a file but the inode is new, and then nothing in it, the mount numbers its files anew:
    # that inode counts no more, or the whole library would be read after every mount.
    renumbered = not replace(fingerprint, inode=0).differs(before) and facts.tracks == known.read.tracks
    if renumbered and before.inode != fingerprint.inode:
        fingerprint = replace(fingerprint, inode=0)
    return Known(facts, fingerprint, timezone.now())


def _unreadable(known: Known, local: str, sentence: str) -> Known:
    """A file that is no media file; it is probed again when its size or time changes."""
    try:
        fingerprint = stat_fingerprint(local)
    except (ProbeError, StorageError):
        fingerprint = known.fingerprint
    return replace(_read(known, Facts(), fingerprint), problem=FileProblem.UNREADABLE, error=sentence)


def _unreached(file: File, known: Known, sentence: str) -> Known:
    """A file that could not be reached; the facts it had stay, marked stale."""
    if "\ufffd" in file.path:
        sentence = Phrase("probe.bad-name", name=file)
        return replace(known, problem=FileProblem.BAD_NAME, error=sentence)
    if known.problem == FileProblem.UNREACHABLE and known.error == sentence:
        return known
    stale = known.probed_at is not None
    return replace(known, problem=FileProblem.UNREACHABLE, error=sentence, stale=stale)


def _skipped(known: Known) -> Known:
    """A file that a quick scan leaves out, unless it has been read before."""
    if known.probed_at or known.problem == FileProblem.NOT_PROBED:
        return known
    return replace(known, problem=FileProblem.NOT_PROBED, error=Phrase("probe.quick"))


def _quick_choice(files: Sequence[File]) -> set[str]:
    """Return the path of the first file of every season: of the lowest episode, else the first name."""
    first: dict[int | None, File] = {}
    for file in sorted(files, key=lambda f: (f.episodes[0] if f.episodes else 10**6, f.path)):
        first.setdefault(file.season_id, file)
    return {file.path for file in first.values()}
