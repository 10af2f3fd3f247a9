"""`script/up` as a whole: real servers, real programs, real signals."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import psutil
import pytest

from core.servers import SERVERS_FILE
from system import up
from system.supervisor import CHILDREN_FILE
from tests.ports import kept_port
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "TAGGARR_SECRET_KEY", "TAGGARR_ENCRYPTION_KEYS")


@pytest.fixture(scope="module")
def environment():
    """The settings of a person who has set nothing but the data folder and the ports.

    One data folder serves all the starts here, so that one of them alone makes the database.
    """
    data = Path(tempfile.mkdtemp(prefix="taggarr-up-"))
    data.chmod(0o711)
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    with kept_port() as web:
        yield {**clean, "TAGGARR_DATA": str(data), "TAGGARR_PORT": str(web), "TAGGARR_WORKERS": "1"}
    shutil.rmtree(data)


class Started:
    """A running `python -m system.up`, after it said that it is up."""

    def __init__(self, environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "system.up"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "Ctrl-C stops everything" in line:
                break
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number):
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=PATIENCE)
        return out


def ping(environment):
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{environment['TAGGARR_PORT']}/ping", timeout=PATIENCE
        ) as answer:
            return json.load(answer) == {"status": "OK"}
    except OSError:
        return False


def still_running(processes):
    return psutil.wait_procs(processes, timeout=PATIENCE)[1]


def children(environment):
    return set(json.loads((Path(environment["TAGGARR_DATA"]) / CHILDREN_FILE).read_text()))


STAGE = """
from core.loading import load

load()
from django.core.management import call_command
from scanner.models import Policy
from system.backup.services import list_backups

Policy.objects.create(name="before", target_languages=["eng"])
call_command("backup")
Policy.objects.create(name="after", target_languages=["eng"])
call_command("restore", list_backups()[0].name, "--at-next-start")
print(list_backups()[0].name, *sorted(Policy.objects.values_list("name", flat=True)))
"""
POLICIES = """
from core.loading import load

load()
from scanner.models import Policy

print(*sorted(Policy.objects.values_list("name", flat=True)))
"""


def python(environment, program):
    """The last line that a program prints in a second terminal."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_everything_starts_recovers_stops_restores_and_survives_a_kill(environment):
    """One life of an installation: each of its three starts costs what many tests do."""
    first = Started(environment)
    assert any(f"http://127.0.0.1:{environment['TAGGARR_PORT']}/" in line for line in first.said)
    assert any("it asks for the token" in line for line in first.said)
    wait_until(lambda: ping(environment))

    # Another terminal finds the running servers by the data folder alone.
    command = [sys.executable, "manage.py", "migrate", "--check"]
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0

    # A second start over the same folder is refused in one line.
    second = subprocess.run(
        [sys.executable, "-m", "system.up"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert f"already runs over {environment['TAGGARR_DATA']} (process {first.process.pid})" in second.stderr

    # A killed program comes back.
    before = children(environment)
    os.kill(int(sorted(before)[0]), signal.SIGKILL)
    wait_until(lambda: children(environment) not in (before, set()))
    wait_until(lambda: ping(environment))

    backup, *policies = python(environment, STAGE).split()
    assert policies == ["after", "before"]
    assert first.end(signal.SIGINT).endswith("Stopped.\n")
    assert first.process.returncode == 0
    assert still_running(first.family) == []
    assert not (Path(environment["TAGGARR_DATA"]) / SERVERS_FILE).exists()

    # The next start restores the backup that was staged.
    killed = Started(environment)
    assert f"Restored {backup}" in "".join(killed.said)
    assert not any("it asks for the token" in line for line in killed.said)
    wait_until(lambda: ping(environment))
    assert python(environment, POLICIES) == "before"
    kept = {path.name for path in (Path(environment["TAGGARR_DATA"]) / "backups").iterdir()}
    assert backup in kept
    assert any(name.startswith("before-restore-") for name in kept)

    # A start after a kill finds its data, and leaves nothing of the killed one behind.
    killed.process.kill()
    killed.process.communicate()
    assert any(process.is_running() for process in killed.family)
    last = Started(environment)
    assert not any("in use" in line for line in last.said)
    assert still_running(killed.family) == []
    assert python(environment, POLICIES) == "before"
    last.end(signal.SIGTERM)
    assert last.process.returncode == 0


def test_a_port_in_use_is_told_and_the_next_one_taken(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        monkeypatch.setenv("TAGGARR_PORT", str(number))

        chosen = up.choose_ports(flower=False)

    assert chosen.web > number
    assert chosen.flower is None
    assert capsys.readouterr().out == f"Port {number} is in use: web listens on {chosen.web} instead.\n"


@pytest.mark.parametrize(
    ("bind", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:84"),
        ("0.0.0.0", "http://localhost:84"),
        ("::", "http://localhost:84"),
        ("::1", "http://[::1]:84"),
    ],
)
def test_the_address_shown_can_be_opened(bind, shown):
    assert up.shown_address(bind, 84) == shown


def test_a_failing_startup_ends_with_its_exit_code(environment):
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    ended = subprocess.run(
        [sys.executable, "-c", "import system.up as up; up.STARTUP = ('startup', '--wait=0'); up.main()"],
        cwd=ROOT,
        env={**environment, **away},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "The database does not answer" in ended.stderr
    assert "Redis does not answer" in ended.stderr
