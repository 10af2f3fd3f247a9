"""The NFO side of a reconcile: only after the tags, only what is ours, and never at any price."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from connections.models import Connection
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from history.models import Event
from jobs.models import Job
from jobs.services import run_inline
from library import changes
from library.folder_lock import folder_lock
from library.models import What
from scanner.events import ScanEvent
from scanner.models import Policy, ScanState
from scanner.new_nfos import follow_nfos
from scanner.nfo import write
from scanner.nfo.files import nfo_path
from scanner.nfo.write import GENRE
from tests.library.test_folder_lock import another_writes_in

from .build import JPN_ENG, add_movie, add_series, media_named, spec, tags_at

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = "<tvshow>\n  <title>A</title>\n  <tag>mine</tag>\n</tvshow>\n"


@pytest.fixture
def show(sonarr: StandIn, series_instance: Connection, root: Path) -> Path:
    """A dubbed series with an NFO, and a policy that asks to write it; the path of the NFO."""
    state = ArrState("sonarr")
    add_series(state, root, "A", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    Policy.objects.update(write_nfo=True)
    nfo = root / "A" / "tvshow.nfo"
    nfo.write_text(PLAIN)
    return nfo


def test_the_label_is_written_beside_foreign_tags(show, series_instance, scan):
    job = scan(series_instance)
    assert show.read_text() == PLAIN.replace("  <tag>mine</tag>\n", "  <tag>mine</tag>\n  <tag>dub</tag>\n")
    assert job.summary["nfo_written"] == 1
    assert Event.objects.get(kind=ScanEvent.NFO).text == "A: wrote dub into the NFO"


def test_the_genre_is_written_where_asked_and_taken_off_with_the_dub(show, series_instance, scan, sonarr):
    Policy.objects.update(dub_genre=True)
    scan(series_instance)
    assert "<genre>Dub</genre>" in show.read_text()
    assert media_named("A").scan_state.nfo_tags == ["dub", GENRE]
    scan(series_instance, mode="remove")
    assert show.read_text() == PLAIN


def test_an_nfo_is_left_alone_while_another_writes_in_its_folder(show, series_instance, scan, monkeypatch):
    monkeypatch.setattr(write, "folder_lock", partial(folder_lock, wait=0.05))
    with another_writes_in(str(show.parent)):
        scan(series_instance)
    assert show.read_text() == PLAIN
    assert "Another worker is writing" in media_named("A").scan_state.reconcile_error

    scan(series_instance)
    assert "<tag>dub</tag>" in show.read_text()


def test_what_was_written_is_told_to_who_follows_the_library(show, series_instance, scan):
    changes.read("test", lambda _batch: None)
    scan(series_instance)

    told: list[str] = []
    changes.read("test", lambda batch: told.extend(one.what for one in batch.changes))
    assert told == ["details", "files", "labels", "labels", "nfo"]


def test_an_nfo_that_comes_after_the_scan_gets_the_label(show, series_instance, scan):
    show.unlink()
    scan(series_instance)
    follow_nfos()
    show.write_text(PLAIN)
    changes.record([changes.of(media_named("A"), What.NFO)])

    follow_nfos()
    run_inline(Job.objects.latest("pk"))
    assert "<tag>dub</tag>" in show.read_text()
    assert not media_named("A").scan_state.dirty


def test_an_nfo_that_we_or_others_write_anew_is_not_looked_at(show, series_instance, scan):
    follow_nfos()
    scan(series_instance)
    changes.record([changes.of(media_named("A"), What.NFO)])
    jobs = Job.objects.count()
    follow_nfos()
    assert Job.objects.count() == jobs


def test_a_scan_looks_at_the_nfo_again(show, series_instance, scan):
    scan(series_instance)
    show.write_text(PLAIN)
    scan(series_instance, mode="rewrite")
    assert "<tag>dub</tag>" in show.read_text()


def test_an_nfo_is_left_alone_when_the_tags_could_not_be_written(show, series_instance, scan, sonarr):
    state = sonarr.state()
    sonarr.change("invalidate", id=state.titled("A").id)
    scan(series_instance)
    assert show.read_text() == PLAIN
    assert tags_at(sonarr) == {"A": set()}


def test_a_malformed_nfo_is_left_alone_and_reported(show, series_instance, scan, sonarr):
    show.write_text("<tvshow><title>A</tvshow>")
    scan(series_instance)
    assert show.read_text() == "<tvshow><title>A</tvshow>"
    assert "tvshow.nfo" in media_named("A").scan_state.reconcile_error
    assert tags_at(sonarr) == {"A": {"dub"}}
    assert scan(series_instance, dry_run=True).summary["would"]["nfo_written"] == 0


def test_an_nfo_that_cannot_be_written_now_is_tried_again(show, series_instance, scan, monkeypatch):
    from core.errors import StorageError

    def refuse(*_args, **_options):
        raise StorageError("The NFO could not be written: it lies on a read-only mount.")

    with monkeypatch.context() as patched:
        patched.setattr("scanner.nfo.write.write_nfo", refuse)
        scan(series_instance)
    assert media_named("A").scan_state.dirty
    scan(series_instance)
    assert "<tag>dub</tag>" in show.read_text()
    assert not media_named("A").scan_state.dirty


def test_an_nfo_whose_mount_is_gone_is_written_when_it_is_back(
    show, series_instance, scan, root, tmp_path, monkeypatch
):
    original, away = nfo_path, tmp_path / "away"

    def lose_the_mount_then_look(*arguments):
        if root.exists():
            root.rename(away)
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(write, "nfo_path", lose_the_mount_then_look)
        scan(series_instance)
    assert str(root) in media_named("A").scan_state.reconcile_error
    assert media_named("A").scan_state.dirty
    away.rename(root)
    scan(series_instance)
    assert "<tag>dub</tag>" in show.read_text()


def test_a_series_without_an_nfo_gets_none(show, series_instance, scan):
    show.unlink()
    scan(series_instance)
    assert not show.exists()
    assert not media_named("A").scan_state.dirty


def test_a_policy_that_does_not_ask_leaves_every_nfo_alone(show, series_instance, scan):
    Policy.objects.update(write_nfo=False)
    scan(series_instance)
    assert show.read_text() == PLAIN


def test_an_unknown_verdict_leaves_the_nfo_alone(show, series_instance, scan):
    scan(series_instance)
    text = show.read_text()
    ScanState.objects.update(verdict="unknown", nfo_tags=None, dirty=True)
    scan(series_instance)
    assert show.read_text() == text


def test_a_movie_has_its_label_in_the_nfo_beside_its_file(radarr, movie_instance, root, scan):
    state = ArrState("radarr")
    add_movie(state, root, "M", spec(*JPN_ENG))
    radarr.load(state)
    Policy.objects.update(write_nfo=True)
    nfo = root / "M" / "M.nfo"
    nfo.write_text("<movie><title>M</title></movie>")
    scan(movie_instance)
    assert "<tag>dub</tag>" in nfo.read_text()
