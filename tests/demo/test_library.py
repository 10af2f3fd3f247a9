"""The demo library: what lies on disk, what the stand-ins know of it, and that it is the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import defusedxml.ElementTree as ElementTree
import pytest
from pymediainfo import MediaInfo

from core.errors import ConfigError
from demo.arr.process import StandIn
from demo.arr.state import ArrState, Kind, MediaFile
from demo.library import TITLES, LibraryState, build_library, lose_dubs, put_dubs_back

KINDS: tuple[Kind, ...] = ("sonarr", "radarr")
MANAGED = {"dub", "semi-dub", "wrong-dub"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LibraryState:
    """The demo library, made once for this module; the tests only read it."""
    return build_library(tmp_path_factory.mktemp("demo"))


def media_folder(library: LibraryState, kind: Kind, title: str) -> Path:
    return Path(library.state(kind).titled(title).path)


def test_it_has_about_sixty_titles_and_four_hundred_files(made: LibraryState) -> None:
    assert [len(made.verdicts[kind]) for kind in KINDS] == [22, 42]
    videos = [path for path in (made.folder / "media").rglob("*") if path.suffix in (".mkv", ".mp4")]
    # One trailer lies beside a movie, and no application knows of it.
    assert len(videos) == made.files + 1
    assert 380 <= made.files <= 420
    assert sum(path.stat().st_size for path in videos) < 2**20 * 2


def test_every_verdict_is_shown(made: LibraryState) -> None:
    for kind in KINDS:
        expected = {"dub", "wrong-dub", "original", "unknown"} | ({"semi-dub"} if kind == "sonarr" else set())
        assert set(made.verdicts[kind].values()) == expected
    assert made.targets == ("eng",)
    assert made.flags_only < {title.title for titles in TITLES.values() for title in titles}


@pytest.mark.parametrize("kind", KINDS)
def test_the_applications_know_the_files_as_they_are(made: LibraryState, kind: Kind) -> None:
    state = made.state(kind)
    offline = {title.title for title in TITLES[kind] if title.offline}
    for file in state.files.values():
        path = Path(file.path)
        if state.media[file.media_id].title in offline:
            assert not path.exists()
        else:
            assert path.stat().st_size == file.size
    assert len({file.path for file in state.files.values()}) == len(state.files)


@pytest.mark.parametrize("kind", KINDS)
def test_one_root_folder_is_there_and_one_is_not(made: LibraryState, kind: Kind) -> None:
    state = made.state(kind)
    here = [Path(root.path).is_dir() for root in state.root_folders.values()]
    assert here == [True, False]
    for media in state.media.values():
        assert any(media.path.startswith(root.path + "/") for root in state.root_folders.values())


def test_no_title_starts_with_a_label_of_ours_and_some_with_other_tags(made: LibraryState) -> None:
    for kind in KINDS:
        labels = {tag.label for tag in made.state(kind).tags.values()}
        assert labels
        assert not labels & MANAGED


def test_the_applications_list_the_audio_of_the_files(made: LibraryState) -> None:
    state = made.state("sonarr")
    (first, *_rest) = state.files_of(state.titled("Casa das Marés").id)
    assert (first.audio, first.audio_streams) == ("por/eng", 2)
    found = MediaInfo.parse(first.path)
    assert [track.language for track in found.audio_tracks] == ["pt-BR", "en"]
    unnamed = state.files_of(state.titled("Seoul After Rain").id)
    assert {(file.audio, file.audio_streams) for file in unnamed} == {("", 1), ("eng", 2)}


def test_seasons_episodes_and_doubles(made: LibraryState) -> None:
    state = made.state("sonarr")
    comedy = state.titled("Halfway to Thursday")
    assert comedy.seasons == {1: True, 2: False}
    by_file: dict[int, list[int]] = {}
    for episode in state.episodes_of(comedy.id):
        if episode.season == 1:
            by_file.setdefault(episode.file_id, []).append(episode.number)
    assert [1, 2] in by_file.values()
    assert [21, 22] in by_file.values()
    names = {Path(file.path).name for file in state.files_of(comedy.id)}
    assert "Halfway to Thursday - S01E01-E02.mkv" in names
    crime = state.titled("Grey Harbour Detectives")
    assert {file.season for file in state.files_of(crime.id)} == {1, 3}
    assert [row.file_id for row in state.episodes_of(crime.id) if row.season == 2] == [0] * 8
    assert state.files_of(state.titled("Paper Comets").id) == []
    assert {file.season for file in state.files_of(state.titled("North of Nowhere").id)} == {0, 1, 2, 3, 4}
    anime = state.titled("Clockwork Sparrows")
    assert anime.series_type == "anime"
    assert [row.absolute for row in state.episodes_of(anime.id)] == list(range(1, 25))
    assert Path(state.files_of(anime.id)[-1].path).name == "Clockwork Sparrows - 024.mkv"


def test_damaged_files_hold_no_track(made: LibraryState) -> None:
    series = made.state("sonarr")
    broken = series.files_of(series.titled("Static Bloom").id)[2]
    assert 0 < broken.size < 200
    assert not MediaInfo.parse(broken.path).audio_tracks
    movies = made.state("radarr")
    (empty,) = movies.files_of(movies.titled("Zero Hour Parcel").id)
    assert Path(empty.path).read_bytes() == b""
    assert movies.files_of(movies.titled("The Lost Reel").id) == []
    (mute,) = movies.files_of(movies.titled("Mute Swan").id)
    assert (len(MediaInfo.parse(mute.path).video_tracks), MediaInfo.parse(mute.path).audio_tracks) == (1, [])


def test_nfo_files_come_in_their_shapes(made: LibraryState) -> None:
    shapes = set()
    for kind in KINDS:
        for title in TITLES[kind]:
            name = "tvshow.nfo" if kind == "sonarr" else "movie.nfo"
            path = media_folder(made, kind, title.title) / name
            assert path.exists() == bool(title.nfo)
            if not title.nfo:
                continue
            data = path.read_bytes()
            shapes.add(title.nfo)
            assert data.startswith(b"\xef\xbb\xbf") == (title.nfo == "bom")
            assert (b"\r\n" in data) == (title.nfo == "crlf")
            assert data.rstrip().endswith(b">") == (title.nfo != "url")
            document = data.decode("utf-8-sig").split("https://")[0]
            root = ElementTree.fromstring(document.encode())
            assert root.findtext("title") == title.title
            assert {tag.text for tag in root.findall("tag")} == set(title.tags)
    assert shapes == {"plain", "url", "bom", "crlf"}


def test_a_second_start_leaves_everything_as_it_is(tmp_path: Path) -> None:
    first = build_library(tmp_path)
    state = first.state("sonarr")
    state.media[1].tags.append(state.add_tag("dub").id)
    state.save(first.sonarr_file)
    nfo = media_folder(first, "sonarr", "Lantern Harbour") / "tvshow.nfo"
    nfo.write_bytes(b"<tvshow><tag>dub</tag></tvshow>")
    second = build_library(tmp_path)
    assert (first.reused, second.reused) == (False, True)
    assert second.files == first.files
    assert "dub" in second.state("sonarr").labels_of(1)
    assert nfo.read_bytes() == b"<tvshow><tag>dub</tag></tvshow>"


def test_it_comes_out_the_same_in_every_folder(tmp_path: Path, made: LibraryState) -> None:
    other = build_library(tmp_path / "new" / "folder")

    def contents(library: LibraryState) -> dict[str, tuple[int, bytes]]:
        root = library.folder / "media"
        return {
            str(path.relative_to(root)): (
                path.stat().st_mtime_ns if path.suffix != ".nfo" else 0,
                path.read_bytes(),
            )
            for path in root.rglob("*")
            if path.is_file()
        }

    assert contents(other) == contents(made)
    for kind in KINDS:
        moved = json.dumps(other.state(kind).to_json()).replace(str(other.folder), str(made.folder))
        assert json.loads(moved) == made.state(kind).to_json()


def test_a_library_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    first = build_library(tmp_path)
    first.radarr_file.unlink()
    again = build_library(tmp_path)
    assert not again.reused
    assert again.state("radarr").titled("Mute Swan").year == 2005


def test_a_media_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "media" / "mine.mkv"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    with pytest.raises(ConfigError, match="was not made by the demo"):
        build_library(tmp_path)
    assert mine.read_bytes() == b"mine"


def test_a_series_loses_its_dub_between_two_scans_and_only_once(
    tmp_path: Path, sonarr_process: StandIn
) -> None:
    library = build_library(tmp_path)
    final = [Path(file.path).read_bytes() for file in files_that_lose(library.state("sonarr"))]
    put_dubs_back(library)
    before = files_that_lose(library.state("sonarr"))
    assert {file.audio for file in before} == {"jpn/eng"}
    assert [Path(file.path).stat().st_size for file in before] == [file.size for file in before]

    sonarr_process.load(library.state("sonarr"))
    assert lose_dubs(sonarr_process) == ["The Last Tea House"]
    after = files_that_lose(sonarr_process.state())
    assert {file.audio for file in after} == {"jpn"}
    assert {file.id for file in after}.isdisjoint(file.id for file in before)
    assert [Path(file.path).read_bytes() for file in after] == final
    assert lose_dubs(sonarr_process) == []


def files_that_lose(state: ArrState) -> list[MediaFile]:
    return state.files_of(state.titled("The Last Tea House").id)
