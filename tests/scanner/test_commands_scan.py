"""`manage.py scan`: what it starts, prints and answers."""

from __future__ import annotations

import pytest

from connections.models import Breaker, Connection
from demo.arr.state import ArrState
from jobs.models import Job, JobState, Queue
from library.models import Media
from scanner.management.commands import scan as command
from scanner.models import Policy, ScanSettings
from scanner.scan.starting import start_scan
from tests.commands import run

from .build import JPN_ENG, add_movie, add_series, media_named, spec, tags_at, writes_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shows(sonarr, series_instance, root) -> ArrState:
    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG)]})
    add_series(state, root, "Half", {1: [spec(*JPN_ENG), spec("jpn")]})
    sonarr.load(state)
    return state


def test_an_inline_scan_reads_tags_and_says_so(sonarr, shows):
    ran = run("scan", "--inline")
    assert ran.code == 0
    assert tags_at(sonarr) == {"Dubbed": {"dub"}, "Half": {"semi-dub"}}
    assert "Sonarr: 2 titles, 3 files, 2 read in " in ran.out
    assert "1 dub, 1 semi-dub; 2 changed" in ran.out
    assert "Tags: added dub to 1, semi-dub to 1" in ran.out


def test_without_a_terminal_the_progress_is_plain_lines(shows):
    ran = run("scan", "--inline")
    assert "Sonarr: completed 2 of 2" in ran.err
    assert "\x1b" not in ran.err + ran.out


def test_quiet_prints_nothing_when_all_is_well(shows):
    ran = run("scan", "--inline", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(sonarr, shows):
    ran = run("scan", "--inline", "--dry-run")
    assert ran.code == 0
    assert "Dry run: would add dub to 1, semi-dub to 1" in ran.out
    assert writes_at(sonarr) == []


def test_json_is_one_document_and_nothing_else(shows):
    ran = run("scan", "--inline", "--json")
    (report,) = ran.json["scans"]
    assert report["instance"] == "Sonarr"
    assert report["verdicts"] == {"dub": 1, "semi-dub": 1}
    assert report["added"] == {"dub": 1, "semi-dub": 1}
    assert ran.json["exit_code"] == 0
    assert ran.err == ""


def test_all_enabled_instances_are_scanned(shows, radarr, movie_instance, root):
    state = ArrState("radarr")
    add_movie(state, root, "Film", spec("jpn", "eng"))
    radarr.load(state)
    run("scan", "--inline", "--quiet")
    assert set(Media.objects.values_list("title", "scan_state__verdict")) >= {
        ("Film", "dub"),
        ("Dubbed", "dub"),
    }


def test_a_named_instance_is_scanned_alone(shows, movie_instance):
    run("scan", "--inline", "--quiet", "--instance", "sonarr")
    assert list(Job.objects.values_list("connection__name", flat=True)) == ["Sonarr"]


def test_remove_takes_the_labels_away(sonarr, shows):
    run("scan", "--inline", "--quiet")
    ran = run("scan", "--inline", "--mode", "remove")
    assert "removed dub from 1, semi-dub from 1" in ran.out
    assert tags_at(sonarr) == {"Dubbed": set(), "Half": set()}


def test_one_media_is_scanned_and_its_verdict_told(sonarr, shows):
    run("scan", "--inline", "--quiet")
    ran = run("scan", "--inline", "--media", "half")
    assert ran.code == 0
    assert "Half (2020): semi-dub. 1 of 2 files lacks English: S01E02." in ran.out
    [scan] = run("scan", "--inline", "--media", "half", "--json").json["scans"]
    assert scan["one_media"]["why"] == "1 of 2 files lacks English: S01E02."


def test_a_media_that_fails_gives_code_1_and_says_why_and_what_to_do(sonarr, shows):
    sonarr.fault("status", "/api/v3/episodefile", status=404, count=1)
    ran = run("scan", "--inline")
    job = Job.objects.get()
    assert ran.code == 1
    assert "1 failed:" in ran.out
    assert f"Try them again with: manage.py retry_failed {job.pk}" in ran.out


@pytest.mark.usefixtures("tried_again_at_once", "naps")
def test_an_instance_that_does_not_answer_gives_one_sentence_and_code_2(sonarr, shows):
    Connection.objects.update(url="http://127.0.0.1:9")
    ran = run("scan", "--inline", "--quiet")
    assert ran.code == 2
    assert "nothing answers at http://127.0.0.1:9: is Sonarr running, and is the port right?" in ran.out
    assert "Traceback" not in ran.out + ran.err


def test_an_instance_that_is_left_alone_is_not_waited_for(shows):
    Connection.objects.update(breaker=Breaker.REFUSED, breaker_reason="Sonarr refused the API key (401).")
    ran = run("scan", "--inline")
    assert ran.code == 2
    assert ran.err.strip() == (
        "Sonarr is left alone until its settings are corrected. Sonarr refused the API key (401)."
    )
    assert not Job.objects.exists()


def test_one_instance_left_alone_does_not_keep_the_others_from_being_scanned(shows, movie_instance):
    Connection.objects.filter(name="Radarr").update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    ran = run("scan", "--inline")
    assert ran.code == 2
    assert "Radarr is left alone for a while, and tried again by itself. It is away." in ran.err
    assert Media.objects.get(title="Dubbed").scan_state.verdict == "dub"


def test_an_inline_scan_ends_when_its_instance_is_shut_off_meanwhile(sonarr, shows, monkeypatch):
    def shut(job, *, on_progress):
        Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="Five calls failed.")
        on_progress({})

    monkeypatch.setattr("scanner.management.following.jobs.run_inline", shut)
    ran = run("scan", "--inline")
    assert ran.code == 2
    assert "tried again by itself. Five calls failed." in ran.out
    assert Job.objects.get().state == JobState.CANCELLED


