"""Waiting for scans that workers run: what is shown, when the waiting ends, and what it comes to."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from connections.models import Breaker, Connection
from demo.arr.state import ArrState
from jobs import services as jobs
from jobs.models import ItemState, Job, JobItem, JobState
from jobs.runner import run_item
from library.models import Media
from scanner.management import following
from scanner.management.commands import scan as command
from scanner.management.following import BarDisplay, Display, Followed, LineDisplay, display_on, follow
from scanner.scan.starting import start_scan
from tests.commands import run

from .build import JPN_ENG, add_series, media_named, spec

SLEEP = "scanner.management.following.time.sleep"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def workers_answer(monkeypatch):
    monkeypatch.setattr(command, "why_not_served", lambda _queue: "")


@pytest.fixture
def shows(sonarr, series_instance, root) -> None:
    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG)]})
    add_series(state, root, "Half", {1: [spec(*JPN_ENG), spec("jpn")]})
    sonarr.load(state)


@pytest.fixture
def worker(monkeypatch):
    """A worker that does one item whenever somebody who waits takes a nap."""

    def work(_seconds: float) -> None:
        item = JobItem.objects.filter(state=ItemState.PENDING).order_by("pk").first()
        assert item is not None, "somebody waits for nothing"
        run_item(item.pk)

    monkeypatch.setattr(SLEEP, work)


def followed(connection: Connection) -> Followed:
    return Followed(start_scan(connection)[0])


def test_a_scan_by_workers_is_waited_for_and_reported(shows, worker):
    ran = run("scan")
    assert ran.code == 0
    assert "Tags: added dub to 1, semi-dub to 1" in ran.out
    assert [line.partition(":")[2] for line in ran.err.splitlines()] == [
        " waiting for a worker",
        " reading 0 of 2",
        " writing tags 2 of 2",
        " completed 2 of 2",
    ]


def test_of_several_scans_those_that_have_ended_are_waited_for_no_more(
    shows, series_instance, movie_instance, worker
):
    ended, other = followed(movie_instance), followed(series_instance)
    ended.problem = "It cannot go on."
    jobs.cancel(ended.job)
    follow([ended, other], Display())
    assert (ended.problem, other.job.state) == ("It cannot go on.", JobState.COMPLETED)


def test_the_phases_of_a_scan_are_told(shows, series_instance):
    scan = followed(series_instance)
    assert scan.phase == "waiting for a worker"
    scan.job.state = JobState.RUNNING
    assert scan.phase == "asking for the list"
    scan.counts = {"total": 2, "pending": 2}
    assert scan.phase == "reading"
    scan.job.state = JobState.FINISHING
    assert scan.phase == "writing tags"


def test_what_keeps_a_scan_waiting_is_shown(shows, series_instance):
    scan = followed(series_instance)
    JobItem.objects.update(error="Nothing answers at http://nas:8989.")
    scan.look()
    out = io.StringIO()
    LineDisplay(Console(file=out, width=200)).show([scan])
    assert out.getvalue() == "Sonarr: Nothing answers at http://nas:8989.\n"


def test_lines_are_repeated_only_now_and_then(shows, series_instance, monkeypatch):
    scan = followed(series_instance)
    scan.look()
    scan.counts = {"total": 5, "pending": 3}
    out = io.StringIO()
    display = LineDisplay(Console(file=out, width=200))
    display.show([scan])
    display.show([scan])
    assert out.getvalue() == "Sonarr: waiting for a worker 2 of 5\n"
    monkeypatch.setattr(following, "LINE_EVERY", 0.0)
    display.show([scan])
    assert out.getvalue().count("\n") == 2


def test_on_a_terminal_there_are_bars(shows, series_instance, worker):
    out = io.StringIO()
    terminal = Console(file=out, force_terminal=True, width=120)
    display = display_on(terminal, quiet=False)
    assert isinstance(display, BarDisplay)
    follow([followed(series_instance)], display)
    assert "Sonarr" in out.getvalue()
    assert "2/2" in out.getvalue()
    assert type(display_on(terminal, quiet=True)) is Display
    assert isinstance(display_on(Console(file=out), quiet=False), LineDisplay)


def test_a_scan_that_nobody_works_on_is_given_up_and_stays(shows, series_instance, monkeypatch):
    monkeypatch.setattr(following, "STALLED", -1.0)
    monkeypatch.setattr(following, "why_not_served", lambda _queue: "No worker is running.")
    scan = followed(series_instance)
    follow([scan], Display())
    assert scan.problem == "No worker is running."
    assert scan.job.is_live


def test_a_scan_that_a_worker_has_is_waited_for_however_long_it_takes(
    shows, series_instance, monkeypatch, worker
):
    monkeypatch.setattr(following, "STALLED", -1.0)
    monkeypatch.setattr(following, "why_not_served", lambda _queue: "")
    scan = followed(series_instance)
    follow([scan], Display())
    assert (scan.problem, scan.job.state) == ("", JobState.COMPLETED)


def test_an_instance_that_goes_away_in_the_middle_is_waited_for(shows, series_instance, worker):
    scan = followed(series_instance)
    run_item(JobItem.objects.get().pk)
    run_item(JobItem.objects.filter(step="media")[0].pk)
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="Away.")
    scan.look()
    scan.check(needs_worker=False)
    assert scan.problem == ""
    Connection.objects.update(breaker=Breaker.REFUSED, breaker_reason="Refused.")
    scan.look()
    with pytest.raises(following.StalledError, match="until its settings are corrected"):
        scan.check(needs_worker=False)


def test_a_scan_that_was_cancelled_gives_code_2(shows, monkeypatch):
    monkeypatch.setattr(SLEEP, lambda _seconds: jobs.cancel(Job.objects.get()))
    ran = run("scan")
    assert ran.code == 2


def test_a_scan_whose_instance_was_deleted_ends(shows, series_instance, monkeypatch):
    def delete(_seconds: float) -> None:
        Connection.objects.all().delete()
        jobs.cancel(Job.objects.get())

    monkeypatch.setattr(SLEEP, delete)
    assert run("scan").code == 2


def test_one_media_in_the_middle_of_a_full_scan_is_waited_for_alone(shows, series_instance, worker):
    full = followed(series_instance).job
    run_item(JobItem.objects.get().pk)
    ran = run("scan", "--media", "Dubbed")
    assert ran.code == 0
    assert ran.out == "Dubbed (2020): dub. The file holds all that is wanted: English.\n"
    full.refresh_from_db()
    assert full.is_live
    assert JobItem.objects.filter(step="media", state=ItemState.PENDING).count() == 1


def test_one_media_that_fails_in_the_middle_of_a_full_scan_gives_code_1(
    sonarr, shows, series_instance, worker
):
    job = followed(series_instance).job
    run_item(JobItem.objects.get().pk)
    sonarr.fault("status", "/api/v3/episodefile", status=404, count=None)
    ran = run("scan", "--media", "Dubbed", "--json")
    assert ran.code == 1
    (document,) = ran.json["scans"]
    assert document["job"] == job.pk
    assert document["one_media"]["title"] == "Dubbed (2020)"
    assert "404" in document["one_media"]["error"]
    sonarr.clear_faults()


def test_one_media_whose_full_scan_is_cancelled_gives_code_2(shows, series_instance, monkeypatch):
    job = followed(series_instance).job
    run_item(JobItem.objects.get().pk)
    monkeypatch.setattr(SLEEP, lambda _seconds: jobs.cancel(job))
    assert run("scan", "--media", "Dubbed").code == 2


def test_one_media_of_an_instance_that_is_left_alone_is_not_started(shows, series_instance):
    Media.objects.create(connection=series_instance, arr_id=9, title="Dubbed", path="/tv/Dubbed")
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="Away.")
    ran = run("scan", "--media", "Dubbed")
    assert ran.code == 2
    assert "Sonarr is left alone for a while, and tried again by itself. Away." in ran.err


def test_tags_that_could_not_be_written_are_reported(sonarr, shows, worker, monkeypatch):
    sonarr.fault("status", "/api/v3/series/editor", status=400, count=None)
    ran = run("scan")
    sonarr.clear_faults()
    assert ran.code == 1
    assert "2 failed:" in ran.out
    assert f"Dubbed (2020): {media_named('Dubbed').scan_state.reconcile_error}" in ran.out


def test_only_the_first_failures_are_listed(shows, series_instance, worker, monkeypatch):
    monkeypatch.setattr("scanner.management.printing.LISTED", 1)
    monkeypatch.setattr("scanner.scan.job.scan_media", _broken)
    ran = run("scan")
    assert ran.code == 1
    assert "2 failed:\n    Dubbed (2020): " in ran.out
    assert "\n    and 1 more\n" in ran.out


def _broken(*_args, **_options):
    from core.errors import ProbeError

    raise ProbeError("It is broken.")
