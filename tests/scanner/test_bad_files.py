"""Bad files, from the disk to what a person reads: one clear message each, and no tag changes by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import translation

from core.words import told
from demo.arr.state import ArrState
from demo.media_files import write
from library.models import Media
from scanner.models import FileScanState
from tests.commands import run

from .build import JPN_ENG, add_movie, add_series, spec, tags_at

pytestmark = [
    pytest.mark.uncounted,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tried_again_at_once", "no_worker_is_asked"),
]

GOOD = {"Good": {"dub"}, "🎬 Émoji": {"dub"}, "סרט עברי": {"dub"}}


@pytest.fixture
def movies(radarr, movie_instance, root) -> ArrState:
    """Three good movies; the test adds a bad one and loads the state."""
    state = ArrState("radarr")
    for title in GOOD:
        add_movie(state, root, title, spec(*JPN_ENG))
    return state


def bad_movie(state: ArrState, root: Path, name: str = "Bad.mkv") -> Path:
    """A movie whose file the test spoils; return its path."""
    movie = state.add_movie("Bad", str(root / "Bad"), original_language="Japanese", tags=["mine"])
    (root / "Bad").mkdir()
    state.add_movie_file(movie.id, name, size=1000, audio="jpn/eng")
    return root / "Bad" / name


def truncated(path: Path) -> None:
    write(path, spec(*JPN_ENG))
    path.write_bytes(path.read_bytes()[:120])


def empty(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path)


def text(path: Path) -> None:
    path.write_text("This is no video. " * 200)


@pytest.mark.parametrize(
    ("spoil", "code", "sentence", "german", "health"),
    [
        (truncated, 0, "is cut off", "ist abgeschnitten", "1 file cannot be read: Bad.mkv."),
        (empty, 0, "is empty", "ist leer", "1 file cannot be read: Bad.mkv."),
        (
            text,
            0,
            "finds no audio and no video in it",
            "weder Ton noch Bild",
            "1 file cannot be read: Bad.mkv.",
        ),
        (
            folder,
            0,
            "though it is named like one",
            "obwohl der Name danach",
            "1 file cannot be read: Bad.mkv.",
        ),
        (loop, 0, "leads back to itself", "zu sich selbst", "1 file cannot be read: Bad.mkv."),
        (None, 1, "There is no file", "gibt es gerade nicht", "1 file could not be reached: Bad.mkv."),
    ],
)
def test_a_bad_file_gives_one_message_and_the_rest_goes_on(
    radarr, movie_instance, movies, root, spoil, code, sentence, german, health
):
    path = bad_movie(movies, root)
    if spoil:
        spoil(path)
    radarr.load(movies)

    ran = run("scan", "--inline")

    assert ran.code == code, ran
    assert tags_at(radarr) == {**GOOD, "Bad": {"mine"}}
    assert Media.objects.get(title="Bad").scan_state.verdict == "unknown"
    explained = run("explain", "Bad").out
    assert sentence in explained
    assert "Traceback" not in explained
    with translation.override("de"):
        assert german in told(FileScanState.objects.exclude(error="").get().error)
    assert health in run("doctor").out


@pytest.mark.parametrize("spoil", [truncated, empty, loop, None])
def test_a_file_that_goes_bad_keeps_its_tag(radarr, movie_instance, movies, root, spoil):
    path = bad_movie(movies, root)
    write(path, spec(*JPN_ENG))
    radarr.load(movies)
    run("scan", "--inline")
    assert tags_at(radarr)["Bad"] == {"mine", "dub"}
    path.unlink()
    if spoil:
        spoil(path)
    radarr.clear_journal()
    run("scan", "--inline", "--deep")
    assert tags_at(radarr)["Bad"] == {"mine", "dub"}
    assert radarr.journal("PUT") == []
    assert "Bad.mkv" in run("doctor").out


def test_a_name_that_is_not_utf_8_is_told_with_what_to_do(sonarr, series_instance, root):
    state = ArrState("sonarr")
    series = add_series(state, root, "Show", {1: [spec(*JPN_ENG)]})
    raw = os.fsencode(root / "Show" / "Season 01") + b"/Show - S01E02 \xff.mkv"
    write(root / "good.mkv", spec(*JPN_ENG))
    (root / "good.mkv").rename(os.fsdecode(raw))
    state.add_episode_file(
        series.id, "Season 01/Show - S01E02 \ufffd.mkv", season=1, episodes=[2], audio="jpn"
    )
    sonarr.load(state)

    ran = run("scan", "--inline")

    assert ran.code == 0, ran
    assert tags_at(sonarr) == {"Show": {"dub"}}
    assert "has a name that is not valid UTF-8: rename it." in run("explain", "Show").out
    doctor = run("doctor").out
    assert "1 file cannot be opened, for its name is not valid UTF-8: Show - S01E02 \ufffd.mkv." in doctor
    assert "Rename it." in doctor
