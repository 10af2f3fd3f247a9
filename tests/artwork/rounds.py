"""A label and a publication written into one NFO at once, again and again: both are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from artwork.nfo.value import Nfo, Root

if TYPE_CHECKING:
    from artwork.models import Entity

MOVIE = Nfo(Root.MOVIE, {"tmdb": "1"}, "Lantern", plot="A plot.", genres=("Drama",))
LABEL = "dub"


def race(title: Entity, folder: Path, rounds: int) -> int:
    """Write both in each round and look at what is kept; return in how many one had to wait for the other."""
    from artwork.models import NfoMode
    from tests.artwork.build import tell_nfo

    waited = 0
    tell_nfo(title, MOVIE, NfoMode.MERGE)
    for number in range(rounds):
        wanted = f"Plot {number}"
        labels = [LABEL] if number % 2 else []
        writer = Thread(target=write_labels, args=(folder, labels))
        writer.start()
        waited += published(title, replace(MOVIE, plot=wanted))
        writer.join()
        text = (folder / "movie.nfo").read_text()
        if f"<plot>{wanted}</plot>" not in text or (f"<tag>{LABEL}</tag>" in text) != bool(labels):
            raise SystemExit(f"round {number}: {text}")
    return waited


def published(title: Entity, nfo: Nfo) -> int:
    """Publish until it is done, as the engine does; return how often it had to be put off."""
    from artwork.models import NfoMode
    from core.errors import StorageError
    from tests.artwork.build import tell_nfo

    for put_off in range(100):
        try:
            tell_nfo(title, nfo, NfoMode.MERGE)
        except StorageError:
            continue
        return put_off
    raise SystemExit("it is put off for ever")


def write_labels(folder: Path, labels: list[str]) -> None:
    """Have the NFO hold these labels and no others of ours, as the scanner does."""
    from django.db import connections

    from library.folder_lock import folder_lock
    from scanner.nfo.edit import edit_nfo
    from scanner.nfo.files import read_nfo, write_nfo

    path = folder / "movie.nfo"
    with folder_lock(str(folder)):
        before = read_nfo(path, root=folder)
        write_nfo(path, edit_nfo(before, add_tags=labels, managed=[LABEL]), root=folder)
    connections.close_all()
