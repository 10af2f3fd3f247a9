"""Root folders between scans: what is told of them, and that a mount that hangs holds nobody."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from connections.models import Connection
from core.errors import StorageError
from core.words import Phrase
from jobs.models import Job, JobState
from library.folder_look import Look, Trouble
from library.models import Media, PathMapping
from scanner import root_watch
from scanner.health.roots import full_media_disks, lost_roots
from scanner.health.titles import not_scanned
from scanner.models import Policy, ScanSettings, ScanState
from system.health import find_issues
from system.models import RuntimeSetting
from tests.connections.build import make_connection
from tests.library.build import add_file
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data")]


@pytest.fixture
def connection(policy: Policy) -> Connection:
    return make_connection(
        name="My TV", kind="sonarr", url="http://s.test", api_key="key", policy=policy, facts_from="disk"
    )


@pytest.fixture
def tv(connection: Connection, tmp_path: Path) -> Path:
    """The root folder of a series with a file."""
    folder = tmp_path / "tv"
    (folder / "Dark").mkdir(parents=True)
    add_media(connection, folder / "Dark")
    return folder


def add_media(connection: Connection, path: Path | str, **fields) -> Media:
    number = Media.objects.count() + 1
    return Media.objects.create(
        connection=connection, arr_id=number, title=f"T{number}", path=str(path), arr_file_count=1, **fields
    )


def told() -> list[str]:
    return [issue.what for issue in lost_roots()]


def looked(folders: dict[str, Look] | None):
    """A look that finds this, without a program."""
    return lambda wanted: None if folders is None else {one: folders.get(one, Look()) for one in wanted}


def test_a_folder_that_goes_away_is_told_and_so_is_its_return(connection, tv):
    root_watch.look()
    assert told() == []
    tv.rename(tv.with_name("away"))
    root_watch.look()
    assert told() == [f"The folder {tv} is not there: mount it, or add a path mapping to the instance."]
    tv.mkdir()
    root_watch.look()
    assert told() == [f"The folder {tv} is empty, though the app has files in it: check its mount."]
    tv.rmdir()
    tv.with_name("away").rename(tv)
    root_watch.look()
    assert told() == []


def test_it_is_told_where_it_should_lie_here(connection, tmp_path, monkeypatch):
    PathMapping.objects.create(connection=connection, remote_prefix="/tv", local_prefix=str(tmp_path / "tv"))
    add_media(connection, "/tv/Dark")
    monkeypatch.setattr(
        root_watch, "_look_at", looked({str(tmp_path / "tv"): Look(Trouble.UNREADABLE, "Stale file handle")})
    )
    root_watch.look()
    assert told() == [
        f"The folder /tv ({tmp_path}/tv here) cannot be read (Stale file handle): check its mount and "
        "permissions."
    ]


def test_a_folder_that_never_was_mounted_here_is_none_that_went_away(connection, tv):
    ScanSettings.objects.update(facts_from="auto")
    tv.rename(tv.with_name("away"))
    root_watch.look()
    assert told() == []
    add_file(media=Media.objects.get(), path="/1.mkv", engine="matroska", probed_at=timezone.now())
    root_watch.look()
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("model", "change"), [(ScanSettings, {"facts_from": "arr"}), (Connection, {"enabled": False})]
)
def test_what_is_not_read_here_any_more_is_told_no_more(connection, tv, model, change):
    tv.rename(tv.with_name("away"))
    root_watch.look()
    model.objects.update(**change)
    assert told() == []
    root_watch.look()
    assert root_watch.last_look() == []


def test_a_connection_that_holds_no_titles_keeps_no_folder_from_being_looked_at(connection, tv):
    Connection.objects.create(name="Plex", kind="plex", url="http://plex.lan:32400")
    tv.rename(tv.with_name("away"))
    root_watch.look()
    assert len(told()) == 1


def test_a_look_of_long_ago_tells_nothing(connection, tv):
    tv.rename(tv.with_name("away"))
    root_watch.look()
    RuntimeSetting.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert told() == []


def test_an_api_key_that_does_not_decrypt_hides_no_folder(connection, tv, settings):
    settings.ENCRYPTION_KEYS = ["0" * 43 + "="]
    tv.rename(tv.with_name("away"))
    root_watch.look()
    assert len(told()) == 1


# --- What scans said before -----------------------------------------------------------------------


def failed_scan(tv: Path) -> None:
    ScanState.objects.update(scan_error=Phrase("root.missing", folder=str(tv), reason=""))


def test_a_lost_folder_is_told_once_and_not_by_the_last_scan_too(connection, tv):
    failed_scan(tv)
    assert [issue.what for issue in not_scanned()] == [Media.objects.get().scan_state.scan_error]
    tv.rename(tv.with_name("away"))
    root_watch.look()
    assert list(not_scanned()) == []
    assert told() == [Media.objects.get().scan_state.scan_error]


def test_what_the_last_scan_said_of_a_folder_is_over_when_it_is_back_until_another_scan_says_it(
    connection, tv
):
    failed_scan(tv)
    tv.rename(tv.with_name("away"))
    root_watch.look()
    tv.with_name("away").rename(tv)
    root_watch.look()
    assert list(not_scanned()) == []
    assert Media.objects.get().scan_state.scan_error, "the next scan is to read it"
    Job.objects.create(name="scan", connection=connection, state=JobState.RUNNING, started_at=timezone.now())
    assert len(list(not_scanned())) == 1, "a worker that does not see it scans"


def test_other_errors_of_scans_and_other_folders_are_told_as_ever(connection, tv):
    tv.rename(tv.with_name("away"))
    root_watch.look()
    for said in ("My TV: Sonarr answered 404.", Phrase("root.missing", folder=f"{tv}2", reason="")):
        ScanState.objects.update(scan_error=said)
        assert [issue.what for issue in not_scanned()] == [said]


# --- Disks ----------------------------------------------------------------------------------------


def test_a_full_media_disk_is_told_where_nfo_files_are_written(connection, tv, monkeypatch):
    found = {"free": 80 * 2**20}
    monkeypatch.setattr(
        root_watch, "_look_at", lambda wanted: {one: Look(free=found["free"]) for one in wanted}
    )
    root_watch.look()
    assert list(full_media_disks()) == []
    own = Policy.objects.create(name="Own", target_languages=["eng"], write_nfo=True)
    ScanState.objects.update(policy_override=own)
    (issue,) = full_media_disks()
    assert (issue.source, issue.what) == ("My TV", f"The disk of {tv} is nearly full: 80 MiB left.")
    ScanState.objects.update(policy_override=None)
    Policy.objects.update(write_nfo=True)
    assert len(list(full_media_disks())) == 1
    found["free"] = 10**9
    root_watch.look()
    assert list(full_media_disks()) == []


# --- A mount that hangs ---------------------------------------------------------------------------

HANGS = """
import json, sys, time
first, *others = json.load(sys.stdin)
for folder in others:
    print(json.dumps({"folder": folder, "trouble": "", "reason": "", "free": 10**12}), flush=True)
