"""NFOs that are published: whole or merged, with labels and what others wrote kept whoever writes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artwork import choosing, health
from artwork.choice.values import Told
from artwork.metadata import tell
from artwork.models import ArtSettings, Entity, NfoMode, PublishedFile
from artwork.nfo.reading import read
from artwork.nfo.value import Nfo, Root
from artwork.publishing import journal
from artwork.publishing.journal import By, undo
from artwork.publishing.verifying import verify
from core.errors import StorageError
from storage.models import Stored

from .build import held, kept, publish, tell_nfo
from .rounds import LABEL, MOVIE, race, write_labels

pytestmark = pytest.mark.django_db
FolderOf = Callable[[Entity], Path]
THEIRS = b"<movie>\n <title>Theirs</title>\n <tag>dub</tag>\n <!-- note -->\n</movie>\n"


@pytest.fixture
def nfo(movie: Entity, folder_of: FolderOf) -> Path:
    return folder_of(movie) / "movie.nfo"


def test_nothing_is_written_where_it_is_off(movie: Entity, nfo: Path):
    tell_nfo(movie, MOVIE, NfoMode.OFF)
    assert not nfo.exists()
    tell_nfo(movie, (), NfoMode.OWN)
    assert not nfo.exists()


@pytest.mark.parametrize("mode", [NfoMode.MERGE, NfoMode.OWN])
def test_one_is_made_where_there_is_none(mode: NfoMode, movie: Entity, nfo: Path):
    tell_nfo(movie, MOVIE, mode)
    (told,) = read(nfo.read_bytes())
    assert (told.title, told.plot, told.ids) == ("Lantern", "A plot.", {"tmdb": "1"})
    before = nfo.stat()
    tell_nfo(movie, MOVIE, mode)
    assert nfo.stat() == before


def test_a_merge_leaves_what_is_theirs_and_changes_what_is_ours(movie: Entity, nfo: Path):
    nfo.write_bytes(THEIRS)
    tell_nfo(movie, MOVIE, NfoMode.MERGE)
    first = nfo.read_text()
    assert first.startswith("<movie>\n <title>Theirs</title>\n <tag>dub</tag>\n")
    assert first.endswith("\n <!-- note -->\n</movie>\n")
    assert "<plot>A plot.</plot>" in first
    tell_nfo(movie, replace(MOVIE, title="Ours", plot="Another."), NfoMode.MERGE)

    assert nfo.read_text() == first.replace("A plot.", "Another.")
    publication = movie.publications.first()
    assert publication is not None
    undo(publication, By())
    assert nfo.read_text() == first
    tell_nfo(movie, replace(MOVIE, plot="A third."), NfoMode.MERGE)
    assert nfo.read_text() == first.replace("A plot.", "A third.")


def test_what_we_told_and_is_not_kept_any_more_is_theirs(movie: Entity, nfo: Path):
    tell_nfo(movie, MOVIE, NfoMode.MERGE)
    told = Stored.objects.get(digest=PublishedFile.objects.get().told)
    PublishedFile.objects.update(told="0" * 64)
    tell_nfo(movie, replace(MOVIE, plot="Another."), NfoMode.MERGE)
    assert "<plot>A plot.</plot>" in nfo.read_text()
    PublishedFile.objects.update(told=kept(b"<movie><title>"))
    tell_nfo(movie, replace(MOVIE, plot="Another."), NfoMode.MERGE)
    assert "<plot>A plot.</plot>" in nfo.read_text()
    PublishedFile.objects.update(told=told.digest)
    tell_nfo(movie, replace(MOVIE, plot="Another."), NfoMode.MERGE)
    assert "<plot>Another.</plot>" in nfo.read_text()


def test_one_that_is_ours_keeps_labels_and_forgets_the_rest(movie: Entity, nfo: Path):
    nfo.write_bytes(THEIRS)
    tell_nfo(movie, MOVIE, NfoMode.OWN)

    text = nfo.read_text()
    assert "<tag>dub</tag>" in text
    assert "<title>Lantern</title>" in text
    assert "Theirs" not in text


def test_one_that_cannot_be_read_is_kept_and_told(movie: Entity, nfo: Path, folder_of: FolderOf):
    nfo.write_bytes(b"<movie><title>Half")
    problem = tell_nfo(movie, MOVIE, NfoMode.MERGE)

    assert nfo.read_bytes() == b"<movie><title>Half"
    assert problem.startswith("movie.nfo stays as it is, for it cannot be read")
    (issue,) = health.noticed()
    assert "was published with a problem (Lantern): movie.nfo stays" in str(issue.what)
    assert not list(health.troubled())
    publish(movie, {"poster.jpg": b"poster"})
    (folder_of(movie) / "poster.jpg").unlink()
    tell_nfo(movie, MOVIE, NfoMode.MERGE)
    verify(movie, By())
    movie.refresh_from_db()
    assert movie.problem == problem
    assert tell_nfo(movie, MOVIE, NfoMode.OWN) == ""
    assert b"<title>Lantern</title>" in nfo.read_bytes()


def test_that_which_players_prefer_is_written_and_an_old_name_goes(movie: Entity, folder_of: FolderOf):
    beside = folder_of(movie) / "Lantern (2020).nfo"
    beside.write_bytes(THEIRS)
    tell_nfo(movie, MOVIE, NfoMode.MERGE)
    assert list(held(folder_of(movie))) == [beside.name]
    (folder_of(movie) / "movie.nfo").write_bytes(THEIRS)
    tell_nfo(movie, MOVIE, NfoMode.MERGE)
    assert list(held(folder_of(movie))) == ["movie.nfo"]


def test_a_series_its_seasons_and_episodes_have_their_own(show: Entity, folder_of: FolderOf):
    season, double = (show.parts.get(kind=kind, season=2) for kind in ("season", "episode"))
    tell_nfo(show, Nfo(Root.SERIES, title="Harbour"), NfoMode.OWN)
    tell_nfo(show, Nfo(Root.SEASON, title="Two", season=2), NfoMode.OWN, season)
    two = tuple(Nfo(Root.EPISODE, title=f"Part {one}", season=2, episode=one) for one in (1, 2))
    tell_nfo(show, two, NfoMode.OWN, double)
    tell_nfo(show, (two[0], replace(two[1], title="The end")), NfoMode.MERGE, double)

    assert set(held(folder_of(show))) == {
        "tvshow.nfo",
        "Season 02/season.nfo",
        "Season 02/Harbour - S02E01E02.nfo",
    }
    episodes = read(held(folder_of(show))["Season 02/Harbour - S02E01E02.nfo"])
    assert [one.title for one in episodes] == ["Part 1", "The end"]


def test_who_writes_between_reading_and_writing_loses_nothing(movie: Entity, nfo: Path, monkeypatch):
    nfo.write_bytes(THEIRS)
    real = journal.carry_out

    def meanwhile(*given: object) -> None:
        write_labels_here(nfo.parent)
        real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(journal, "carry_out", meanwhile)
        with pytest.raises(StorageError, match=r"Another program wrote movie\.nfo"):
            tell_nfo(movie, MOVIE, NfoMode.MERGE)
    assert nfo.read_bytes() == THEIRS.replace(b"\n <tag>dub</tag>", b"")
    tell_nfo(movie, MOVIE, NfoMode.MERGE)
    assert "<plot>A plot.</plot>" in nfo.read_text()
    assert f"<tag>{LABEL}</tag>" not in nfo.read_text()


def write_labels_here(folder: Path) -> None:
    nfo = folder / "movie.nfo"
    nfo.write_bytes(nfo.read_bytes().replace(b"\n <tag>dub</tag>", b""))


@pytest.mark.django_db(transaction=True)
def test_labels_and_publications_at_once_are_both_kept(movie: Entity, folder_of: FolderOf):
    race(movie, folder_of(movie), 20)
    write_labels(folder_of(movie), [LABEL])
    assert f"<tag>{LABEL}</tag>" in (folder_of(movie) / "movie.nfo").read_text()


def test_what_is_told_of_a_title_is_published_where_its_library_says_so(movie: Entity, nfo: Path):
    tell(movie, {"plot": Told("A plot.", "tmdb")})
    movie.save()
    assert choosing.refresh([movie]) == 0
    ArtSettings.objects.create(connection=movie.connection, nfo=NfoMode.MERGE)
    assert choosing.refresh([movie]) == 1
    assert choosing.publish_title(movie, By()) == 1
    movie.refresh_from_db()
    assert movie.wanted == movie.published != ""
    assert [(one.title, one.plot) for one in read(nfo.read_bytes())] == [("Lantern", "A plot.")]
    write_labels_here(nfo.parent)
    assert choosing.publish_title(movie, By()) == 0


def test_a_picture_that_a_player_shows_in_place_of_ours_is_told(movie: Entity, folder_of: FolderOf):
    shadow = folder_of(movie) / "Lantern (2020)-poster.jpg"
    shadow.write_bytes(b"theirs")
    publish(movie, {"poster.jpg": b"poster"})
    movie.refresh_from_db()
    assert "Lantern (2020)-poster.jpg is shown in place of poster.jpg. Choose" in movie.problem
    (issue,) = health.noticed()
    assert issue.to_json()["action"]["address"] == f"/artwork?state=problem&instance={movie.connection_id}"
    shadow.write_bytes(b"poster")
    publish(movie, {"poster.jpg": b"poster", shadow.name: b"poster"})
    publish(movie, {"poster.jpg": b"poster"})
    shadow.unlink(missing_ok=True)
    publish(movie, {"poster.jpg": b"poster"})
    movie.refresh_from_db()
    assert movie.problem == ""
