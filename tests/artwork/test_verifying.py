"""What was published is put back: after an upgrade, whenever that deletes it, and by a nightly look."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from artwork import jobs as art_jobs
from artwork import rechecks, undoing
from artwork.models import Adopt, ArtSettings, Candidate, Entity, Publication, PublishedFile, Recheck, State
from artwork.publishing import journal, verifying
from artwork.publishing.folder import TitleFolder
from artwork.publishing.journal import By
from artwork.publishing.verifying import verify, verify_all
from connections.models import Connection
from core import flags
from core.errors import ConfigError, PutOffError
from jobs import services
from jobs.contract import start_by_name
from jobs.models import Job, JobItem, JobState
from jobs.runner import run_item
from library.webhooks import make_token

from .build import add_entity, digest, held, publish
from .doors import add_candidate

pytestmark = pytest.mark.django_db
FolderOf = Callable[[Entity], Path]

SET = {"poster.jpg": b"poster", "fanart.jpg": b"fanart", "movie.nfo": b"<movie/>"}
LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture(autouse=True)
def _switched_on(monkeypatch) -> None:
    real = flags.is_on
    monkeypatch.setattr(flags, "is_on", lambda key: key == "artwork" or real(key))


class Radarr:
    """Upgrades a movie as Radarr does: another file, and everything that it knows beside it deleted."""

    def __init__(self, title: Entity, connection: Connection) -> None:
        assert title.media is not None
        self.title, self.connection = title, connection
        self.folder = Path(title.media.path)
        self.token = make_token(connection)

    def replaces_the_file(self) -> None:
        for video in self.folder.glob("*.mkv"):
            video.unlink()
        (self.folder / "Lantern (2020) - 2160p.mkv").write_bytes(b"a better video")

    def deletes_the_extras(self) -> None:
        for name in SET:
            (self.folder / name).unlink(missing_ok=True)

    def calls(self, event: str = "Download") -> int:
        assert self.title.media is not None
        answer = APIClient().post(
            f"/api/v1/webhook/{self.connection.pk}",
            {"eventType": event, "movie": {"id": self.title.media.arr_id}, "isUpgrade": True},
            format="json",
            headers={"X-Webhook-Token": self.token},
        )
        return answer.status_code


@pytest.fixture
def radarr(movie: Entity, radarr_connection: Connection) -> Radarr:
    return Radarr(movie, radarr_connection)


def run_looks() -> None:
    """Run what looks whether all stands there, and nothing else."""
    for job in Job.objects.filter(name=rechecks.VERIFY, state=JobState.QUEUED):
        services.run_inline(job)
    for job in Job.objects.filter(name=rechecks.VERIFY, state=JobState.RUNNING):
        services.run_inline(job)


def the_time_comes() -> int:
    """Let the next look be due, and run it."""
    Recheck.objects.update(due_at=LONG_AGO)
    number = rechecks.start_due()
    run_looks()
    return number


@pytest.mark.parametrize("deletes", ["before", "during", "5 s after", "30 s after", "5 min after"])
def test_an_upgrade_that_deletes_pictures_is_healed(deletes: str, movie: Entity, radarr: Radarr, monkeypatch):
    publish(movie, SET)
    radarr.replaces_the_file()
    if deletes == "before":
        radarr.deletes_the_extras()
    assert radarr.calls() == 200
    if deletes == "during":
        deletes_while_it_is_put_back(radarr, monkeypatch)
    run_looks()
    assert held(radarr.folder) == SET
    for waited in ("5 s after", "30 s after", "5 min after"):
        if deletes == waited:
            radarr.deletes_the_extras()
        assert the_time_comes() == 1
        assert held(radarr.folder) == SET
    assert the_time_comes() == 0

    assert dict(movie.files.values_list("path", "digest")) == {
        name: digest(content) for name, content in SET.items()
    }
    assert not Publication.objects.filter(state=State.PLANNED).exists()


def deletes_while_it_is_put_back(radarr: Radarr, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files go a moment before the first of them is put back."""
    real = TitleFolder.look
    count = 0

    def look(self: Any, path: str, known: Any = None) -> Any:
        nonlocal count
        count += 1
        if count == 1:
            radarr.deletes_the_extras()
        return real(self, path, known)

    (radarr.folder / "poster.jpg").unlink()
    monkeypatch.setattr(TitleFolder, "look", look)


def test_calls_that_follow_each_other_begin_the_looks_anew(movie: Entity, radarr: Radarr):
    publish(movie, SET)
    radarr.calls()
    run_looks()
    the_time_comes()
    assert Recheck.objects.get().step == 2
    radarr.calls("Rename")
    assert Recheck.objects.get().step == 0
    run_looks()
    row = Recheck.objects.get()
    assert (row.step, row.due_at > timezone.now()) == (1, True)
    assert rechecks.start_due() == 0


