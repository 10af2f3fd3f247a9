"""Files that cannot be reached: left out, told, and looked for again later; nobody waits for them."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal
from unittest.mock import Mock

import pytest
from django.db.models.functions import Now

from connections.models import Connection
from core.cage.keeper import Limits
from core.errors import ConfigError, PutOffError, StorageError
from demo.arr.state import ArrState
from demo.media_files import write
from jobs import services as jobs
from jobs.models import LIVE_JOB, Job, JobItem, JobState
from jobs.services import run_inline
from library.models import File, Media
from library.paths import on_disk
from library.roots import MediaRoots
from scanner.explain import explain
from scanner.facts import reading
from scanner.look_again import LookAgainHandler, look_again
from scanner.media_search import that_failed
from scanner.models import FileProblem, ScanSettings, ScanState
from scanner.probe import caged
from scanner.probe.engines import probe as real_probe
from scanner.probe.storage import explain as explain_error
from scanner.probe.storage import fingerprint_of
from scanner.probe.tracks import Fingerprint
from scanner.scan import media
from scanner.scan.report import report_of
from scanner.verdict.sentences import media_sentence
from system.health import find_issues
from tests.scanner.probe import hostile

from .build import EXPECTED, JPN_ENG, TAGS, add_movie, add_series, media_named, spec, tags_at, verdicts

pytestmark = pytest.mark.django_db(transaction=True)

EPISODES = 500


def forbid(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Have one file refuse to be read, as to a user who has no right to it; root may read all files."""

    def probe(local: str, **how: Any) -> object:
        if local == str(path):
            raise explain_error(f"'{local}'", PermissionError(13, "Permission denied"))
        return real_probe(local, **how)

    monkeypatch.setattr(reading, "probe", probe)


@pytest.mark.parametrize("trouble", ["stale entry", "dangling link", "wrong rights"])
def test_one_file_out_of_reach_among_500_keeps_no_series_from_its_verdict(
    trouble, sonarr, series_instance, root, scan, monkeypatch
):
    state = ArrState("sonarr")
    series = add_series(state, root, "Long", {1: [spec(*JPN_ENG)] * EPISODES})
    sonarr.load(state)
    path = Path(state.files_of(series.id)[250].path)
    match trouble:
        case "stale entry":
            path.unlink()
        case "dangling link":
            path.unlink()
            path.symlink_to(root / "nowhere.mkv")
        case "wrong rights":
            forbid(monkeypatch, path)

    job = scan(series_instance)

    assert (job.state, job.summary["items"]["failed"]) == (JobState.COMPLETED, 0)
    assert not job.items.filter(attempts__gt=1).exists(), "the scan waited for the file"
    assert verdicts() == {"Long": "dub"}
    assert tags_at(sonarr) == {"Long": {"dub"}}
    media = media_named("Long")
    reason = media.scan_state.verdict_reason
    assert (reason["files_counted"], reason["unknown_total"]) == (EPISODES - 1, 1)
    assert reason["unknown"][0]["name"] == "S01E251"
    assert media_sentence(media) == f"All {EPISODES - 1} files hold English. 1 file could not be judged."
    told = next(file for file in explain(media).files if file.path == str(path))
    assert (told.verdict, told.problem) == ("unknown", "Could not be reached")
    assert path.name in told.sentence
    assert path.name in media.scan_state.scan_error
    [issue] = [issue for issue in find_issues(live=False) if path.name in issue.what]
    assert issue.what == f"1 file could not be reached: {path.name}."


@pytest.fixture
def half_known(sonarr, series_instance, shows, scan) -> Path:
    """A file that was never read, cannot be reached, and stands beside one that was read; all is scanned."""
    path = Path(shows.files_of(shows.titled("Half").id)[1].path)
    path.rename(path.with_suffix(".away"))
    scan(series_instance)
    assert verdicts()["Half"] == "dub"
    return path


def come_back(path: Path) -> None:
    path.with_suffix(".away").rename(path)


