"""What goes wrong during a scan: told in one sentence, nothing lost, no tag changed because of it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.db.models.functions import Now

from connections.models import Connection
from core.cage.keeper import Limits
from demo.arr.state import ArrState
from demo.media_files import write
from history.models import Event
from jobs import claims
from jobs import services as jobs
from jobs.handlers import RetryPolicy
from jobs.models import ItemState, JobItem, JobState
from library.clients import SonarrClient
from library.models import File, Media
from scanner.events import ScanEvent
from scanner.facts import reading
from scanner.models import FileProblem, Policy, ScanSettings, ScanState
from scanner.probe import caged
from scanner.probe.engines import probe
from scanner.scan import media
from scanner.scan.exclusions import set_excluded
from scanner.scan.report import report_of
from scanner.scan.starting import start_media_scan, start_scan
from system.health import find_issues
from tests.scanner.probe import hostile

from .build import (
    EXPECTED,
    JPN_ENG,
    TAGS,
    add_movie,
    add_series,
    media_named,
    spec,
    tags_at,
    verdicts,
    writes_at,
)

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = RetryPolicy(attempts=2, base=0, cap=0)


def test_an_offline_root_keeps_verdicts_and_tags_and_is_told(
    sonarr, series_instance, shows, scan, root, tmp_path
):
    other = tmp_path / "other"
    other.mkdir()
    add_series(shows, other, "Elsewhere", {1: [spec(*JPN_ENG)]})
    sonarr.load(shows)
    scan(series_instance)
    assert verdicts()["Elsewhere"] == "dub"
    other.rename(tmp_path / "away")
    series = shows.titled("Elsewhere")
    sonarr.change("update_file", id=shows.files_of(series.id)[0].id, size=1)
    job = scan(series_instance)
    [offline] = report_of(job).offline
    assert offline == f"The folder {other} is not there: mount it, or add a path mapping to the instance."
    assert verdicts()["Elsewhere"] == "dub"
    assert tags_at(sonarr)["Elsewhere"] == {"dub"}
    assert media_named("Elsewhere").scan_state.scan_error == offline
    (tmp_path / "away").rename(other)
    scan(series_instance)
    assert media_named("Elsewhere").scan_state.scan_error == ""


def test_a_folder_below_an_offline_one_is_read_where_it_is_mounted(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    inner = add_series(state, root, "Inner", {1: [spec(*JPN_ENG)]})
    inner.path = "/not/here/anime/Inner"
    for listed in state.files.values():
        listed.path = listed.path.replace(str(root), "/not/here/anime")
    outer = state.add_series("Outer", "/not/here/Outer")
    state.add_episode_file(outer.id, "e.mkv", season=1, episodes=[1])
    sonarr.load(state)
    series_instance.path_mappings.create(remote_prefix="/not/here/anime", local_prefix=str(root))
    scan(series_instance)
    assert verdicts() == {"Inner": "dub", "Outer": "unknown"}
    assert scan(series_instance).summary["to_scan"] == 0
    assert "/not/here is not there" in media_named("Outer").scan_state.scan_error


def test_a_root_that_is_suddenly_empty_is_offline(sonarr, series_instance, shows, scan, root, tmp_path):
    other = tmp_path / "other"
    add_series(shows, other, "Elsewhere", {1: [spec(*JPN_ENG)]})
    sonarr.load(shows)
    scan(series_instance)
    (other / "Elsewhere").rename(tmp_path / "away")
    job = scan(series_instance, mode="rewrite")
    assert "is empty, though the app has files in it" in report_of(job).offline[0]
    assert tags_at(sonarr)["Elsewhere"] == {"dub"}


SAID = ("path", "scan_state__probed_at", "scan_state__problem", "scan_state__stale")


def test_the_only_root_that_goes_away_replaces_no_facts_by_what_the_app_says(
    sonarr, series_instance, shows, scan, root, tmp_path
):
    scan(series_instance)
    before = dict(File.objects.values_list("path", "scan_state__engine"))
    for file in sonarr.state().files.values():
        sonarr.change("update_file", id=file.id, size=1, audio="ger")
    root.rename(tmp_path / "away")
    root.mkdir()
    job = scan(series_instance, mode="rewrite")
    assert job.summary["to_scan"] == 1  # the one without files
    assert "is empty, though the app has files in it" in report_of(job).offline[0]
    assert dict(File.objects.values_list("path", "scan_state__engine")) == before
    assert (verdicts(), tags_at(sonarr)) == (EXPECTED, TAGS)


def test_a_root_that_goes_away_during_a_scan_is_told_by_name_and_spoils_no_file(
    sonarr, series_instance, shows, scan, root, tmp_path, monkeypatch
):
    monkeypatch.setattr("scanner.scan.job.ScanHandler.retry", AT_ONCE)
    scan(series_instance)
    before = list(File.objects.order_by("pk").values_list(*SAID))
    original = reading.read_files

    def lose_the_mount_then_read(*args, **kwargs):
        if root.exists():
            root.rename(tmp_path / "away")
        return original(*args, **kwargs)

    monkeypatch.setattr(media, "read_files", lose_the_mount_then_read)
    job = scan(series_instance, mode="rewrite")
    assert job.summary["offline"] == []  # it was there when the scan began
    sentence = f"The folder {root} is not there: mount it, or add a path mapping to the instance."
    assert sentence in [issue.what for issue in find_issues(live=False)]
    assert list(File.objects.order_by("pk").values_list(*SAID)) == before
    assert verdicts() == EXPECTED
    assert tags_at(sonarr) == TAGS


@pytest.mark.parametrize("damage", ["truncated", "empty", "directory", "loop"])
def test_a_bad_file_is_told_once_and_the_rest_of_the_scan_goes_on(
    damage, sonarr, series_instance, shows, scan, root
):
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    content = path.read_bytes()
    path.unlink()
    match damage:
        case "truncated":
            path.write_bytes(content[:20])
        case "empty":
            path.write_bytes(b"")
        case "directory":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
    job = scan(series_instance)
    assert job.summary["items"]["failed"] == 0
    assert verdicts() == {**EXPECTED, "Native": "unknown"}
    assert tags_at(sonarr) == TAGS
    file = File.objects.get(media__title="Native")
    assert file.scan_state.problem == FileProblem.UNREADABLE
    assert file.scan_state.error.count(". ") == 0
    assert path.name in file.scan_state.error
    assert scan(series_instance).summary["to_scan"] == 0


def test_a_name_that_is_not_utf_8_asks_to_be_renamed(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    series = add_series(state, root, "Odd", {1: [spec(*JPN_ENG)]})
    (root / "Odd" / "Season 01").joinpath(os.fsdecode(b"caf\xe9.mkv")).write_bytes(b"x")
    state.add_episode_file(series.id, "Season 01/caf\ufffd.mkv", season=1, episodes=[2])
    sonarr.load(state)
    scan(series_instance)
    file = File.objects.get(scan_state__problem=FileProblem.BAD_NAME)
    assert file.scan_state.error == "caf\ufffd.mkv has a name that is not valid UTF-8: rename it."
    assert verdicts() == {"Odd": "dub"}


def test_names_with_emoji_and_right_to_left_text_are_read_like_any_other(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "שלום 🎉 مرحبا", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    scan(series_instance)
    assert verdicts() == {"שלום 🎉 مرحبا": "dub"}


def test_a_missing_file_is_told_makes_nobody_wait_and_is_tried_again_next_time(
    sonarr, series_instance, shows, scan
):
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    content = path.read_bytes()
    path.unlink()
    job = scan(series_instance)
    assert job.state == JobState.COMPLETED
    assert not job.items.filter(attempts__gt=1).exists()
    assert [(media.title, media.error) for media in report_of(job).failed] == [
        ("Native (2020)", media_named("Native").scan_state.scan_error)
    ]
    assert media_named("Native").scan_state.scan_error.startswith("There is no file ")
    assert verdicts() == {**EXPECTED, "Native": "unknown"}
    path.write_bytes(content)
    scan(series_instance)
    assert verdicts() == EXPECTED


def test_media_that_leave_the_app_are_forgotten_and_keep_their_history(sonarr, series_instance, shows, scan):
    ScanSettings.objects.update(brake_orphans_percent=50)
    scan(series_instance)
    sonarr.change("remove_media", id=shows.titled("Native").id)
    scan(series_instance)
    assert not Media.objects.filter(title="Native").exists()
    removed = Event.objects.get(kind=ScanEvent.MEDIA_REMOVED)
    assert removed.title == "Native"
    assert Event.objects.filter(kind=ScanEvent.VERDICT, title__startswith="Native").exists()


def test_media_are_not_forgotten_when_too_many_are_gone(sonarr, series_instance, shows, scan):
    scan(series_instance)
    for title in ("Native", "Half"):
        sonarr.change("remove_media", id=shows.titled(title).id)
    job = scan(series_instance)
    assert Media.objects.count() == 5
    assert "no longer lists 2 of 5 series" in job.summary["held"]


def test_a_cut_answer_forgets_nothing(sonarr, series_instance, shows, scan, monkeypatch, naps):
    monkeypatch.setattr("scanner.scan.job.ScanHandler.retry", AT_ONCE)
    scan(series_instance)
    sonarr.fault("truncate", "/series$", count=None)
    job = scan(series_instance)
    assert job.state == JobState.FAILED
    assert Media.objects.count() == 5
    assert tags_at(sonarr) == TAGS


def test_a_wrong_key_fails_the_scan_with_one_sentence(sonarr, series_instance, shows, scan):
    series_instance.keep_secrets({"api_key": "wrong"})
    series_instance.save()
    job, _ = start_scan(series_instance)
    jobs.run_inline(job)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "API key" in job.error
    assert "wrong" not in job.error.replace("wrong key", "")


def test_cancelling_stops_before_the_next_file_and_sends_no_tag(sonarr, series_instance, shows, monkeypatch):
    job, _ = start_scan(series_instance)
    seen: list[str] = []
    original = reading.read_files

    def cancel_then_read(files, *args, **kwargs):
        seen.append("read")
        jobs.cancel(job)
        return original(files, *args, **kwargs)

    monkeypatch.setattr(media, "read_files", cancel_then_read)
    jobs.run_inline(job)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert len(seen) == 1
    assert writes_at(sonarr) == []
    assert not job.items.filter(state__in=[ItemState.PENDING, ItemState.CLAIMED]).exists()


def test_the_older_of_two_scans_of_one_media_changes_nothing(series_instance, shows, scan):
    scan(series_instance)
    ScanState.objects.filter(media__title="Native").update(probe_started_at=Now() + timedelta(minutes=10))
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    write(path, spec(*JPN_ENG))
    scan(series_instance, mode="rewrite")
    assert verdicts()["Native"] == "original"


def test_a_scan_of_before_the_clock_was_set_back_does_not_pass_for_a_later_one(series_instance, shows, scan):
    scan(series_instance)
    ScanState.objects.filter(media__title="Native").update(probe_started_at=Now() + timedelta(days=1))
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    write(path, spec(*JPN_ENG))
    scan(series_instance, mode="rewrite")
    assert verdicts()["Native"] == "dub"


def scan_alone(media: Media) -> JobItem:
    """Scan one title in this process; its item, ended."""
    item = start_media_scan(media)
    jobs.run_inline(item.job)
    item.refresh_from_db()
    return item


def test_a_media_that_the_app_forgot_is_skipped(sonarr, series_instance, shows, scan):
    scan(series_instance)
    sonarr.change("remove_media", id=shows.titled("Native").id)
    item = scan_alone(media_named("Native"))
    assert (item.state, item.result) == (ItemState.SKIPPED, {"why": "The media is gone from the app."})


def test_a_media_that_was_deleted_meanwhile_is_skipped(series_instance, shows, scan):
    scan(series_instance)
    item = start_media_scan(media_named("Native"))
    Media.objects.filter(title="Native").delete()
    jobs.run_inline(item.job)
    item.refresh_from_db()
    assert (item.state, item.result) == (ItemState.SKIPPED, {"why": "The media is gone."})


def test_a_media_that_is_deleted_while_it_is_read_is_skipped(sonarr, series_instance, shows, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 1)
    monkeypatch.setattr(reading, "WORTH_SAVING", 0.0)

    def delete_and_probe(path, **how):
        if "Native" in path:
            Media.objects.filter(title="Native").delete()
        return probe(path, **how)

    monkeypatch.setattr(reading, "probe", delete_and_probe)
    job, _ = start_scan(series_instance)
    jobs.run_inline(job)
    skipped = job.items.get(state=ItemState.SKIPPED)
    assert skipped.result == {"why": "The media is gone."}
    assert tags_at(sonarr) == {**TAGS, "Native": {"kids"}}


def test_a_file_that_was_made_to_do_harm_is_named_and_costs_no_other_its_verdict(
    sonarr, series_instance, shows, scan, monkeypatch
):
    monkeypatch.setattr(caged.CAGE, "limits", Limits(processor=2))
    bad = Path(shows.files_of(shows.titled("Native").id)[0].path)
    good = bad.read_bytes()
    bad.write_bytes(hostile.endless_samples())
    os.utime(bad, (1_600_000_000, 1_600_000_000))
    scan(series_instance)
    assert {title for title, verdict in verdicts().items() if verdict != EXPECTED[title]} == {"Native"}
    file = File.objects.get(scan_state__problem=FileProblem.UNREADABLE)
    assert f"'{bad}' cannot be read: MediaInfo took more than 2 seconds" in file.scan_state.error
    assert any(bad.name in issue.what for issue in find_issues(live=False))
    monkeypatch.setattr(reading, "probe", read := Mock(wraps=probe))
    scan_alone(media_named("Native"))
    assert not read.called
    bad.write_bytes(good)
    scan_alone(media_named("Native"))
    assert [call.args for call in read.call_args_list] == [(str(bad),)]
    assert verdicts() == EXPECTED


def test_the_lease_is_renewed_while_one_file_is_read(series_instance, shows, scan, monkeypatch, settings):
    scan(series_instance)
    settings.JOB_LEASE = 3  # renewed after a second
    monkeypatch.setattr(caged.CAGE, "limits", Limits(processor=3))
    bad = Path(shows.files_of(shows.titled("Native").id)[0].path)
    bad.write_bytes(hostile.endless_samples())
    monkeypatch.setattr(claims, "renew", renewals := Mock(wraps=claims.renew))
    counted = []

    def probe_and_count(path, **how):
        before = renewals.call_count
        try:
            return probe(path, **how)
        finally:
            counted.append(renewals.call_count - before)

    monkeypatch.setattr(reading, "probe", probe_and_count)
    scan_alone(media_named("Native"))
    assert max(counted) >= 1


def test_an_instance_that_is_deleted_while_it_is_asked_ends_its_scan_with_one_sentence(
    series_instance, shows, monkeypatch
):
    asked = SonarrClient.tags

    def delete_and_ask(client):
        Connection.objects.all().delete()
        return asked(client)

    monkeypatch.setattr(SonarrClient, "tags", delete_and_ask)
    job, _ = start_scan(series_instance)
    jobs.run_inline(job)
    assert (job.state, job.error) == (JobState.FAILED, "The instance Sonarr has been deleted meanwhile.")


def test_an_excluded_media_that_is_asked_for_is_skipped_and_says_why(series_instance, shows, scan):
    scan(series_instance)
    Policy.objects.update(exclude_tags=["kids"])
    item = scan_alone(media_named("Native"))
    assert (item.state, item.result) == (ItemState.SKIPPED, {"why": "Excluded by the tag kids."})
    set_excluded([media_named("Half").pk], to=True)
    assert scan_alone(media_named("Half")).result == {"why": "Excluded by hand."}


def test_a_media_under_an_offline_folder_fails_alone_with_the_folders_name(
    sonarr, series_instance, shows, scan, tmp_path, monkeypatch
):
    monkeypatch.setattr("scanner.scan.job.ScanHandler.retry", AT_ONCE)
    other = tmp_path / "other"
    add_series(shows, other, "Elsewhere", {1: [spec(*JPN_ENG)]})
    sonarr.load(shows)
    scan(series_instance)
    other.rename(tmp_path / "away")
    item = scan_alone(media_named("Elsewhere"))
    assert item.state == ItemState.FAILED
    assert str(other) in item.error
    assert verdicts()["Elsewhere"] == "dub"


def test_a_file_that_went_missing_is_found_by_a_deep_scan_and_keeps_its_facts(series_instance, shows, scan):
    scan(series_instance)
    path = Path(shows.files_of(shows.titled("Half").id)[1].path)
    content, times = path.read_bytes(), path.stat()
    path.unlink()
    job = scan(series_instance, deep=True)
    assert [failed.title for failed in report_of(job).failed] == ["Half (2020)"]
    file = File.objects.get(path=str(path))
    state = file.scan_state
    assert (state.problem, state.stale, state.languages) == (FileProblem.UNREACHABLE, True, ["jpn"])
    assert verdicts() == EXPECTED
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    scan(series_instance)
    state.refresh_from_db()
    assert (state.problem, state.stale, state.error) == (FileProblem.NONE, False, "")


def test_several_missing_files_are_told_in_one_sentence(series_instance, shows, scan):
    for file in shows.files_of(shows.titled("Half").id):
        Path(file.path).unlink()
    job = scan(series_instance)
    [failed] = report_of(job).failed
    assert failed.error.endswith(". 1 more file could not be read.")


def test_a_deep_scan_leaves_out_what_is_offline_and_what_lies_elsewhere(
    sonarr, series_instance, shows, scan, tmp_path
):
    other = tmp_path / "other"
    add_series(shows, other, "Elsewhere", {1: [spec(*JPN_ENG)]})
    sonarr.load(shows)
    scan(series_instance)
    other.rename(tmp_path / "away")
    assert scan(series_instance, deep=True).summary["to_scan"] == 0
    ScanSettings.objects.update(facts_from="arr")
    assert scan(series_instance, deep=True).summary["to_scan"] == 1


def test_a_movie_folder_that_may_not_be_read_fails_its_movie_with_one_sentence(
    radarr, movie_instance, root, scan, monkeypatch
):
    monkeypatch.setattr("scanner.scan.job.ScanHandler.retry", AT_ONCE)
    state = ArrState("radarr")
    add_movie(state, root, "Seen", spec("jpn"))
    add_movie(state, root, "Locked", None)
    (root / "Locked").mkdir()
    radarr.load(state)
    monkeypatch.setattr("scanner.facts.listing.os", SimpleNamespace(scandir=raise_permission_error))
    job = scan(movie_instance)
    failed = job.items.get(state=ItemState.FAILED)
    assert (
        failed.error == f"The folder {root / 'Locked'} cannot be read (Permission denied): check its mount."
    )


def raise_permission_error(_path: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_files_are_saved_as_they_are_read_so_that_a_stopped_worker_loses_little(
    sonarr, series_instance, root, scan, monkeypatch
):
    monkeypatch.setattr(reading, "BATCH", 2)
    monkeypatch.setattr(reading, "WORTH_SAVING", 0.0)
    state = ArrState("sonarr")
    add_series(state, root, "Long", {1: [spec(*JPN_ENG)] * 5})
    sonarr.load(state)
    job, _ = start_scan(series_instance)
    reads = []

    def die_at_the_fifth(path, **how):
        reads.append(path)
        if len(reads) == 5:
            raise SystemExit
        return probe(path, **how)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "probe", die_at_the_fifth)
        with pytest.raises(SystemExit):
            jobs.run_inline(job)
    assert File.objects.exclude(scan_state__probed_at=None).count() == 4
    jobs.run_inline(job)
    assert verdicts() == {"Long": "dub"}
