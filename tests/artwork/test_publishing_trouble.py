"""What may go wrong while a title is published: nothing half, nothing lost, and one sentence."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from artwork.models import Entity, Publication, State
from artwork.publishing import journal
from artwork.publishing.folder import TitleFolder
from artwork.publishing.journal import carry_out
from artwork.publishing.plan import PublicationError
from core.errors import ConfigError, StorageError, TaggarrError
from storage.models import Stored

from .build import held, kept, publish
from .test_publishing import SET, FolderOf, publish_kept

pytestmark = pytest.mark.django_db


class TestTrouble:
    """No set is written in part, and the title says what to do."""

    BEFORE = {"fanart.jpg": b"theirs", "movie.nfo": b"<theirs/>"}

    @pytest.fixture(autouse=True)
    def _theirs(self, movie: Entity, folder_of: FolderOf) -> None:
        for name, content in self.BEFORE.items():
            (folder_of(movie) / name).write_bytes(content)

    def refuses(
        self, movie: Entity, error: type[TaggarrError], sentence: str, files: dict[str, bytes] | None = None
    ) -> None:
        with pytest.raises(error, match=sentence):
            publish(movie, SET if files is None else files)
        movie.refresh_from_db()
        assert sentence in movie.problem
        assert not Publication.objects.filter(state=State.PLANNED).exists()

    @pytest.mark.parametrize("call", ["fsync", "replace", "open"])
    @pytest.mark.parametrize(
        ("number", "sentence"),
        [
            (errno.ENOSPC, "does not fit on its disk"),
            (errno.EDQUOT, "does not fit on its disk"),
            (errno.EROFS, "mounted read-only"),
            (errno.EACCES, "give its user the right"),
            (errno.EIO, r"could not be written"),
        ],
    )
    def test_of_the_disk_at_its_last_file(
        self, call: str, number: int, sentence: str, movie: Entity, folder_of: FolderOf, monkeypatch
    ):
        for content in (*SET.values(), *self.BEFORE.values()):
            kept(content)
        fails_at_the_last(monkeypatch, call, number)
        self.refuses(movie, StorageError, sentence)
        monkeypatch.undo()

        assert held(folder_of(movie)) == self.BEFORE
        publish(movie, SET)
        movie.refresh_from_db()
        assert (held(folder_of(movie)), movie.problem) == (SET, "")

    def test_of_the_disk_brings_back_what_stood_there_though_drafts_that_go_cannot_be_forced(
        self, movie: Entity, folder_of: FolderOf, monkeypatch
    ):
        class KilledError(BaseException):
            pass

        def call(name: str, at: int, error: BaseException) -> None:
            real, count = getattr(os, name), itertools.count(1)

            def failing(*given: Any, **named: Any) -> Any:
                if str(given[0]).startswith(".taggarr-") and next(count) == at:
                    raise error
                return real(*given, **named)

            monkeypatch.setattr(os, name, failing)

        def fsync(descriptor: int, real: Callable[[int], None] = os.fsync) -> None:
            if not os.fstat(descriptor).st_nlink:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)

        publish(movie, SET)
        call("replace", 2, KilledError())
        with pytest.raises(KilledError):
            publish(movie, dict.fromkeys(SET, b"new"))
        monkeypatch.undo()
        assert held(folder_of(movie)) != SET
        call("open", 2, OSError(errno.ENOSPC, "No space left on device"))
        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(StorageError, match="does not fit on its disk"):
            carry_out(movie.publications.get(state=State.PLANNED))

        assert held(folder_of(movie)) == SET
        assert movie.publications.filter(state=State.ROLLED_BACK).exists()

    def test_of_a_full_disk_is_found_before_anything_is_written(
        self, movie: Entity, folder_of: FolderOf, monkeypatch
    ):
        monkeypatch.setattr(journal, "SPARE", 1 << 62)
        self.refuses(movie, StorageError, "does not fit on its disk")

        assert held(folder_of(movie)) == self.BEFORE
        assert not Publication.objects.exists()

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("x" * 300 + ".jpg", "too long a name"),
            ("../poster.jpg", "leads out of the folder"),
            ("a\0b.jpg", "holds characters that no file may have"),
            ("Poster.JPG", "are the same name to many disks"),
        ],
    )
    def test_of_a_name(self, name: str, sentence: str, movie: Entity, folder_of: FolderOf):
        self.refuses(movie, PublicationError, sentence, {**SET, name: b"x"})

        assert held(folder_of(movie)) == self.BEFORE

    def test_of_a_link_in_place_of_a_picture(self, movie: Entity, folder_of: FolderOf, tmp_path: Path):
        outside = tmp_path / "outside.jpg"
        outside.write_bytes(b"elsewhere")
        (folder_of(movie) / "poster.jpg").symlink_to(outside)
        self.refuses(movie, PublicationError, "is a link or behind one")

        assert outside.read_bytes() == b"elsewhere"

    def test_of_a_pipe_or_a_huge_file_in_place_of_a_picture(self, movie: Entity, folder_of: FolderOf):
        poster = folder_of(movie) / "poster.jpg"
        os.mkfifo(poster)
        self.refuses(movie, PublicationError, "is not a regular file")
        poster.unlink()
        with poster.open("wb") as file:
            file.truncate(50 << 20)
        self.refuses(movie, PublicationError, "larger than 40 MB")

    def test_of_a_folder_replaced_by_a_link(
        self, movie: Entity, folder_of: FolderOf, tmp_path_factory: pytest.TempPathFactory
    ):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        folder = folder_of(movie)
        shutil.move(folder, elsewhere / "moved")
        folder.symlink_to(elsewhere / "moved")
        self.refuses(movie, StorageError, "is not in a folder that Taggarr may read")

        assert held(elsewhere / "moved") == self.BEFORE

    def test_of_a_season_that_is_a_link(self, show: Entity, folder_of: FolderOf, tmp_path: Path):
        season = folder_of(show) / "Season 01"
        shutil.move(season, tmp_path / "moved")
        season.symlink_to(tmp_path / "moved")
        self.refuses(
            show,
            PublicationError,
            "is a link or behind one",
            {"poster.jpg": b"x", "Season 01/Harbour - S01E01-thumb.jpg": b"x"},
        )

        assert held(folder_of(show)) == held(tmp_path / "moved") == {}

    def test_of_a_season_that_is_swapped_for_a_link_in_the_middle(
        self, show: Entity, folder_of: FolderOf, tmp_path: Path, monkeypatch
    ):
        season = folder_of(show) / "Season 01"
        real = TitleFolder.stage

        def swapped(*given: Any) -> None:
            real(*given)
            if season.is_dir() and not season.is_symlink():
                shutil.move(season, tmp_path / "moved")
                season.symlink_to(tmp_path / "moved")

        monkeypatch.setattr(TitleFolder, "stage", swapped)
        files = {"poster.jpg": b"x", "Season 01/Harbour - S01E01-thumb.jpg": b"x"}
        self.refuses(show, PublicationError, "is a link or behind one", files)

        assert held(folder_of(show)) == held(tmp_path / "moved") == {}

    @pytest.mark.parametrize("number", [errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN])
    def test_of_a_mount_that_goes_away_in_the_middle(
        self, number: int, movie: Entity, folder_of: FolderOf, monkeypatch
    ):
        for content in (*SET.values(), *self.BEFORE.values()):
            kept(content)
        gone = fails_from_the_second_rename(monkeypatch, number)
        with pytest.raises(StorageError, match="check that its disk is mounted"):
            publish(movie, SET)
        assert gone()
        monkeypatch.undo()
        movie.refresh_from_db()
        assert "check that its disk is mounted" in movie.problem
        assert movie.publications.get().state == State.PLANNED
        publish(movie, SET)

        movie.refresh_from_db()
        assert (held(folder_of(movie)), movie.problem) == (SET, "")

    def test_of_none_where_a_disk_knows_neither_rights_nor_folders_that_are_forced(
        self, movie: Entity, folder_of: FolderOf, monkeypatch
    ):
        def refused(*_: object) -> None:
            raise PermissionError(errno.EPERM, "")

        def of_files(descriptor: int, real: Callable[[int], None] = os.fsync) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "")
            real(descriptor)

        for content in (*SET.values(), *self.BEFORE.values()):
            kept(content)
        for name in ("fchown", "fchmod", "link", "symlink"):
            monkeypatch.setattr(os, name, refused)
        monkeypatch.setattr(os, "fsync", of_files)
        publish(movie, SET)

        assert held(folder_of(movie)) == SET

    def test_of_a_movie_that_is_gone(self, movie: Entity, folder_of: FolderOf):
        folder = folder_of(movie)
        (folder / "Lantern (2020).mkv").unlink()
        self.refuses(movie, PublicationError, "There is no video")
        (folder / "Lantern (2020)-trailer.mkv").write_bytes(b"x")
        self.refuses(movie, PublicationError, "There is no video")
        shutil.rmtree(folder)
        (folder.parent / "another").mkdir()
        self.refuses(movie, PublicationError, "no longer exists")
        (folder.parent / "another").rmdir()
        self.refuses(movie, StorageError, "check its mount")
        assert not folder.exists()
        Entity.objects.filter(pk=movie.pk).update(media=None)
        movie.refresh_from_db()
        self.refuses(movie, PublicationError, "no longer in the library")

    def test_of_a_picture_that_is_not_kept_any_more(self, movie: Entity, folder_of: FolderOf, data: Path):
        stored = Stored.objects.get(digest=kept(b"poster"))
        (data / "storage" / stored.name).unlink()
        (data / "storage" / stored.name).write_bytes(b"spoilt")
        publish_as_kept = publish_kept(movie, "poster.jpg", stored.digest)
        with pytest.raises(StorageError, match="is gone or damaged"):
            publish_as_kept()
        assert held(folder_of(movie)) == self.BEFORE
        stored.delete()
        with pytest.raises(ConfigError):
            publish_as_kept()
        assert held(folder_of(movie)) == self.BEFORE

    def test_of_another_writer(self, movie: Entity, folder_of: FolderOf, monkeypatch):
        nfo = folder_of(movie) / "movie.nfo"
        real = os.replace

        def meanwhile(*paths: Any, **folders: Any) -> None:
            if paths[-1] == "poster.jpg":
                nfo.write_bytes(b"<written meanwhile/>")
            real(*paths, **folders)

        monkeypatch.setattr(os, "replace", meanwhile)
        self.refuses(movie, StorageError, "Another program wrote movie.nfo")

        assert held(folder_of(movie)) == {**self.BEFORE, "movie.nfo": b"<written meanwhile/>"}


def fails_from_the_second_rename(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], bool]:
    """Let every call of the system on a folder fail from the second rename on; return what says whether."""
    gone = False
    renames = 0

    def failing(real: Callable[..., Any], *given: Any, **named: Any) -> Any:
        nonlocal gone, renames
        renames += real is os_replace
        gone = gone or renames == 2
        if gone and ("dir_fd" in named or real is os_replace):
            raise OSError(number, os.strerror(number))
        return real(*given, **named)

    os_replace = os.replace
    for name in ("replace", "open", "stat", "unlink"):
        monkeypatch.setattr(os, name, partial(failing, getattr(os, name)))
    return lambda: gone


def fails_at_the_last(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    """Let a call of the system fail at the last file of a set of three, and every time after that."""
    real = getattr(os, call)
    count = itertools.count(1)

    def failing(*given: Any, **named: Any) -> Any:
        name = str(given[0])
        if (name.startswith(".taggarr-") or call == "fsync") and next(count) == 3:
            raise OSError(number, os.strerror(number))
        return real(*given, **named)

    monkeypatch.setattr(os, call, failing)