def let_time_pass() -> None:
    """Have every look that is due later be due now."""
    ScanState.objects.filter(look_again_at__isnull=False).update(look_again_at=Now())


def test_a_file_that_comes_back_is_read_at_the_next_look(sonarr, series_instance, half_known):
    come_back(half_known)
    assert look_again() == 0, "it is not due yet"
    let_time_pass()
    before = len(sonarr.journal())
    assert look_again() == 1
    job = Job.objects.get(name="look_again")
    assert list(job.items.values_list("subject_id", flat=True)) == [media_named("Half").pk]
    assert look_again() == 0, "one look at a time"
    jobs.run_inline(job)
    assert verdicts() == EXPECTED
    assert tags_at(sonarr) == TAGS
    asked = {request["path"] for request in sonarr.journal()[before:]}
    assert "/api/v3/series" not in asked, "a look does not list the whole library"
    media = media_named("Half")
    assert (media.scan_state.scan_error, media.scan_state.look_again_at, media.scan_state.looks) == (
        "",
        None,
        0,
    )
    let_time_pass()
    assert look_again() == 0


def test_looks_get_rarer_end_and_never_keep_a_job_open(series_instance, half_known, scan):
    waits = []
    while (state := media_named("Half").scan_state).look_again_at:
        assert state.scanned_at
        waits.append(state.look_again_at - state.scanned_at)
        assert len(waits) <= 4
        assert not JobItem.objects.filter(job__state__in=LIVE_JOB).exists()
        let_time_pass()
        look_again()
        jobs.run_inline(Job.objects.filter(name="look_again").latest("pk"))
    assert len(waits) == 4
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=2)
    assert look_again() == 0
    come_back(half_known)
    scan(series_instance)
    assert verdicts() == EXPECTED


def test_nobody_looks_beside_a_scan_at_a_paused_instance_or_where_the_app_tells_the_facts(
    series_instance, half_known
):
    let_time_pass()
    busy = Job.objects.create(name="scan", connection=series_instance)
    assert look_again() == 0
    busy.delete()
    for model, change in (
        (Connection, {"enabled": False}),
        (Connection, {"breaker": "open"}),
        (ScanSettings, {"facts_from": "arr"}),
    ):
        rows: Any = model._default_manager
        before = rows.values(*change).get()
        rows.update(**change)
        assert look_again() == 0
        rows.update(**before)
    assert look_again() == 1


def test_a_look_takes_no_parameters():
    with pytest.raises(ConfigError, match="has no parameters"):
        LookAgainHandler().validate({"mode": "rewrite"})


def test_what_was_known_keeps_its_facts_as_stale(series_instance, shows, scan):
    scan(series_instance)
    path = Path(shows.files_of(shows.titled("Half").id)[1].path)
    path.unlink()
    scan(series_instance, deep=True)
    file = File.objects.get(path=str(path))
    state = file.scan_state
    assert (state.problem, state.stale, state.languages) == (FileProblem.UNREACHABLE, True, ["jpn"])
    assert (verdicts(), file.scan_state.verdict) == (EXPECTED, "original")


def test_a_movie_whose_new_file_is_out_of_reach_keeps_its_verdict(radarr, movie_instance, root, scan):
    state = ArrState("radarr")
    movie = add_movie(state, root, "Film", spec(*JPN_ENG))
    radarr.load(state)
    scan(movie_instance)
    assert verdicts() == {"Film": "dub"}
    old = state.files_of(movie.id)[0]
    radarr.change("replace_file", id=old.id, relative_path="better.mkv")
    Path(old.path).unlink()
    scan(movie_instance)
    assert File.objects.get().scan_state.problem == FileProblem.UNREACHABLE
    assert verdicts() == {"Film": "dub"}
    assert tags_at(radarr) == {"Film": {"dub"}}


