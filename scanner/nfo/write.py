"""The NFO side of a reconcile: the label as `<tag>` in the NFO of a title, where the policy asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import NfoError, StorageError
from core.words import Phrase
from history.services import record
from library import changes
from library.folder_lock import folder_lock
from library.models import Media, What, holds_series
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots
from scanner.events import ScanEvent
from scanner.labels.desired import NOTHING, Labels, Standing, desired
from scanner.models import Policy, ScanState, Verdict
from scanner.nfo.edit import edit_nfo
from scanner.nfo.files import nfo_path, read_nfo, write_nfo

GENRE = "genre:Dub"
"""How `ScanState.nfo_tags` remembers that `<genre>Dub</genre>` is ours."""


@dataclass(frozen=True, slots=True)
class NfoOutcome:
    """Whether an NFO was written, or the sentence that says why it could not be."""

    written: bool = False
    problem: str = ""


def nfo_wanted(standing: Standing, policy: Policy) -> list[str] | None:
    """Return what of ours the NFO of a title should hold (labels, and `GENRE`); None where it is not our
    business.
    """
    if not policy.write_nfo and not (standing.untag and standing.nfo_tags):
        return None
    wanted = desired(standing, policy.labels)
    if wanted.verdict is None:
        return None
    genre = policy.dub_genre and standing.verdict == Verdict.DUB and not standing.untag
    return sorted(wanted.verdict | (wanted.languages or NOTHING)) + [GENRE] * genre


def nfo_is_due(standing: Standing, policy: Policy) -> bool:
    """Return whether the NFO of a title is to be looked at."""
    return _due(standing, policy) is not None


def _due(standing: Standing, policy: Policy) -> list[str] | None:
    """What the NFO of a title should hold, where it is to be looked at for that; else None."""
    wanted = nfo_wanted(standing, policy)
    return None if wanted == standing.nfo_tags else wanted


def write_nfo_of(media: Media, labels: Labels) -> NfoOutcome:
    """Make the NFO of a title hold what its verdict asks for, where it is due and an NFO exists.

    A malformed NFO is left alone; the outcome's `problem` says so, and it is tried again when the media is
    scanned.
    """
    wanted = _due(media.scan_state.standing, media.scan_state.policy)
    if wanted is None:
        return NfoOutcome()
    roots = _roots(media)
    try:
        with folder_lock(roots.local(media.path)):
            written = _edit(media, roots, wanted, labels, write=True)
            _remember(media, wanted, there=written is not None)
            if written:
                record(ScanEvent.NFO, _written(media, wanted), subject=media)
                changes.record([changes.of(media, What.NFO)])
    except StorageError as error:
        return NfoOutcome(problem=error.phrase)
    except NfoError as error:
        _remember(media, wanted, there=False)
        return NfoOutcome(problem=error.phrase)
    return NfoOutcome(written=bool(written))


def nfo_would_change(media: Media, labels: Labels) -> bool:
    """Return whether a reconcile would write the NFO of a media. It is read, and nothing is written."""
    wanted = _due(media.scan_state.standing, media.scan_state.policy)
    if wanted is None:
        return False
    try:
        return bool(_edit(media, _roots(media), wanted, labels, write=False))
    except (StorageError, NfoError):
        return False


def _roots(media: Media) -> MediaRoots:
    return MediaRoots(media.path, media.connection.path_mappings.all())


def _edit(media: Media, roots: MediaRoots, wanted: list[str], labels: Labels, *, write: bool) -> bool | None:
    """Return whether the NFO had to be changed, None where there is none; change it where `write` says so.

    Raises StorageError also where there is none to be seen because its mount is gone.
    """
    folder = Path(roots.local(media.path))
    movie = None if holds_series(media.connection) else media.files.filter(scan_state__counted=True).first()
    video = Path(roots.local(movie.path)) if movie else None
    path = nfo_path("series" if holds_series(media.connection) else "movie", folder, video)
    if path is None:
        if not folder.exists() and (sentence := why_offline(parent_of(media.path), roots.mappings)):
            raise StorageError(sentence)
        return None
    roots.check(str(path))
    # A movie of a plain folder may lie in no folder of its own: then its path is that of the file.
    root = folder.parent if folder == video else folder
    before = read_nfo(path, root=root)
    own = [label for label in wanted if label != GENRE and label not in labels.found]
    try:
        after = edit_nfo(
            before,
            add_tags=own,
            managed={*labels.managed, *own},
            dub_genre=_genre_edit(media, wanted),
        )
    except NfoError as error:
        raise NfoError("nfo.left-alone", path=path, error=error.phrase) from error
    return write_nfo(path, after, root=root) if write else before != after


def _written(media: Media, wanted: list[str]) -> Phrase:
    if not wanted:
        return Phrase("nfo.emptied", title=media.title)
    return Phrase("nfo.written", title=media.title, labels=", ".join(wanted))


def _genre_edit(media: Media, wanted: list[str]) -> bool | None:
    """True: add the genre. False: take ours off. None: it is none of our business."""
    if GENRE in wanted:
        return True
    state = media.scan_state
    return False if state.policy.dub_genre or GENRE in (state.nfo_tags or ()) else None


def _remember(media: Media, wanted: list[str], *, there: bool) -> None:
    media.scan_state.nfo_tags, media.scan_state.nfo_there = wanted, there
    ScanState.objects.filter(media=media).update(nfo_tags=wanted, nfo_there=there)
