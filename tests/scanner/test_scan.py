"""The scan from end to end, in one process: what is read, decided and sent."""

from __future__ import annotations

import os
from operator import attrgetter
from pathlib import Path
from unittest import mock

import pytest

from connections.models import Connection
from core import sql
from demo.arr.state import ArrState
from demo.media_files import write
from history.models import Event
from jobs import services as jobs
from jobs.models import Job, JobState
from jobs.runner import run_item
from library.models import File
from scanner.events import ScanEvent
from scanner.models import FileProblem, FileScanState, Policy, ScanSettings
from scanner.scan import brake
from scanner.scan.answers import release
from scanner.scan.exclusions import set_excluded
from scanner.scan.starting import ScanParams, start_media_scan, start_scan
from scanner.verdict.sentences import file_sentence, media_sentence

from .build import (
    EXPECTED,
    JPN_ENG,
    TAGS,
    add_episode,
    add_movie,
    add_series,
    media_named,
    probed,
    spec,
    tags_at,
    verdicts,
    writes_at,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_scan_reads_decides_and_tags_a_whole_library(sonarr, series_instance, shows, scan):
    job = scan(series_instance)
    assert job.state == JobState.COMPLETED
    assert verdicts() == EXPECTED
    assert tags_at(sonarr) == TAGS
    assert job.summary["verdicts"] == dict.fromkeys(EXPECTED.values(), 1)
    assert job.summary["added"] == {"dub": 1, "semi-dub": 1, "wrong-dub": 1}
    assert job.summary["items"]["failed"] == 0


def test_a_first_scan_sends_at_most_eight_requests_and_two_a_series(sonarr, series_instance, shows, scan):
    scan(series_instance)
    assert len(sonarr.journal()) <= 8 + 2 * len(shows.media)


def test_a_first_scan_writes_each_file_of_a_series_once(sonarr, series_instance, shows, scan):
    with mock.patch.object(sql, "change", wraps=sql.change) as changed:
        scan(series_instance)
    sent = [call.args[0] for call in changed.call_args_list]
    assert not [text for text in sent if text.startswith('UPDATE "scanner_filescanstate"')]
    assert FileScanState.objects.exclude(probed_at=None).count() == File.objects.count() > 0


def test_a_second_scan_asks_little_and_touches_no_file(sonarr, series_instance, shows, scan, root):
    scan(series_instance)
    sonarr.clear_journal()
    for folder, _, files in os.walk(root):
        for name in files:
            os.utime(Path(folder) / name, ns=(1, 1))
    job = scan(series_instance)
    assert [r["method"] for r in sonarr.journal()] == ["GET", "GET"]
    assert job.summary["to_scan"] == 0
    touched = [f for f, _, names in os.walk(root) for n in names if (Path(f) / n).stat().st_atime_ns != 1]
    assert touched == []


def lose_a_dub(sonarr, shows):
    file = shows.files_of(shows.titled("Dubbed").id)[0]
    size = write(Path(file.path), spec("jpn"))
    sonarr.change("replace_file", id=file.id, size=size + 1)


def test_a_few_changed_verdicts_never_trip_the_brake(sonarr, series_instance, shows, scan):
    scan(series_instance)
    lose_a_dub(sonarr, shows)
    assert not scan(series_instance).summary["held"]
    assert tags_at(sonarr)["Dubbed"] == {"4k", "semi-dub"}


def test_an_upgrade_that_loses_the_dub_changes_verdict_and_tag(
    sonarr, series_instance, shows, scan, monkeypatch
):
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    lose_a_dub(sonarr, shows)
    job = scan(series_instance, dry_run=False)
    assert job.summary["to_scan"] == 1
    # One of four verdicts is more than 20 %: the brake asks first.
    assert "1 of 4 verdicts" in job.summary["held"]
    assert tags_at(sonarr)["Dubbed"] == {"4k", "dub"}
    reconcile = release(Connection.objects.get())
    assert reconcile is not None
    jobs.run_inline(reconcile)
    assert tags_at(sonarr)["Dubbed"] == {"4k", "semi-dub"}
    event = Event.objects.filter(kind=ScanEvent.VERDICT, subject_id=media_named("Dubbed").pk).latest("id")
    assert (event.before, event.after) == ("dub", "semi-dub")


def test_what_a_scan_changed_that_wrote_nothing_counts_for_the_next_one(
    sonarr, series_instance, shows, scan, monkeypatch
):
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    lose_a_dub(sonarr, shows)
    scan(series_instance, dry_run=True)
    assert "1 of 4 verdicts" in scan(series_instance).summary["held"]
    assert tags_at(sonarr)["Dubbed"] == {"4k", "dub"}


def test_what_a_cancelled_scan_changed_counts_for_the_next_one(
    sonarr, series_instance, shows, scan, monkeypatch
):
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    lose_a_dub(sonarr, shows)
    job, _ = start_scan(series_instance)
    for step in ("plan", "media"):
        run_item(job.items.get(step=step).pk)
    jobs.cancel(job)
    assert verdicts()["Dubbed"] == "semi-dub"
    assert "1 of 4 verdicts" in scan(series_instance).summary["held"]


def test_a_verdict_that_is_as_it_was_before_trips_no_brake(sonarr, series_instance, shows, scan, monkeypatch):
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    lose_a_dub(sonarr, shows)
    scan(series_instance, dry_run=True)
    lost = max(sonarr.state().files_of(shows.titled("Dubbed").id), key=attrgetter("id"))
    size = write(Path(lost.path), spec(*JPN_ENG))
    sonarr.change("replace_file", id=lost.id, size=size + 2)
    assert not scan(series_instance).summary["held"]


def test_a_dry_run_sends_nothing_that_changes_anything_and_writes_no_file(
    sonarr, series_instance, shows, scan, root
):
    nfo = root / "Dubbed" / "tvshow.nfo"
    nfo.write_text("<tvshow><title>Dubbed</title></tvshow>")
    Policy.objects.update(write_nfo=True)
    before = {p: p.stat().st_mtime_ns for p in root.rglob("*")}
    job = scan(series_instance, dry_run=True)
    assert writes_at(sonarr) == []
    assert {p: p.stat().st_mtime_ns for p in root.rglob("*")} == before
    assert job.summary["would"]["added"] == {"dub": 1, "semi-dub": 1, "wrong-dub": 1}
    assert job.summary["would"]["nfo_written"] == 1
    assert verdicts() == EXPECTED
    scan(series_instance)
    assert tags_at(sonarr) == TAGS
    assert "<tag>dub</tag>" in nfo.read_text()


def test_a_dry_run_of_a_removal_changes_nothing(sonarr, series_instance, shows, scan):
    scan(series_instance)
    sonarr.clear_journal()
    job = scan(series_instance, mode="remove", dry_run=True)
    assert job.summary["would"]["removed"] == {"dub": 1, "semi-dub": 1, "wrong-dub": 1}
    assert writes_at(sonarr) == []
    assert verdicts() == EXPECTED


def test_remove_takes_all_labels_off_and_an_update_brings_them_back(
    sonarr, series_instance, shows, scan, root
):
    nfo = root / "Dubbed" / "tvshow.nfo"
    original = "<tvshow>\n  <tag>mine</tag>\n</tvshow>\n"
    nfo.write_text(original)
    Policy.objects.update(write_nfo=True)
    scan(series_instance)
    assert "<tag>dub</tag>" in nfo.read_text()
    scan(series_instance, mode="remove")
    assert tags_at(sonarr) == {
        "Dubbed": {"4k"},
        "Half": set(),
        "Wrong": set(),
        "Native": {"kids"},
        "Empty": set(),
    }
    assert nfo.read_text() == original
    assert set(verdicts().values()) == {"unknown"}
    job = scan(series_instance)
    assert tags_at(sonarr) == TAGS
    assert verdicts() == EXPECTED
    assert job.state == JobState.COMPLETED


def test_rewrite_reads_every_file_again_and_asks_for_a_rescan_where_a_tag_changed(
    sonarr, series_instance, shows, scan
):
    scan(series_instance)
    before = probed()
    sonarr.change("set_tags", id=shows.titled("Half").id, labels=[])
    sonarr.clear_journal()
    scan(series_instance, mode="rewrite")
    after = probed()
    assert all(after[path] > before[path] for path in before)
    assert tags_at(sonarr) == TAGS
    commands = [r["body"] for r in sonarr.journal("POST") if r["path"].endswith("/command")]
    assert commands == [{"name": "RescanSeries", "seriesId": shows.titled("Half").id}]


def test_a_deep_scan_finds_files_that_were_edited_in_place(sonarr, series_instance, shows, scan):
    scan(series_instance)
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    write(path, spec(*JPN_ENG))
    assert scan(series_instance).summary["to_scan"] == 0
    job = scan(series_instance, deep=True)
    assert job.summary["to_scan"] == 1
    assert verdicts()["Native"] == "dub"


def test_a_scan_is_deep_by_itself_when_the_last_such_look_is_too_old(series_instance, shows, scan):
    scan(series_instance)
    assert not scan(series_instance).summary["deep"]
    ScanSettings.objects.update(last_deep_scan_at="2020-01-01T00:00:00Z")
    assert scan(series_instance).summary["deep"]
    assert not scan(series_instance).summary["deep"]


def test_quick_reads_the_first_file_of_each_season_only(series_instance, sonarr, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Long", {1: [spec(*JPN_ENG), spec("ger")], 2: [spec(*JPN_ENG), spec("jpn")]})
    sonarr.load(state)
    scan(series_instance, quick=True)
    assert verdicts() == {"Long": "dub"}
    assert File.objects.filter(scan_state__problem=FileProblem.NOT_PROBED).count() == 2
    assert scan(series_instance, quick=True).summary["to_scan"] == 0
    ScanSettings.objects.update(brake_verdicts_percent=100)
    scan(series_instance)
    assert verdicts() == {"Long": "wrong-dub"}


def test_files_that_lie_elsewhere_are_decided_from_what_the_app_says(sonarr, series_instance, tmp_path, scan):
    state = ArrState("sonarr")
    series = add_series(state, tmp_path / "x", "Far", {1: [spec(*JPN_ENG)]})
    series.path = "/not/here/Far"
    for listed in state.files.values():
        listed.path = listed.path.replace(str(tmp_path / "x"), "/not/here")
    sonarr.load(state)
    scan(series_instance)
    read = FileScanState.objects.get()
    assert (read.engine, read.languages, read.partial) == ("arr", ["jpn", "eng"], False)
    assert verdicts() == {"Far": "dub"}
    assert scan(series_instance).summary["to_scan"] == 0
    series_instance.path_mappings.create(remote_prefix="/not/here", local_prefix=str(tmp_path / "x"))
    scan(series_instance)
    assert File.objects.get().scan_state.engine != "arr"


@pytest.mark.parametrize("streams", [1, 0])
def test_audio_that_the_app_does_not_name_makes_its_facts_partial(sonarr, series_instance, scan, streams):
    state = ArrState("sonarr")
    series = state.add_series("Far", "/not/here/Far", original_language="Japanese")
    state.add_episode_file(series.id, "e.mkv", season=1, episodes=[1], audio="", audio_streams=streams)
    sonarr.load(state)
    ScanSettings.objects.update(facts_from="arr")
    scan(series_instance)
    read = FileScanState.objects.get()
    assert read.partial
    assert file_sentence(read.reason) == "No audio track that counts names a language."
    assert verdicts() == {"Far": "unknown"}


def test_a_file_of_no_known_episode_is_numbered_by_its_name(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    series = add_series(state, root, "Loose", {1: [spec(*JPN_ENG)]})
    write(root / "Loose" / "Season 01" / "Loose - S01E07.mkv", spec("jpn"))
    state.add_episode_file(series.id, "Season 01/Loose - S01E07.mkv", season=1, episodes=[])
    sonarr.load(state)
    scan(series_instance)
    assert sorted(File.objects.values_list("season__number", "episodes")) == [(1, [1]), (1, [7])]
    assert "S01E07" in media_sentence(media_named("Loose"))


def test_a_path_mapping_finds_the_files(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    series = add_series(state, root, "Mapped", {1: [spec(*JPN_ENG)]})
    series.path = "/tv/Mapped"
    for file in state.files.values():
        file.path = file.path.replace(str(root), "/tv")
    sonarr.load(state)
    series_instance.path_mappings.create(remote_prefix="/tv", local_prefix=str(root))
    scan(series_instance)
    assert File.objects.get().scan_state.engine != "arr"
    assert verdicts() == {"Mapped": "dub"}


def test_movies_are_decided_by_their_movie_file(radarr, movie_instance, root, scan):
    state = ArrState("radarr")
    add_movie(state, root, "Both", spec(*JPN_ENG, container="mp4"))
    add_movie(state, root, "Raw", spec("jpn"))
    add_movie(state, root, "Wanted", None)
    radarr.load(state)
    scan(movie_instance)
    assert verdicts() == {"Both": "dub", "Raw": "original", "Wanted": "unknown"}
    assert tags_at(radarr) == {"Both": {"dub"}, "Raw": set(), "Wanted": set()}
    assert len(radarr.journal()) <= 8


def test_a_movie_whose_file_the_app_does_not_know_is_read_all_the_same(radarr, movie_instance, root, scan):
    state = ArrState("radarr")
    add_movie(state, root, "Other", spec("jpn"))
    add_movie(state, root, "Loose", None)
    (root / "Loose").mkdir()
    write(root / "Loose" / "Loose.mkv", spec(*JPN_ENG))
    write(root / "Loose" / "Loose-trailer.mkv", spec("ger"))
    radarr.load(state)
    scan(movie_instance)
    assert verdicts()["Loose"] == "dub"
    (root / "Loose" / "Loose.mkv").rename(root / "Loose" / "The Loose.mkv")
    scan(movie_instance, deep=True)
    assert [file.path for file in media_named("Loose").files.all()] == [str(root / "Loose" / "The Loose.mkv")]
    (root / "Loose" / "The Loose.mkv").unlink()
    job = scan(movie_instance, deep=True)
    assert job.summary["items"]["failed"] == 0
    assert verdicts()["Loose"] == "unknown"


def test_one_media_is_scanned_and_tagged_alone(sonarr, series_instance, shows, scan):
    scan(series_instance)
    series = shows.titled("Native")
    add_episode(shows, series, 1, 2, spec(*JPN_ENG))
    sonarr.load(shows)
    item = start_media_scan(media_named("Native"))
    jobs.run_inline(item.job)
    assert verdicts()["Native"] == "semi-dub"
    assert tags_at(sonarr)["Native"] == {"kids", "semi-dub"}
    assert len(writes_at(sonarr)) == 2


def test_a_media_asked_for_in_the_middle_of_a_full_scan_is_fetched_anew_and_tagged_at_once(
    radarr, movie_instance, root
):
    state = ArrState("radarr")
    movie = add_movie(state, root, "Upgraded", spec("jpn"))
    radarr.load(state)
    job, _ = start_scan(movie_instance)
    run_item(job.items.get().pk)
    write(root / "Upgraded" / "new.mkv", spec(*JPN_ENG))
    radarr.change("add_file", media_id=movie.id, relative_path="new.mkv")
    item = start_media_scan(media_named("Upgraded"))
    assert item.job == job
    assert run_item(item.pk)
    assert verdicts() == {"Upgraded": "dub"}
    jobs.run_inline(Job.objects.get(name="reconcile"))
    assert tags_at(radarr) == {"Upgraded": {"dub"}}


def test_a_policy_that_only_looks_shows_what_it_would_send(sonarr, series_instance, shows, scan):
    Policy.objects.update(dry_run=True)
    job = scan(series_instance)
    assert job.summary["would"]["added"] == {"dub": 1, "semi-dub": 1, "wrong-dub": 1}
    assert writes_at(sonarr) == []


def test_excluded_media_are_neither_scanned_nor_tagged(sonarr, series_instance, shows, scan):
    Policy.objects.update(exclude_tags=["4k"])
    job = scan(series_instance)
    assert media_named("Dubbed").excluded_by == "the tag 4k"
    assert tags_at(sonarr)["Dubbed"] == {"4k"}
    assert job.summary["to_scan"] == 4
    set_excluded([media_named("Half").pk], to=True)
    sonarr.change("set_tags", id=shows.titled("Half").id, labels=[])
    scan(series_instance, mode="rewrite")
    assert tags_at(sonarr)["Half"] == set()


def test_a_second_scan_of_an_instance_joins_the_live_one(series_instance, shows):
    first, made = start_scan(series_instance)
    second, made_again = start_scan(series_instance, ScanParams(mode="rewrite"))
    assert (made, made_again) == (True, False)
    assert second == first


def test_a_file_without_the_original_language_is_told_once(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG), spec("eng")]})
    add_series(state, root, "Whole", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    scan(series_instance)
    event = Event.objects.get(kind=ScanEvent.ORIGINAL_MISSING)
    assert event.text == "Dubbed: 1 of 2 files lack the original language"
    assert media_named("Dubbed").scan_state.verdict_reason["original_missing"] == 1
    assert "original_missing" not in media_named("Whole").scan_state.verdict_reason
    scan(series_instance, mode="rewrite")
    assert Event.objects.filter(kind=ScanEvent.ORIGINAL_MISSING).count() == 1