def test_a_series_whose_own_folder_is_away_stays_as_it_was(sonarr, series_instance, shows, scan, root):
    scan(series_instance)
    (root / "Half").rename(root.parent / "away")
    second = shows.files_of(shows.titled("Half").id)[1]
    sonarr.change("replace_file", id=second.id)
    scan(series_instance, deep=True)
    assert File.objects.filter(path=second.path, scan_state__probed_at=None).exists()
    assert (verdicts(), tags_at(sonarr)) == (EXPECTED, TAGS)


@pytest.mark.parametrize("on_disk_form", ["NFC", "NFD"])
def test_a_name_in_the_other_form_of_unicode_is_the_same_file(
    on_disk_form, sonarr, series_instance, root, scan, policy
):
    policy.write_nfo = True
    policy.save()
    told: Literal["NFC", "NFD"] = "NFC" if on_disk_form == "NFD" else "NFD"
    state = ArrState("sonarr")
    series = add_series(state, root, unicodedata.normalize(told, "Pokémon"), {1: [spec(*JPN_ENG)] * 2})
    sonarr.load(state)
    folder = Path(series.path)
    nfo = folder / "tvshow.nfo"
    nfo.write_text("<tvshow></tvshow>")
    for path in [*folder.rglob("*.mkv"), folder]:
        path.rename(path.with_name(unicodedata.normalize(on_disk_form, path.name)))
    assert not folder.exists()

    job = scan(series_instance)

    assert list(verdicts().values()) == ["dub"]
    assert not File.objects.exclude(scan_state__problem="").exists()
    assert job.summary["nfo_written"] == 1
    assert scan(series_instance, deep=True).summary["to_scan"] == 0


def test_the_other_form_of_a_name_leads_out_of_no_open_folder(tmp_path):
    media = tmp_path / "tv" / unicodedata.normalize("NFD", "Pokémon")
    media.parent.mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.mkv").write_bytes(b"x")
    media.symlink_to(tmp_path / "secret")
    told = f"{tmp_path}/tv/{unicodedata.normalize('NFC', 'Pokémon')}"
    with pytest.raises(StorageError, match=r"leads to .*secret"):
        MediaRoots(told, []).local(f"{told}/key.mkv")


@pytest.mark.parametrize("path", ["/nowhere/Pokémon", "Pokémon", "/Pok\0é", "C:\\Pokémon", "/a/\ud800é"])
def test_what_is_there_in_no_form_stays_as_it_was_named(path):
    assert on_disk(path) == path


# Files that are put off


def test_a_scan_of_all_puts_an_odd_file_off_and_a_look_reads_it(
    sonarr, series_instance, shows, scan, monkeypatch
):
    bad = Path(shows.files_of(shows.titled("Half").id)[1].path)
    bad.write_bytes(hostile.endless_samples())
    os.utime(bad, (1_600_000_000, 1_600_000_000))
    monkeypatch.setattr(caged.CAGE, "limits", Limits(processor=1))
    monkeypatch.setattr(media, "is_muted", lambda: False)  # as in a worker
    monkeypatch.setattr(reading, "probe", read := Mock(wraps=real_probe))
    caged.CAGE.end()
    job = scan(series_instance)
    assert caged.CAGE.process is None
    assert [call.args for call in read.call_args_list].count((str(bad),)) == 1, "it is not tried twice"
    assert verdicts() == {**EXPECTED, "Half": "dub"}
    file = File.objects.get(scan_state__problem=FileProblem.WAITING)
    assert f"'{bad}' waits for the other files (too many boxes at byte" in file.scan_state.error
    assert media_named("Half").scan_state.scan_error == ""
    assert report_of(job).failed == []
    assert not [issue for issue in find_issues(live=False) if bad.name in issue.what]
    ScanState.objects.filter(media__title="Half").update(look_again_at=Now())
    assert look_again() == 1
    run_inline(Job.objects.get(name="look_again"))
    file.scan_state.refresh_from_db()
    assert file.scan_state.problem == FileProblem.UNREADABLE
    assert "MediaInfo took more than 1 seconds" in file.scan_state.error
    assert not Media.objects.exclude(scan_state__look_again_at=None).exists()