def test_a_held_instance_gives_code_1_and_says_how_to_release_it(sonarr, shows):
    run("scan", "--inline", "--quiet")
    ScanSettings.objects.update(held_since="2026-01-01T00:00Z", held_reason="Too much would change.")
    sonarr.change("set_tags", id=shows.titled("Dubbed").id, labels=[])
    ran = run("scan", "--inline", "--quiet")
    assert ran.code == 1
    assert "Held. Too much would change." in ran.out


def test_a_folder_that_is_offline_is_told(sonarr, shows, root):
    away = ArrState("sonarr")
    add_series(away, root, "Here", {1: [spec("eng")]})
    gone = away.add_series("Away", str(root.parent / "away" / "Away"))
    away.add_episode_file(gone.id, "Season 01/Away - S01E01.mkv", season=1, episodes=[1])
    sonarr.load(away)
    ran = run("scan", "--inline")
    assert f"The folder {root.parent / 'away'} is not there: mount it" in ran.out


def test_a_live_scan_is_joined(shows, series_instance):
    job, _ = start_scan(series_instance)
    ran = run("scan", "--inline")
    assert ran.code == 0
    assert "A scan of Sonarr is under way already: waiting for that one." in ran.err
    assert list(Job.objects.all()) == [job]


def test_a_live_scan_of_another_kind_is_joined_and_that_is_said(shows, series_instance):
    start_scan(series_instance)
    ran = run("scan", "--inline", "--mode", "rewrite")
    assert "A scan of Sonarr with other options (mode update) is under way already" in ran.err


def test_ctrl_c_ends_an_inline_scan_and_keeps_what_was_read(shows, monkeypatch):
    monkeypatch.setattr("scanner.management.following.jobs.run_inline", _interrupted)
    ran = run("scan", "--inline")
    job = Job.objects.get()
    assert ran.code == 130
    assert job.state == JobState.CANCELLED
    assert f"Stopped job {job.pk}. What was read is kept: scan again to go on." in ran.err


def test_ctrl_c_leaves_a_scan_with_the_workers(shows, monkeypatch):
    monkeypatch.setattr(command, "why_not_served", lambda _queue: "")
    monkeypatch.setattr("scanner.management.following.time.sleep", _interrupted)
    ran = run("scan")
    job = Job.objects.get()
    assert ran.code == 130
    assert job.is_live
    assert f"Job {job.pk} goes on in the background; manage.py cancel_job {job.pk} stops it." in ran.err


def test_detached_a_scan_is_started_and_not_waited_for(shows, monkeypatch):
    monkeypatch.setattr(command, "why_not_served", lambda _queue: "")
    ran = run("scan", "--detach")
    job = Job.objects.get()
    assert (ran.code, job.state) == (0, JobState.QUEUED)
    assert ran.out == f"Sonarr: job {job.pk} goes on in the background.\n"


def test_detached_json_names_the_job(shows, monkeypatch):
    monkeypatch.setattr(command, "why_not_served", lambda _queue: "")
    ran = run("scan", "--detach", "--json")
    assert ran.json["scans"][0]["job"] == Job.objects.get().pk


def without_worker(monkeypatch) -> list[str]:
    """Have no worker on any queue; return the list of those that are asked for."""
    asked: list[str] = []

    def why_not_served(queue: str) -> str:
        asked.append(queue)
        return "No worker runs."

    monkeypatch.setattr(command, "why_not_served", why_not_served)
    return asked


