"""Titles with folders, wishes, and what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tests.library.build import add_file, add_title

if TYPE_CHECKING:
    from artwork.models import Entity, Publication
    from artwork.nfo.value import Nfo
    from connections.models import Connection


def add_entity(connection: Connection, folder: Path, *, arr_id: int = 1, video: bool = True) -> Entity:
    """A movie in a folder of its own."""
    from artwork.models import Entity

    folder.mkdir(parents=True)
    name = folder.name.partition(" (")[0]
    media = add_title(connection, arr_id=arr_id, title=name, year=2020, path=str(folder))
    if video:
        file = folder / f"{folder.name}.mkv"
        file.write_bytes(b"a video")
        add_file(media, str(file))
    return Entity.objects.create(
        connection=connection, media=media, kind="movie", stem=folder.name, name=name, year=2020
    )


def add_show(connection: Connection, folder: Path) -> Entity:
    """A series of two seasons."""
    from artwork.models import Entity

    media = add_title(connection, title=folder.name, year=2020, path=str(folder))
    title = Entity.objects.create(connection=connection, media=media, kind="series", name=folder.name)
    for season, episodes in ((1, [1]), (2, [1, 2])):
        stem = f"Season {season:02}/{folder.name} - S{season:02}" + "".join(f"E{one:02}" for one in episodes)
        video = folder / f"{stem}.mkv"
        video.parent.mkdir(parents=True)
        video.write_bytes(b"a video")
        add_file(media, str(video), episodes=episodes)
        about = {"connection": connection, "title": title, "season": season, "name": folder.name}
        Entity.objects.create(kind="season", folder=f"Season {season:02}", **about)
        Entity.objects.create(kind="episode", stem=stem, episodes=episodes, **about)
    return title


def kept(content: bytes) -> str:
    """Keep a file, and return its digest."""
    from storage.keeping import keep_file

    return keep_file([content]).digest


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def publish(title: Entity, files: Mapping[str, bytes], **by: object) -> Publication | None:
    """Have a title's folder hold these files, and no others of ours."""
    from artwork.publishing.journal import By
    from artwork.publishing.journal import publish as publish_title
    from artwork.publishing.opening import Opened, Wish
    from artwork.publishing.plan import File

    wanted = [
        File(path, kept(content), title.pk, "nfo" if path.endswith(".nfo") else "poster")
        for path, content in files.items()
    ]

    def wish(opened: Opened) -> Wish:
        gone = opened.files.keys() - files.keys()
        return opened.wish_for(wanted, gone, {title.pk: title.wanted})

    return publish_title(title, wish, By(**by))  # type: ignore[arg-type]


def held(folder: Path) -> dict[str, bytes]:
    """What a folder holds but for videos, with what is in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".mkv")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def tell_nfo(title: Entity, values: Nfo | tuple[Nfo, ...], mode: str, of: Entity | None = None) -> str:
    """Have the NFO of a title, or of a part of it, tell this; return what there is to say about that."""
    from artwork.models import NfoMode
    from artwork.names import Profile
    from artwork.publishing.journal import By
    from artwork.publishing.journal import publish as publish_title
    from artwork.publishing.nfos import Telling, nfos_of
    from artwork.publishing.opening import Opened, Wish

    entity = of or title
    values = values if isinstance(values, tuple) else (values,)

    def wish(opened: Opened) -> Wish:
        telling = Telling(entity.pk, entity.place, values)
        nfos = nfos_of(opened, [telling], NfoMode(mode), Profile.JELLYFIN)
        return opened.wish_for(nfos.files, nfos.gone, seen=nfos.found, problem=nfos.problem)

    publish_title(title, wish, By())
    title.refresh_from_db()
    return title.problem
