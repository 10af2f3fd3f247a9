"""A library of many small series of all verdicts, with NFO files, and what should come of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from demo.arr.state import ArrState
from demo.media_files import AudioSpec, FileSpec, write
from scanner.nfo.edit import edit_nfo

LABELS = ("dub", "semi-dub", "wrong-dub")
FOREIGN = "4k"
"""A tag of somebody else's that every series carries."""

NFO_EVERY = 5
"""One series in so many has an NFO."""

EPISODES = {
    "dub": (("jpn", "eng"), ("jpn", "eng"), ("jpn", "eng")),
    "semi-dub": (("jpn", "eng"), ("jpn",), ("jpn",)),
    "wrong-dub": (("jpn",), ("ger",), ("jpn",)),
    "original": (("jpn",), ("jpn",), ("jpn",)),
}
"""The audio languages of the files of a series, by the verdict that they lead to."""


@dataclass(frozen=True)
class Library:
    """Where it lies, what a stand-in Sonarr knows of it, and the NFO files as they were made."""

    root: Path
    state: ArrState
    nfos: dict[Path, bytes]

    def verdicts(self) -> dict[str, str]:
        """The verdict of every series, by title."""
        return {media.title: verdict_of(media.title) for media in self.state.media.values()}

    def tags(self) -> dict[str, set[str]]:
        """The labels that every series should carry in the end, by title."""
        return {title: {FOREIGN} | ({verdict} & set(LABELS)) for title, verdict in self.verdicts().items()}

    def nfo(self, path: Path) -> bytes:
        """What should stand in an NFO in the end."""
        label = {verdict_of(path.parent.name)} & set(LABELS)
        return edit_nfo(self.nfos[path], add_tags=label, managed=LABELS)


def verdict_of(title: str) -> str:
    """The verdict that a title names."""
    return title.partition(" ")[0]


def build(root: Path, count: int) -> Library:
    """Make so many series under `root`, which is there. Their files are links to one file of each content."""
    models = root / ".models"
    models.mkdir()
    state, nfos = ArrState("sonarr"), {}
    state.add_root_folder(str(root))
    sizes: dict[tuple[str, ...], int] = {}
    for number in range(count):
        title = f"{list(EPISODES)[number % len(EPISODES)]} {number:05}"
        _series(state, root / title, models, sizes)
        if number % NFO_EVERY == 0:
            nfo = root / title / "tvshow.nfo"
            nfo.write_bytes(_nfo(title))
            nfos[nfo] = _nfo(title)
    return Library(root, state, nfos)


def _series(state: ArrState, folder: Path, models: Path, sizes: dict[tuple[str, ...], int]) -> None:
    (folder / "Season 01").mkdir(parents=True)
    series = state.add_series(folder.name, str(folder), original_language="Japanese", tags=[FOREIGN])
    for number, audio in enumerate(EPISODES[verdict_of(folder.name)], 1):
        model = models / f"{'-'.join(audio)}.mkv"
        if audio not in sizes:
            sizes[audio] = write(model, FileSpec(audio=tuple(AudioSpec(language=code) for code in audio)))
        name = f"Season 01/{folder.name} - S01E{number:02}.mkv"
        os.link(model, folder / name)
        state.add_episode_file(
            series.id, name, season=1, episodes=[number], size=sizes[audio], audio="/".join(audio)
        )


def _nfo(title: str) -> bytes:
    lines = ["<tvshow>", f"  <title>{title}</title>", "  <!-- kept -->", "  <tag>kids</tag>", "</tvshow>"]
    return ("\r\n".join(lines) + "\r\nhttps://library.example/" + title.replace(" ", "-") + "\r\n").encode()