def test_a_good_file_that_takes_long_is_read_at_the_next_look_and_told_nowhere(
    sonarr, series_instance, shows, scan, monkeypatch
):
    path = Path(shows.files_of(shows.titled("Half").id)[1].path)
    tries = []

    def probe(local: str, *, patient: bool, **how: Any) -> object:
        if local == str(path):
            tries.append(patient)
            if not patient:
                raise PutOffError("probe.odd", name=f"'{path}'", reason="MediaInfo took long")
        return real_probe(local, patient=patient, **how)

    monkeypatch.setattr(reading, "probe", probe)
    monkeypatch.setattr(media, "is_muted", lambda: False)
    job = scan(series_instance)
    assert verdicts() == {**EXPECTED, "Half": "dub"}
    assert report_of(job).failed == []
    assert not [issue for issue in find_issues(live=False) if "Half" in f"{issue.what} {issue.meaning}"]
    assert not that_failed(Media.objects.all(), failed=True)
    let_time_pass()
    assert look_again() == 1
    run_inline(Job.objects.get(name="look_again"))
    assert (tries, verdicts(), tags_at(sonarr)) == ([False, True], EXPECTED, TAGS)
    assert not File.objects.exclude(scan_state__problem="")


def test_a_second_scan_puts_nothing_off(series_instance, shows, scan, monkeypatch):
    bad = Path(shows.files_of(shows.titled("Half").id)[1].path)
    bad.write_bytes(hostile.endless_samples())
    os.utime(bad, (1_600_000_000, 1_600_000_000))
    monkeypatch.setattr(caged.CAGE, "limits", Limits(processor=1))
    monkeypatch.setattr(media, "is_muted", lambda: False)
    scan(series_instance)
    scan(series_instance)
    assert File.objects.get(path=str(bad)).scan_state.problem == FileProblem.UNREADABLE


# A file that was replaced


def times_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_atime_ns, status.st_mtime_ns


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The names of the files that are read from now on."""
    seen: list[str] = []

    def probe(local: str, **how: Any) -> object:
        seen.append(Path(local).name)
        return real_probe(local, **how)

    monkeypatch.setattr(reading, "probe", probe)
    return seen


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_seen(series_instance, shows, scan):
    scan(series_instance)
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    times, size = times_of(path), path.stat().st_size
    new = path.with_suffix(".new")
    assert write(new, spec("eng")) == size
    os.utime(new, ns=times)
    new.rename(path)
    assert (times_of(path)[1], path.stat().st_size) == (times[1], size)

    scan(series_instance, deep=True)

    assert File.objects.get(path=str(path)).scan_state.languages == ["eng"]


def test_changed_rights_cost_one_look_at_the_header_and_change_nothing(series_instance, shows, scan, reads):
    scan(series_instance)
    reads.clear()
    path = Path(shows.files_of(shows.titled("Native").id)[0].path)
    path.chmod(0o600)
    job = scan(series_instance, deep=True)
    assert (reads, job.summary["changed"]) == ([path.name], 0)
    assert not [issue for issue in find_issues(live=False) if path.name in issue.what]
    scan(series_instance, deep=True)
    assert reads == [path.name]


def test_a_mount_that_numbers_its_files_anew_is_read_once_more_and_never_again(
    series_instance, shows, scan, reads, monkeypatch
):
    scan(series_instance)
    files = len(reads)
    numbers = count(1)

    def renumbered(status: os.stat_result) -> Fingerprint:
        return replace(fingerprint_of(status), inode=next(numbers))

    monkeypatch.setattr("scanner.probe.storage.fingerprint_of", renumbered)
    monkeypatch.setattr("scanner.scan.drift.fingerprint_of", renumbered)
    scan(series_instance, deep=True)
    assert len(reads) == 2 * files
    for _ in range(3):
        assert scan(series_instance, deep=True).summary["to_scan"] == 0
    assert len(reads) == 2 * files
    assert verdicts() == EXPECTED