time.sleep(600)
"""


def test_a_mount_that_hangs_holds_nobody_and_hides_no_other(connection, tv, monkeypatch):
    add_media(connection, tv.with_name("anime") / "Sparrows")
    monkeypatch.setattr(root_watch, "PROGRAM", (sys.executable, "-S", "-c", HANGS))
    monkeypatch.setattr(root_watch, "LIMIT", 3.0)
    before = {child.pid for child in psutil.Process().children()}

    root_watch.look()

    (what,) = told()
    assert what.startswith(
        f"The folder {tv.with_name('anime')} does not answer: check the disk or the server"
    )
    wait_until(lambda: {child.pid for child in psutil.Process().children()} <= before, "the look was ended")


def test_while_an_earlier_look_cannot_even_be_killed_what_it_found_goes_on_to_be_told(
    connection, tv, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch:
        left = f"sleep 600 >/dev/null & echo $! >{tmp_path}/left"
        patch.setattr(root_watch, "PROGRAM", ("sh", "-c", left))
        root_watch.look()
    assert len(told()) == 1
    RuntimeSetting.objects.update(updated_at=timezone.now() - timedelta(minutes=9))
    root_watch.look()
    assert len(told()) == 1
    assert RuntimeSetting.objects.get().updated_at > timezone.now() - timedelta(minutes=5)
    psutil.Process(int((tmp_path / "left").read_text())).kill()

    def all_is_well() -> bool:
        root_watch.look()
        return told() == []

    wait_until(all_is_well, "the next look is made")


@pytest.mark.parametrize("program", [(sys.executable, "-S", "-c", "raise SystemExit(3)"), ("/no/such",)])
def test_a_look_that_fails_accuses_no_folder(connection, tv, monkeypatch, program):
    monkeypatch.setattr(root_watch, "PROGRAM", program)
    with pytest.raises(StorageError, match="The root folders cannot be looked at: "):
        root_watch.look()
    assert root_watch.last_look() == []


def test_where_no_folder_is_known_no_program_is_started(monkeypatch):
    monkeypatch.setattr(root_watch, "PROGRAM", ("/no/such",))
    root_watch.look()
    assert root_watch.last_look() == []


def test_health_asks_for_it_in_the_language_of_the_page(connection, tv, admin_client, no_worker_is_asked):
    tv.rename(tv.with_name("away"))
    root_watch.look()
    page = admin_client.get("/system/health", headers={"Accept-Language": "de"}).content.decode()
    assert f"Der Ordner {tv} ist nicht da" in page
    assert [issue.code for issue in find_issues() if issue.source == "My TV"] == ["lost_roots"]
    assert json.loads(json.dumps(RuntimeSetting.objects.get(name="roots").value))[0]["trouble"] == "missing"
