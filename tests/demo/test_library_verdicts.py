"""Every title of the demo library gets the verdict that it is there to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ProbeError, StorageError
from demo.arr.state import ArrState, Kind, MediaFile
from demo.library import TITLES, LibraryState, build_library
from demo.media_specs import AudioSpec
from demo.titles import AUDIO, Title
from scanner.languages.codes import normalise, require
from scanner.probe.engines import probe
from scanner.probe.tracks import Facts, Track
from scanner.verdict.rollup import FileInput, Rules, SeasonInput, decide_file, roll_up

ALL = [(kind, title) for kind, titles in TITLES.items() for title in titles]
each_title = pytest.mark.parametrize(("kind", "title"), ALL, ids=[title.title for _, title in ALL])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LibraryState:
    return build_library(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def states(made: LibraryState) -> dict[Kind, ArrState]:
    return {kind: made.state(kind) for kind in TITLES}


def decided(title: Title, seasons: dict[int, list[Facts | None]], targets: tuple[str, ...]) -> str:
    """The verdict of a title from the facts of its files by season; None are files that cannot be read."""
    rules = Rules(tuple(require(target) for target in targets))
    original = normalise(title.original)
    inputs = tuple(
        SeasonInput(
            number,
            tuple(FileInput(str(n), decide_file(facts, rules, original)) for n, facts in enumerate(files)),
        )
        for number, files in seasons.items()
    )
    return str(roll_up(inputs, rules).verdict)


def written(audio: tuple[AudioSpec, ...]) -> Facts:
    """What stands in the header of a file, as facts."""
    tracks = []
    for index, spec in enumerate(audio):
        language = normalise(spec.bcp47 or spec.language)
        tracks.append(
            Track(
                "audio",
                index,
                language=language.base if language else spec.language,
                region=language.region if language else None,
                title=spec.title,
                commentary=spec.commentary,
                descriptive=spec.visual_impaired,
                original=spec.original,
            )
        )
    return Facts(tuple(tracks), engine="header")


def seasons_written(title: Title) -> dict[int, list[Facts | None]]:
    """The facts of a title's files as its table says they were written."""
    if title.offline:
        return {}
    if title.audio is not None:
        return {1: [None if title.damage else written(AUDIO[title.audio])]}
    seasons: dict[int, list[Facts | None]] = {}
    for season in title.seasons:
        for number in sorted(set(range(1, season.episodes + 1)) - season.missing):
            broken = bool(title.damage) and number == 3
            facts = written(AUDIO[season.other.get(number, season.audio)])
            seasons.setdefault(season.number, []).append(None if broken else facts)
    return seasons


def read(file: MediaFile) -> Facts | None:
    try:
        return probe(Path(file.path)).facts
    except (ProbeError, StorageError):
        return None


@each_title
def test_the_rules_give_the_verdict_of_what_was_written(kind: Kind, title: Title, made: LibraryState) -> None:
    assert decided(title, seasons_written(title), made.targets) == title.verdict


@each_title
def test_the_probe_gives_the_verdict_of_the_files(
    kind: Kind, title: Title, made: LibraryState, states: dict[Kind, ArrState]
) -> None:
    state = states[kind]
    seasons: dict[int, list[Facts | None]] = {}
    for file in state.files_of(state.titled(title.title).id):
        seasons.setdefault(1 if file.season is None else file.season, []).append(read(file))
    engines = {facts.engine for files in seasons.values() for facts in files if facts is not None}
    if title.title in made.flags_only and "mediainfo" in engines:
        pytest.skip("MediaInfo does not show the flag that decides here")
    assert decided(title, seasons, made.targets) == title.verdict
