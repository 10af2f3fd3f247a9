"""The state of a stand-in, made in code."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.arr.languages import language_resource
from demo.arr.state import ArrState


def made() -> ArrState:
    state = ArrState("sonarr")
    state.add_root_folder("/tv")
    series = state.add_series("הרוח 🚀", "/tv/a", tags=["Kids", "kids"], seasons={2: False})
    state.add_episode_file(series.id, "b.mkv", season=1, episodes=[1, 2], audio="jpn/eng")
    return state


def test_a_state_survives_its_file(tmp_path: Path) -> None:
    state = made()
    state.save(tmp_path / "state.json")
    loaded = ArrState.load(tmp_path / "state.json")
    assert loaded.to_json() == state.to_json()
    assert loaded.titled("הרוח 🚀").seasons == {2: False, 1: True}
    assert [episode.file_id for episode in loaded.episodes_of(1)] == [1, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    # Ids go on where they were.
    assert loaded.add_series("Next", "/tv/next").id == 2


def test_a_label_is_one_tag_whatever_its_case() -> None:
    assert [tag.label for tag in made().tags.values()] == ["kids"]


def test_audio_streams_are_counted_from_the_codes_unless_given() -> None:
    assert made().files[1].audio_streams == 2


def test_a_movie_has_one_file() -> None:
    state = ArrState("radarr")
    movie = state.add_movie("A", "/movies/A")
    state.add_movie_file(movie.id, "a.mkv")
    state.add_movie_file(movie.id, "b.mkv")
    assert [file.path for file in state.files_of(movie.id)] == ["/movies/A/b.mkv"]
    assert list(state.files) == [2]


def test_removing_a_media_removes_all_of_it() -> None:
    state = made()
    state.remove_media(1)
    assert (state.media, state.files, state.episodes) == ({}, {}, {})
    with pytest.raises(KeyError):
        state.titled("הרוח 🚀")


def test_every_change_raises_the_version() -> None:
    state = made()
    before = state.media[1].version
    state.remove_file(1)
    assert state.media[1].version > before


def test_the_applications_number_their_languages_differently() -> None:
    assert language_resource("sonarr", "Portuguese (Brazil)") == {"id": 33, "name": "Portuguese (Brazil)"}
    assert language_resource("radarr", "Portuguese (Brazil)") == {"id": 30, "name": "Portuguese (Brazil)"}
    assert language_resource("radarr", "Swedish")["id"] == language_resource("sonarr", "Swedish")["id"] == 14
    with pytest.raises(KeyError):
        language_resource("sonarr", "Klingon")
