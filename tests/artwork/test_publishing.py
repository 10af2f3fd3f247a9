"""Publishing into real folders: all of it or nothing, undone as it was, and one sentence where it fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artwork.models import Entity, Publication, State
from artwork.publishing import journal
from artwork.publishing.journal import By, carry_out, undo
from core.errors import ConfigError, StorageError
from history.models import Event
from library.models import Change
from storage import keeping
from storage.models import Stored

from .build import digest, held, publish

pytestmark = pytest.mark.django_db
FolderOf = Callable[[Entity], Path]

SET = {"poster.jpg": b"poster", "fanart.jpg": b"fanart", "movie.nfo": b"<movie/>"}


def test_a_set_stands_there_and_is_known_as_ours(movie: Entity, folder_of: FolderOf):
    movie.wanted = digest(b"set")
    movie.save()
    publication = publish(movie, SET)

    assert held(folder_of(movie)) == SET
    assert publication is not None
    publication.refresh_from_db()
    movie.refresh_from_db()
    assert (publication.state, publication.error) == (State.DONE, "")
    assert publication.ended_at is not None
    assert dict(movie.files.values_list("path", "digest")) == {
        name: digest(content) for name, content in SET.items()
    }
    assert (movie.published, movie.problem) == (movie.wanted, "")
    assert sorted(Change.objects.values_list("what", flat=True)) == ["nfo", "pictures"]
    assert str(Event.objects.get()) == "Lantern (2020): 3 files published"


def test_what_stands_there_is_not_written_again(movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    before = {path: path.stat() for path in folder_of(movie).iterdir()}

    assert publish(movie, SET) is None
    assert {path: path.stat() for path in folder_of(movie).iterdir()} == before


def test_a_file_of_the_same_bytes_becomes_ours_without_being_written(movie: Entity, folder_of: FolderOf):
    poster = folder_of(movie) / "poster.jpg"
    poster.write_bytes(b"poster")
    inode = poster.stat().st_ino

    assert publish(movie, {"poster.jpg": b"poster"}) is None
    assert poster.stat().st_ino == inode
    assert movie.files.get().digest == digest(b"poster")


def test_what_was_ours_and_is_not_wanted_goes(movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    publish(movie, {"poster.jpg": b"poster"})

    assert held(folder_of(movie)) == {"poster.jpg": b"poster"}
    assert movie.files.count() == 1


def test_what_somebody_changed_stays_when_it_is_not_wanted(movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    (folder_of(movie) / "fanart.jpg").write_bytes(b"somebody's own")
    publish(movie, {"poster.jpg": b"new"})

    assert held(folder_of(movie)) == {"poster.jpg": b"new", "fanart.jpg": b"somebody's own"}


def test_what_was_there_before_is_kept_and_comes_back(movie: Entity, folder_of: FolderOf):
    folder = folder_of(movie)
    (folder / "poster.jpg").write_bytes(b"somebody's own")
    first = publish(movie, SET)
    assert Stored.objects.filter(digest=digest(b"somebody's own")).exists()
    second = publish(movie, {"poster.jpg": b"second", "banner.jpg": b"banner"})
    assert first is not None
    assert second is not None

    undo(reread(second), By())
    assert held(folder) == SET
    undo(reread(first), By())
    assert held(folder) == {"poster.jpg": b"somebody's own"}
    assert not movie.files.exists()
    again = Publication.objects.first()
    assert again is not None
    undo(again, By())
    assert held(folder) == SET
    assert set(movie.files.values_list("path", flat=True)) == set(SET)


def test_an_undo_leaves_what_somebody_changed_since(movie: Entity, folder_of: FolderOf):
    publication = publish(movie, SET)
    (folder_of(movie) / "poster.jpg").write_bytes(b"somebody's own")
    assert publication is not None

    undo(reread(publication), By())
    assert held(folder_of(movie)) == {"poster.jpg": b"somebody's own"}
    with pytest.raises(ConfigError, match="Nothing of it can be undone"):
        undo(reread(publication), By())
    publication.state = State.ROLLED_BACK
    with pytest.raises(ConfigError, match="Only what was published"):
        undo(publication, By())


def test_rights_are_those_of_the_neighbours(movie: Entity, folder_of: FolderOf):
    folder = folder_of(movie)
    folder.chmod(0o775)
    (folder / "poster.jpg").write_bytes(b"old")
    (folder / "poster.jpg").chmod(0o600)
    publish(movie, SET)

    modes = {name: (folder / name).stat().st_mode & 0o777 for name in SET}
    assert modes == {"poster.jpg": 0o600, "fanart.jpg": 0o664, "movie.nfo": 0o664}


def test_pictures_come_first_and_the_nfo_last(movie: Entity, monkeypatch):
    publish(movie, {"banner.jpg": b"old"})
    order: list[str] = []
    for name in ("replace", "unlink"):
        real = getattr(os, name)

        def seen(*paths: Any, real: Any = real, **folders: Any) -> None:
            order.append(paths[-1])
            real(*paths, **folders)

        monkeypatch.setattr(os, name, seen)
    publish(movie, dict(reversed(SET.items())))

    ours = [name for name in order if not name.startswith(".")]
    assert set(ours[:2]) == {"poster.jpg", "fanart.jpg"}
    assert ours[2:] == ["banner.jpg", "movie.nfo"]


def test_files_of_a_series_lie_in_the_folders_of_its_seasons(show: Entity, folder_of: FolderOf):
    files = {"season01-poster.jpg": b"one", "Season 01/Harbour - S01E01-thumb.jpg": b"thumb"}
    publish(show, files)

    assert held(folder_of(show)) == files


class TestAfterACrash:
    """What was noted and not carried out is ended by whoever publishes next."""

    @pytest.fixture
    def left(self, movie: Entity, monkeypatch) -> Publication:
        with monkeypatch.context() as patch:
            patch.setattr(journal, "carry_out", lambda *_: None)
            publication = publish(movie, SET)
        assert publication is not None
        return publication

    def test_it_goes_forward(self, left: Publication, movie: Entity, folder_of: FolderOf):
        publish(movie, {**SET, "banner.jpg": b"banner"})

        assert reread(left).state == State.DONE
        assert held(folder_of(movie)) == {**SET, "banner.jpg": b"banner"}
        carry_out(left)
        assert held(folder_of(movie)) == {**SET, "banner.jpg": b"banner"}

    def test_it_goes_back_where_somebody_wrote_since(
        self, left: Publication, movie: Entity, folder_of: FolderOf
    ):
        (folder_of(movie) / "fanart.jpg").write_bytes(b"theirs")
        publish(movie, {"poster.jpg": b"new"})

        assert reread(left).state == State.ROLLED_BACK
        assert "Another program wrote fanart.jpg" in reread(left).error
        assert held(folder_of(movie)) == {"poster.jpg": b"new", "fanart.jpg": b"theirs"}

    def test_it_waits_for_a_disk_that_is_away(self, left: Publication, movie: Entity, folder_of: FolderOf):
        folder = folder_of(movie)
        folder.rename(folder.parent.parent / "away")
        with pytest.raises(StorageError):
            publish(movie, SET)
        assert reread(left).state == State.PLANNED
        (folder.parent.parent / "away").rename(folder)
        publish(movie, SET)
        assert reread(left).state == State.DONE


def test_what_was_of_an_episode_that_is_forgotten_comes_back_as_the_titles(show: Entity, folder_of: FolderOf):
    first = publish(show, {"poster.jpg": b"first"})
    publication = publish(show, {})
    assert first is not None
    assert publication is not None
    steps = [{**step, "entity": 0} for step in publication.steps]
    Publication.objects.filter(pk=publication.pk).update(steps=steps)

    undo(reread(publication), By())
    assert show.files.get().entity == show
    assert held(folder_of(show)) == {"poster.jpg": b"first"}


def test_what_is_kept_changes_while_it_is_read(movie: Entity, folder_of: FolderOf, monkeypatch):
    (folder_of(movie) / "poster.jpg").write_bytes(b"somebody's own")
    real = keeping.keep_file
    monkeypatch.setattr(keeping, "keep_file", lambda _: real([b"half of it"]))
    with pytest.raises(StorageError, match=r"Another program wrote poster\.jpg"):
        publish_kept(movie, "poster.jpg", real([b"new"]).digest)()

    assert held(folder_of(movie)) == {"poster.jpg": b"somebody's own"}


def reread(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def publish_kept(title: Entity, path: str, of: str) -> Callable[[], object]:
    from artwork.publishing.journal import publish as publish_title
    from artwork.publishing.opening import Opened, Wish
    from artwork.publishing.plan import File

    def wish(opened: Opened) -> Wish:
        return opened.wish_for([File(path, of, title.pk, "poster")])

    return lambda: publish_title(title, wish, By())