def test_calls_about_many_titles_make_one_look_and_a_crash_of_it_loses_none(
    movie: Entity, radarr: Radarr, tmp_path: Path
):
    others = [add_entity(movie.connection, tmp_path / "movies" / f"M{n}", arr_id=n) for n in (2, 3)]
    for title in (movie, *others):
        publish(title, SET)
    looks = Job.objects.filter(name=rechecks.VERIFY)
    for title in (movie, *others):
        Radarr(title, movie.connection).deletes_the_extras()
        Radarr(title, movie.connection).calls()
    assert looks.count() == 1
    # What took them was killed before it looked at any.
    assert len(next(rechecks.taken(again=False))) == 3
    JobItem.objects.update(attempts=1)
    run_looks()
    assert [held(Path(title.media.path)) for title in (movie, *others) if title.media] == [SET] * 3
    Radarr(movie, movie.connection).calls()
    assert looks.count() == 2


@pytest.mark.parametrize("event", ["Test", "Grab", "MovieDelete"])
def test_other_events_have_nothing_looked_at(event: str, movie: Entity, radarr: Radarr):
    publish(movie, SET)
    radarr.calls(event)
    assert not Recheck.objects.exists()


def test_nothing_is_looked_at_where_the_library_says_so(movie: Entity, radarr: Radarr):
    ArtSettings.objects.create(connection=movie.connection, restore=False)
    radarr.calls()
    assert not Recheck.objects.exists()
    Entity.objects.all().delete()
    radarr.calls()
    assert not Recheck.objects.exists()


def test_nothing_is_put_back_for_a_movie_that_was_deleted(movie: Entity, radarr: Radarr):
    publish(movie, SET)
    (radarr.folder.parent / "another").mkdir()
    for video in radarr.folder.glob("*.mkv"):
        video.unlink()
    radarr.deletes_the_extras()
    radarr.calls("MovieFileDelete")
    run_looks()
    assert held(radarr.folder) == {}
    shutil.rmtree(radarr.folder)
    the_time_comes()

    assert not radarr.folder.exists()
    assert Job.objects.filter(name=rechecks.VERIFY).latest("pk").summary["away"] == 1
    radarr.folder.mkdir()
    radarr.replaces_the_file()
    the_time_comes()
    assert held(radarr.folder) == SET


def test_pictures_of_an_episode_wait_for_its_own_video(show: Entity, folder_of: FolderOf):
    episode = show.parts.get(kind="episode", season=1)
    thumb = "Season 01/Harbour - S01E01-thumb.jpg"
    publish(show, {"poster.jpg": b"poster", thumb: b"thumb"})
    PublishedFile.objects.filter(path=thumb).update(entity=episode)
    folder = folder_of(show)
    for name in ("poster.jpg", thumb, "Season 01/Harbour - S01E01.mkv"):
        (folder / name).unlink()

    assert verify(show, By()).restored == 1
    assert held(folder) == {"poster.jpg": b"poster"}
    shutil.rmtree(folder / "Season 01")
    assert verify(show, By()).restored == 0


def test_a_look_opens_no_file_where_nothing_changed(movie: Entity, monkeypatch):
    publish(movie, SET)
    monkeypatch.setattr(TitleFolder, "reading", lambda *_: pytest.fail("it was opened"))

    assert verify(movie, By()).looked == 3
    assert not Job.objects.exists()


def test_a_touched_file_is_read_once(movie: Entity, folder_of: FolderOf, monkeypatch):
    publish(movie, SET)
    os.utime(folder_of(movie) / "poster.jpg", (1, 1))
    assert verify(movie, By()).restored == 0
    monkeypatch.setattr(TitleFolder, "reading", lambda *_: pytest.fail("it was opened again"))
    assert verify(movie, By()).looked == 3


