"""The NFOs of a title, made of what stands there while its folder is locked.

Labels and what others wrote are in the bytes that are read here; who writes in between is noticed before
these take their place, as with every other file. Of several NFOs that is written which players prefer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from artwork.models import NfoMode, PublishedFile
from artwork.names import Place, Profile, nfo_name, nfo_names
from artwork.nfo.reading import read
from artwork.nfo.value import Nfo
from artwork.nfo.writing import merge, whole
from artwork.publishing.opening import Opened
from artwork.publishing.plan import NFO, File, Found, shortened
from core.errors import NfoError, StorageError
from core.words import Phrase
from storage import keeping
from storage.models import Stored


@dataclass(frozen=True, slots=True)
class Telling:
    """What the NFO of an entity should tell, a value for each episode of its file."""

    entity: int
    place: Place
    values: tuple[Nfo, ...]


@dataclass(slots=True)
class Nfos:
    """Files that are wanted, and what stood there when they were made.

    `gone` are ours that have another name now; `problem` says which NFO is left as it is.
    """

    files: list[File] = field(default_factory=list)
    found: dict[str, Found] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    problem: str = ""


def nfos_of(opened: Opened, tellings: Sequence[Telling], mode: NfoMode, profile: Profile) -> Nfos:
    """Return the NFOs that an opened title should have; none where the mode is off.

    One that cannot be read is left alone in a merge. Raises PublicationError and StorageError.
    """
    nfos = Nfos()
    paths = set()
    for telling in tellings if mode is not NfoMode.OFF else ():
        path = _path(opened, telling.place, profile) if telling.values else None
        if path is None:
            continue
        paths.add(path)
        there = opened.folder.read(path)
        told = whole(telling.values)
        try:
            data = _written(mode, telling.values, there[0] if there else None, opened.files.get(path))
        except NfoError as error:
            problem = Phrase("artwork.nfo-kept", path=shortened(path), error=error.phrase)
            nfos.problem = nfos.problem or problem
            continue
        if there:
            nfos.found[path] = there[1]
        kept = keeping.keep_file([data]).digest
        of_told = kept if told == data else keeping.keep_file([told]).digest
        nfos.files.append(File(path, kept, telling.entity, NFO, told=of_told))
    ours = {telling.entity for telling in tellings if telling.values}
    rows = opened.files.values()
    nfos.gone = {row.path for row in rows if row.art == NFO and paths and row.entity_id in ours} - paths
    return nfos


def _path(opened: Opened, place: Place, profile: Profile) -> str | None:
    """The NFO that stands there and wins, else the name of a new one; None where no player reads any."""
    standing = (path for path in nfo_names(place) if opened.folder.status(path) is not None)
    return next(standing, None) or nfo_name(profile, place)


def _written(
    mode: NfoMode, values: Sequence[Nfo], existing: bytes | None, row: PublishedFile | None
) -> bytes:
    if existing is None or mode is NfoMode.OWN:
        return whole(values, existing)
    return merge(existing, values, _before(row))


def _before(row: PublishedFile | None) -> tuple[Nfo, ...]:
    """What we told the last time; nothing where that is not kept any more: then all of it is theirs."""
    stored = Stored.objects.filter(digest=row.told).first() if row and row.told else None
    if stored is None:
        return ()
    try:
        with keeping.read(stored) as file:
            return read(file.read())
    except (StorageError, NfoError):
        return ()