def test_without_a_worker_it_says_what_to_do_and_starts_nothing(shows, monkeypatch):
    asked = without_worker(monkeypatch)
    ran = run("scan")
    assert ran.code == 2
    assert ran.err.strip() == "No worker runs. Or run the scan in this process with --inline."
    assert asked == [Queue.BULK]
    assert not Job.objects.exists()


def test_one_media_needs_the_worker_that_nobody_waits_for(shows, monkeypatch):
    asked = without_worker(monkeypatch)
    run("scan", "--media", "Half")
    assert asked == [Queue.INTERACTIVE]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--instance", "Sonar"], "There is no instance called Sonar: did you mean Sonarr?"),
        (["--instance", "tv"], "There is no instance called tv: there are Sonarr."),
        (
            ["--media", "Nowhere"],
            "No series or movie fits “Nowhere”: give a part of its title, or its number.",
        ),
        (["--media", ""], "No series or movie fits “”: give a part of its title, or its number."),
        (["--media", "99999999999999999999"], "No series or movie fits “99999999999999999999”"),
    ],
)
def test_a_wrong_argument_gives_one_sentence_and_code_2(shows, arguments, sentence):
    ran = run("scan", "--inline", *arguments)
    assert ran.code == 2
    assert sentence in ran.err
    assert ran.err.count("\n") == 1


def test_a_wrong_argument_is_json_where_json_is_asked_for(shows):
    ran = run("scan", "--inline", "--json", "--instance", "tv")
    assert ran.json == {"error": "There is no instance called tv: there are Sonarr."}
    assert (ran.code, ran.err) == (2, "")


@pytest.mark.django_db(transaction=True)
def test_without_an_instance_it_says_how_to_add_one():
    ran = run("scan", "--inline")
    assert ran.code == 2
    assert "No instance is connected yet: add one with manage.py add_instance." in ran.err


def test_a_named_instance_where_there_is_none_says_how_to_add_one(db):
    assert "No instance is connected yet" in run("scan", "--inline", "--instance", "TV").err


def test_a_title_that_fits_very_many_media_names_the_first(series_instance):
    for number in range(25):
        Media.objects.create(connection=series_instance, arr_id=number, title=f"Show {number:02}", path="/tv")
    ran = run("scan", "--inline", "--media", "show")
    assert "25 series and movies fit “show”" in ran.err
    assert ran.err.endswith("\n  and 5 more\n")


def test_nfo_files_that_were_written_are_counted(shows, root):
    Policy.objects.update(write_nfo=True)
    (root / "Half" / "tvshow.nfo").write_text("<tvshow>\n</tvshow>\n")
    assert "; would write 1 NFO file\n" in run("scan", "--inline", "--dry-run").out
    (root / "Dubbed" / "tvshow.nfo").write_text("<tvshow>\n</tvshow>\n")
    assert "; wrote 2 NFO files\n" in run("scan", "--inline").out


def test_one_media_whose_tags_could_not_be_written_is_told(sonarr, shows):
    run("scan", "--inline", "--quiet")
    Policy.objects.update(label_semi_dub="half-dub")
    sonarr.fault("status", "/api/v3/series/editor", status=400, count=None)
    ran = run("scan", "--inline", "--media", "Half")
    sonarr.clear_faults()
    assert ran.code == 1
    assert f"Half (2020): {media_named('Half').scan_state.reconcile_error}" in ran.out


def test_a_disabled_instance_is_told(shows):
    Connection.objects.update(enabled=False)
    assert "Every instance is disabled" in run("scan", "--inline").err
    ran = run("scan", "--inline", "--instance", "Sonarr")
    assert "Sonarr is disabled: enable it first." in ran.err
    run_media = run("scan", "--inline", "--media", "Half")
    assert run_media.code == 2


def test_a_title_that_fits_several_media_names_them(shows):
    run("scan", "--inline", "--quiet")
    Media.objects.filter(title="Half").update(title="Dubbed again")
    ran = run("scan", "--inline", "--media", "dub")
    assert ran.code == 2
    assert "2 series and movies fit “dub”: name one by its number." in ran.err
    assert f"  {media_named('Dubbed again').pk}  Dubbed again (2020), Sonarr\n" in ran.err
    assert run("scan", "--inline", "--media", "dubbed").code == 0


def test_a_title_cannot_take_over_the_terminal(sonarr, series_instance, root):
    state = ArrState("sonarr")
    add_series(state, root, "[red]\x1b[2J🎬 עברית", {1: [spec("jpn", "eng")]})
    sonarr.load(state)
    run("scan", "--inline", "--quiet")
    ran = run("scan", "--inline", "--media", str(Media.objects.get().pk))
    assert ran.out.startswith("[red]\ufffd[2J🎬 עברית (2020): dub.")


def _interrupted(*_args, **_options):
    raise KeyboardInterrupt
