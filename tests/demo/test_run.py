"""`script/demo` as a whole, and its parts."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from core.errors import ConfigError
from demo import run as demo
from demo.library import build_library
from demo.players.state import PlayerState
from system.embedded import EmbeddedServers
from system.up import Ports
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
# `python -m demo.run --once`, on other ports than the tests of `script/up`, which may run at the same time.
ONCE = """
import sys
from demo import run
from system import up

up.FIRST_SERVER_PORT = 25484
sys.exit(run.main(["--once"]))
"""
OURS = ("DATABASE_URL", "REDIS_URL", "TAGGARR_SECRET_KEY", "TAGGARR_ENCRYPTION_KEYS")


@pytest.fixture
def data():
    folder = Path(tempfile.mkdtemp(prefix="taggarr-demo-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def run_once(data):
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, "-c", ONCE],
        cwd=ROOT,
        env={**environment, "TAGGARR_DATA": str(data), "TAGGARR_WORKERS": "2"},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )


def requests(output, app):
    found = re.search(rf"^  {app} +(.*): (\d+) requests$", output, re.MULTILINE)
    assert found, output
    return int(found[2]), found[1]


def stored_verdicts(data):
    with EmbeddedServers(data) as servers, psycopg.connect(servers.database_url) as connection:
        rows = connection.execute(
            "SELECT kind, title, verdict FROM scanner_scanstate"
            " JOIN library_media AS media ON media_id = media.id"
            " JOIN connections_connection AS app ON connection_id = app.id"
        )
        found: dict[str, dict[str, str]] = {"sonarr": {}, "radarr": {}}
        for kind, title, verdict in rows:
            found[kind][title] = verdict
        return found


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_the_demo_scans_its_library_and_a_second_start_finds_nothing_to_do(data):
    first = run_once(data)
    assert first.returncode == 0, first.stdout + first.stderr
    password = (data / "admin-password").read_text()
    assert stat.S_IMODE((data / "admin-password").stat().st_mode) == 0o600

    for player in ("Plex", "Jellyfin", "Kodi"):
        shown = first.stdout.partition(f"What Demo {player} shows now")[2].partition("\n\n")[0]
        assert re.search(r"^  Lantern Harbour +(anime, )?dub$", shown, re.MULTILINE | re.IGNORECASE), (
            first.stdout
        )

    posters = first.stdout.partition("Which posters were chosen, and why")[2].partition("\n\n")[0]
    assert re.search(
        r"^  Le Café des Brumes +fr, TMDB, 1 of 12 +published +5\d.\d points: size", posters, re.MULTILINE
    )
    assert re.search(r"^  Clockwork Sparrows +ja, TMDB, 1 of 12 +5\d.\d points", posters, re.MULTILINE)
    pictures = {path.name for path in (data / "library/media/movies/Midnight Ferry (2012)").iterdir()}
    assert {"poster.jpg", "fanart.jpg"} <= pictures

    brought = first.stdout.partition("What five lists brought into the collection")[2]
    assert re.search(r"^  letterboxd-ute.zip +Letterboxd +80 added, 6 to decide$", brought, re.MULTILINE)
    assert re.search(
        r"^  Midnight Ferry +Midnight Ferry \(2012\) +85 %: same title, same year$", brought, re.MULTILINE
    )

    assert "Sonarr replaces the files of The Last Tea House by a release without the dub." in first.stdout
    library = build_library(data / "library")
    assert library.reused
    series = len(library.verdicts["sonarr"])
    assert requests(first.stdout, "Sonarr")[0] <= 8 + 2 * series
    assert requests(first.stdout, "Radarr")[0] <= 8

    second = run_once(data)
    assert second.returncode == 0, second.stdout + second.stderr
    assert (data / "admin-password").read_text() == password
    assert "replaces" not in second.stdout
    assert second.stdout.partition("What five lists")[2] == first.stdout.partition("What five lists")[2]
    for app in ("Sonarr", "Radarr"):
        count, methods = requests(second.stdout, app)
        assert count <= 3
        assert "PUT" not in methods

    expected = {
        kind: {title: verdict for title, verdict in titles.items() if title not in library.flags_only}
        for kind, titles in library.verdicts.items()
    }
    found = stored_verdicts(data / demo.OWN)
    for kind, titles in expected.items():
        assert {title: found[kind].get(title) for title in titles} == titles


def test_the_demo_keeps_apart_from_a_persons_own_data(monkeypatch):
    monkeypatch.delenv("TAGGARR_DATA")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert demo.demo_folder() == Path("/var/lib/taggarr-demo")

    monkeypatch.setenv("TAGGARR_DATA", "/srv/demo")
    assert demo.demo_folder() == Path("/srv/demo")


def test_requests_are_counted_by_method():
    journal: list[dict[str, object]] = [{"method": "PUT"}, {"method": "GET"}, {"method": "GET"}]

    assert demo.request_counts(journal) == "2 GET, 1 PUT: 3 requests"
    assert demo.request_counts([]) == "nothing: 0 requests"


def test_only_pages_that_are_there_are_printed(monkeypatch, capsys):
    monkeypatch.setattr(demo, "answers", lambda address: address.endswith("/admin/"))

    demo.print_addresses(Ports(web=8484, flower=5555), "secret", Path("/srv/demo"))

    assert capsys.readouterr().out == (
        "\nAdmin     http://127.0.0.1:8484/admin/\n"
        "Flower    http://127.0.0.1:5555\n"
        "Sign in   user admin, password secret\n"
        "Data      /srv/demo   (delete it to start anew)\n"
    )


def test_a_folder_that_is_not_the_demos_is_left_alone(data):
    (data / "library" / "media").mkdir(parents=True)

    with pytest.raises(ConfigError, match="was not made by the demo"):
        demo.make_library(data)


def test_a_library_that_cannot_be_written_is_told(data):
    (data / "library").write_text("")

    with pytest.raises(ConfigError, match="Cannot write to"):
        demo.make_library(data)


@pytest.mark.parametrize(
    ("raised", "told"),
    [(ConfigError("No room."), "taggarr: No room."), (RuntimeError("It broke."), "taggarr: It broke.")],
)
def test_what_stops_the_demo_is_one_line(monkeypatch, capsys, raised, told):
    def fail(**_):
        raise raised

    monkeypatch.setattr(demo, "end_like_ctrl_c", lambda: None)
    monkeypatch.setattr(demo, "run", fail)

    with pytest.raises(SystemExit) as ended:
        demo.main(["--once"])

    assert ended.value.code == 2
    assert capsys.readouterr().err.strip() == told


def test_what_a_player_shows_is_told_by_title():
    state = PlayerState("plex")
    movies = state.add_library("Movies", "movie", ["/movies"])
    state.add_movie(movies.id, "/movies/b.mkv", title="B", lists={"label": ["Dub"]})
    state.add_movie(movies.id, "/movies/c.mkv", title="C")
    state.add_movie(movies.id, "/movies/a.mkv", title="A", lists={"label": ["Dub", "kids"]})

    assert demo.labels_in(state) == [("A", ["Dub", "kids"]), ("B", ["Dub"])]
