"""Makes the demo library: real small video files and NFOs on disk, and what Sonarr and Radarr know of them.

    state = build_library(Path("/tmp/demo"))
    with StandIn("sonarr", state.sonarr_file, keep=True) as sonarr: ...

Everything is invented and comes out the same every time. A second call finds the library and leaves it alone,
with the tags that the stand-ins have kept and the NFOs as they were last written.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.errors import ConfigError
from demo.arr.process import StandIn
from demo.arr.state import ArrState, Kind, Media, MediaFile
from demo.media_files import AudioCodec, AudioSpec, FileSpec, write
from demo.nfo import nfo_bytes
from demo.titles import AUDIO, SUBTITLES, TARGETS, Season, Title
from demo.titles_movies import MOVIES
from demo.titles_series import SERIES

TITLES: dict[Kind, tuple[Title, ...]] = {"sonarr": SERIES, "radarr": MOVIES}
FORMAT = 2
# 2026-01-15: long enough ago that no file looks as if it were still being copied.
MADE_AT = 1768478400
_CODECS: tuple[AudioCodec, ...] = ("AAC", "AC-3", "E-AC-3", "Opus")


@dataclass(frozen=True, slots=True)
class LibraryState:
    """The demo library: where it lies, and what should come of it.

    `verdicts` maps the titles of each kind to the verdict expected with the target languages `targets`, all
    other options as they come; `flags_only` names the titles whose verdict needs flags that only the files'
    headers show. `files` counts the video files on disk that belong to a title. `reused` is true where all
    was there already.
    """

    folder: Path
    sonarr_file: Path
    radarr_file: Path
    verdicts: dict[Kind, dict[str, str]]
    flags_only: frozenset[str]
    targets: tuple[str, ...]
    files: int
    reused: bool

    def state(self, kind: Kind) -> ArrState:
        """What the stand-in of this kind knows at its next start."""
        return ArrState.load(self.sonarr_file if kind == "sonarr" else self.radarr_file)


def build_library(folder: Path) -> LibraryState:
    """Makes the demo library under `folder`, or finds it there.

    Raises:
        ConfigError: there is a folder `media` in it that is not the demo's.
        OSError: the folder cannot be written.
    """
    folder = folder.resolve()
    marker = folder / "library.json"
    digest = _digest(folder)
    known = json.loads(marker.read_text(encoding="utf-8")) if marker.exists() else None
    if known is not None and known["digest"] == digest and _is_whole(folder):
        return _library(folder, known["files"], reused=True)
    _clear(folder / "media", ours=known is not None)
    folder.mkdir(parents=True, exist_ok=True)
    # Until all is made the marker says only whose the folder is.
    marker.write_text(json.dumps({"digest": "", "files": 0}), encoding="utf-8")
    files = 0
    for kind in TITLES:
        maker = _Maker(folder, kind)
        files += maker.make()
        maker.state.save(_state_file(folder, kind))
    marker.write_text(json.dumps({"digest": digest, "files": files}), encoding="utf-8")
    return _library(folder, files, reused=False)


def put_dubs_back(library: LibraryState) -> None:
    """Gives the series that are to lose their dub the files that they had before."""
    state = library.state("sonarr")
    for title, file in _lost(state):
        spec = _spec(title, title.had)
        file.size = write(Path(file.path), spec, mtime=MADE_AT)
        for name, value in _media_info(spec, "").items():
            setattr(file, name, value)
    state.save(library.sonarr_file)


def lose_dubs(sonarr: StandIn) -> list[str]:
    """Has Sonarr replace the files of these series, as an upgrade does; returns which did not have it yet."""
    done = {}
    for title, file in _lost(sonarr.state()):
        spec = _spec(title, title.seasons[0].audio)
        told = _media_info(spec, "")
        if file.audio != told["audio"]:
            size = write(Path(file.path), spec, mtime=MADE_AT)
            sonarr.change("replace_file", id=file.id, size=size, **told)
            done[title.title] = True
    return list(done)


def _lost(state: ArrState) -> Iterator[tuple[Title, MediaFile]]:
    for title in TITLES["sonarr"]:
        for file in state.files_of(state.titled(title.title).id) if title.had else ():
            yield title, file


def _clear(media: Path, *, ours: bool) -> None:
    """Removes the media of an older or half-made demo library, and nothing that is not ours."""
    if media.exists() and not ours:
        raise ConfigError(f"{media} was not made by the demo: choose another folder for the demo's data.")
    if ours:
        shutil.rmtree(media, ignore_errors=True)


def _digest(folder: Path) -> str:
    """What the library depends on: the tables above, and where it lies (the stand-ins name full paths)."""
    tables = {kind: [asdict(title) for title in titles] for kind, titles in TITLES.items()}
    audio = {name: [asdict(track) for track in tracks] for name, tracks in AUDIO.items()}
    text = json.dumps([FORMAT, str(folder), tables, audio], default=sorted, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_whole(folder: Path) -> bool:
    states = [_state_file(folder, kind) for kind in TITLES]
    return all(path.exists() for path in states) and all(
        (folder / "media" / root).is_dir() for root in ("tv", "movies")
    )


def _state_file(folder: Path, kind: Kind) -> Path:
    return folder / f"{kind}.json"


def _library(folder: Path, files: int, *, reused: bool) -> LibraryState:
    return LibraryState(
        folder=folder,
        sonarr_file=_state_file(folder, "sonarr"),
        radarr_file=_state_file(folder, "radarr"),
        verdicts={kind: {row.title: row.verdict for row in titles} for kind, titles in TITLES.items()},
        flags_only=frozenset(row.title for titles in TITLES.values() for row in titles if row.flags_only),
        targets=TARGETS,
        files=files,
        reused=reused,
    )


class _Maker:
    def __init__(self, folder: Path, kind: Kind) -> None:
        self.kind = kind
        self.state = ArrState(kind)
        name = "tv" if kind == "sonarr" else "movies"
        self.root = folder / "media" / name
        # The application sees this root folder; nobody here does.
        self.offline_root = folder / "media" / f"archive-{name}"
        self.files = 0

    def make(self) -> int:
        """Makes all titles; returns how many video files were written."""
        self.root.mkdir(parents=True)
        for root in (self.root, self.offline_root):
            self.state.add_root_folder(str(root))
        for number, title in enumerate(TITLES[self.kind], start=1):
            folder = (self.offline_root if title.offline else self.root) / f"{title.title} ({title.year})"
            if not title.offline:
                folder.mkdir()
            media = self._add(title, folder, number)
            if self.kind == "sonarr":
                for season in title.seasons:
                    self._season(title, media, folder, season)
            elif title.audio is not None:
                self._movie_file(title, media, folder)
            if title.nfo:
                name = "tvshow.nfo" if self.kind == "sonarr" else "movie.nfo"
                (folder / name).write_bytes(nfo_bytes(title, self.kind, number))
        return self.files

    def _add(self, title: Title, folder: Path, number: int) -> Media:
        add = self.state.add_series if self.kind == "sonarr" else self.state.add_movie
        return add(
            title.title,
            str(folder),
            tags=list(title.tags),
            year=title.year,
            original_language=title.original,
            genres=list(title.genres),
            imdb_id=f"tt99{number:05}",
            overview=f"In the demo library for this: {title.shows}.",
            series_type="anime" if title.anime else "standard",
        )

    def _season(self, title: Title, media: Media, folder: Path, season: Season) -> None:
        media.seasons[season.number] = season.monitored
        before = sum(row.episodes for row in title.seasons if 0 < row.number < season.number)
        second_halves = {number + 1 for number in season.doubles}
        for number in range(1, season.episodes + 1):
            self.state.add_episode(
                media.id,
                season.number,
                number,
                title=f"Part {number}",
                absolute=before + number if title.anime and season.number else None,
                monitored=season.monitored,
            )
            if number in season.missing or number in second_halves:
                continue
            held = [number, number + 1] if number in season.doubles else [number]
            relative = _episode_path(title, season.number, held, before)
            damage = title.damage if number == 3 else ""
            spec = _spec(title, season.other.get(number, season.audio))
            size = self._write(title, folder / relative, spec, damage)
            self.state.add_episode_file(
                media.id,
                relative,
                season=season.number,
                episodes=held,
                size=size,
                **_media_info(spec, damage),
            )

    def _movie_file(self, title: Title, media: Media, folder: Path) -> None:
        spec = _spec(title, title.audio or "none")
        relative = f"{title.title} ({title.year}) WEBDL-1080p.{title.container}"
        size = self._write(title, folder / relative, spec, title.damage)
        self.state.add_movie_file(media.id, relative, size=size, **_media_info(spec, title.damage))
        if title.trailer:
            trailer = FileSpec(AUDIO["de"], SUBTITLES, "mkv")
            write(folder / f"{title.title} ({title.year})-trailer.mkv", trailer, mtime=MADE_AT)

    def _write(self, title: Title, path: Path, spec: FileSpec, damage: str) -> int:
        """Writes one file and returns its size in bytes; offline files have a size only."""
        if title.offline:
            return 700_000_000
        self.files += 1
        path.parent.mkdir(exist_ok=True)
        size = write(path, spec, mtime=MADE_AT)
        if not damage:
            return size
        # A cut before the list of tracks: no engine can say what the file held.
        kept = 0 if damage == "empty" else 120
        os.truncate(path, kept)
        os.utime(path, (MADE_AT, MADE_AT))
        return kept


def _episode_path(title: Title, season: int, numbers: list[int], before: int) -> str:
    folder = "Specials" if season == 0 else f"Season {season:02}"
    if title.anime:
        name = f"{title.title} - {before + numbers[0]:03}"
    else:
        name = f"{title.title} - S{season:02}" + "-".join(f"E{number:02}" for number in numbers)
    return f"{folder}/{name}.{title.container}"


def _spec(title: Title, audio: str) -> FileSpec:
    """The tracks of a title's files; the codec is the same for all files of a title."""
    # Not for secrets: the same title must come out the same every time.
    codec = random.Random(title.title).choice(_CODECS)  # noqa: S311
    tracks = tuple(
        replace(track, codec=codec, default=index == 0) for index, track in enumerate(AUDIO[audio])
    )
    return FileSpec(tracks, SUBTITLES, title.container)


def _media_info(spec: FileSpec, damage: str) -> dict[str, object]:
    """What the application says of the file: tracks without a language are counted and not listed."""
    if damage:
        return {"audio": "", "audio_streams": 0}
    return {
        "audio": "/".join(_listed(track) for track in spec.audio if _listed(track)),
        "audio_streams": len(spec.audio),
        "audio_codec": spec.audio[0].codec if spec.audio else "",
        "subtitles": "/".join(subtitle.language or "" for subtitle in spec.subtitles),
    }


def _listed(track: AudioSpec) -> str:
    return track.language if track.language not in (None, "und") else ""