def test_bytes_that_nobody_wrote_are_found_by_a_deep_look_alone(movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    poster = folder_of(movie) / "poster.jpg"
    times = (poster.stat().st_atime_ns, poster.stat().st_mtime_ns)
    poster.write_bytes(b"pOster")
    os.utime(poster, ns=times)

    assert verify(movie, By()).restored == 0
    assert verify(movie, By(), deep=True).restored == 1
    assert held(folder_of(movie)) == SET


def test_what_somebody_made_of_it_is_theirs(movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    (folder_of(movie) / "poster.jpg").write_bytes(b"somebody's own")
    found = verify(movie, By())

    assert (found.restored, found.left) == (0, 1)
    assert held(folder_of(movie)) == {**SET, "poster.jpg": b"somebody's own"}
    (folder_of(movie) / "poster.jpg").unlink()
    verify(movie, By())
    assert held(folder_of(movie)).keys() == SET.keys() - {"poster.jpg"}


@pytest.mark.parametrize(("locks", "stays"), [(["art:poster"], True), ([], False)])
def test_a_locked_choice_outlives_its_file(locks: list[str], stays: bool, movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    one = add_candidate(movie, rank=0, name="poster.jpg")
    Entity.objects.update(locks=locks)
    (folder_of(movie) / "poster.jpg").write_bytes(b"another program's")
    verify(movie, By())

    assert Candidate.objects.filter(pk=one.pk, rank=0).exists() is stays


def test_another_program_is_not_fought_for_ever(movie: Entity, folder_of: FolderOf):
    ArtSettings.objects.create(connection=movie.connection, adopt=Adopt.REPLACE)
    publish(movie, SET)
    rounds = []
    for number in range(4):
        (folder_of(movie) / "poster.jpg").write_bytes(f"theirs {number}".encode())
        rounds.append(verify(movie, By()).restored)
        verify(movie, By())
    movie.refresh_from_db()

    assert rounds == [1, 1, 0, 0]
    assert held(folder_of(movie))["poster.jpg"] == b"theirs 3"
    assert "Another program keeps writing poster.jpg" in movie.problem


def test_what_was_written_into_an_nfo_comes_back_with_it(movie: Entity, folder_of: FolderOf):
    publish(movie, SET)
    nfo = folder_of(movie) / "movie.nfo"
    nfo.write_bytes(b"<movie><tag>dub</tag></movie>")
    assert verify(movie, By()).left == 1
    nfo.unlink()
    assert verify(movie, By()).restored == 1
    assert nfo.read_bytes() == b"<movie><tag>dub</tag></movie>"


def test_a_look_at_many_titles_asks_the_database_no_more_often_than_one_at_few(
    movie: Entity, show: Entity, radarr_connection: Connection, tmp_path: Path, django_assert_num_queries
):
    others = [add_entity(radarr_connection, tmp_path / "movies" / f"{n}", arr_id=n) for n in range(2, 5)]
    for title in (movie, show, *others):
        publish(title, SET)
    for titles in ([movie], [movie, *others]):
        with django_assert_num_queries(4):
            found = verify_all([one.pk for one in titles], By(), lambda: None)
        assert found == {"looked": 3 * len(titles)}


class TestJobs:
    def test_all_titles_of_a_connection_are_looked_at(
        self, movie: Entity, radarr_connection: Connection, folder_of: FolderOf, tmp_path: Path, monkeypatch
    ):
        others = [add_entity(radarr_connection, tmp_path / "movies" / f"{n}", arr_id=n) for n in (2, 3)]
        for title in (movie, *others):
            publish(title, SET)
            (folder_of(title) / "poster.jpg").unlink()
        shutil.rmtree(folder_of(others[0]))
        (folder_of(others[1]) / "fanart.jpg").unlink()
        (folder_of(others[1]) / "fanart.jpg").mkdir()
        job = art_jobs.run_here(rechecks.VERIFY, radarr_connection.name, deep=True)

        assert job.state == JobState.COMPLETED
        told = {name: job.summary.get(name) for name in ("looked", "restored", "away", "failed")}
        assert told == {"looked": 6, "restored": 1, "away": 1, "failed": 1}
        assert held(folder_of(movie)) == SET

    def test_a_wrong_parameter_is_refused(self):
        with pytest.raises(ConfigError, match="deep"):
            start_by_name(rechecks.VERIFY, params={"deep": "yes"})

    def test_one_that_is_away_is_tried_again_by_itself_and_passed_by_among_others(
        self,
        movie: Entity,
        folder_of: FolderOf,
        radarr: Radarr,
        radarr_connection,
        tmp_path: Path,
        monkeypatch,
    ):
        other = add_entity(radarr_connection, tmp_path / "movies" / "Other", arr_id=2)
        for title in (movie, other):
            publish(title, SET)

        def away(*_: object, **__: object) -> None:
            raise PutOffError("artwork.away", path="x", reason="")

        monkeypatch.setattr(verifying, "as_left", lambda *_: {})
        monkeypatch.setattr(verifying, "_put_back", away)
        job = services.run_inline(start_by_name(rechecks.VERIFY)[0])
        assert job.summary["failed"] == 2
        radarr.calls()
        services.run_inline(Job.objects.filter(name=rechecks.VERIFY).latest("pk"))
        item = Job.objects.filter(name=rechecks.VERIFY).latest("pk").items.get()
        assert item.params == {rechecks.TITLES: [movie.pk]}
        run_item(item.pk)
        item.refresh_from_db()
        assert (item.state, item.attempts) == ("pending", 1)

    def test_what_a_crash_left_is_finished(
        self, movie: Entity, folder_of: FolderOf, radarr_connection, tmp_path: Path, monkeypatch
    ):
        gone = add_entity(radarr_connection, tmp_path / "movies" / "Gone", arr_id=2)
        with monkeypatch.context() as patch:
            patch.setattr(journal, "carry_out", lambda *_: None)
            for title in (movie, gone):
                publish(title, SET)
        assert not undoing.finish_left()
        Publication.objects.update(started_at=LONG_AGO)
        shutil.rmtree(folder_of(gone))
        assert undoing.finish_left()
        job = services.run_inline(Job.objects.get(name=undoing.FINISH_LEFT))

        assert (job.summary["done"], job.summary["failed"]) == (1, 1)
        assert held(folder_of(movie)) == SET
        assert not folder_of(gone).exists()
