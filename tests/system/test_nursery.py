"""Programs that are forks of one process: started, stopped and restarted as any other."""

import ctypes
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from system import programs
from system import supervisor as module
from system.programs import Program
from system.supervisor import Supervisor
from tests.waiting import wait_until

PR_SET_CHILD_SUBREAPER = 36
ROOT = Path(__file__).resolve().parents[2]
NURSERY = Program("nursery", (sys.executable, "-m", "system.nursery", "shared_things"), sees=())
SHARED = "import os\nLOADED_BY = os.getpid()\nKNEW = os.environ.get('TOLD', '')\n"
SLEEPER = """
import os, shared_things, sys, time
print("loaded by", shared_things.LOADED_BY, "told", os.environ["TOLD"], *sys.argv[1:], end="; ")
print("the nursery knew", repr(shared_things.KNEW), flush=True)
time.sleep(600)
"""
CRASHER = "import shared_things\nprint(shared_things.LOADED_BY, flush=True)\nraise SystemExit(3)\n"
PARENT = """
import os, time
if child := os.fork():
    print(child, flush=True)
    raise SystemExit(1)
os.close(1); os.close(2)
time.sleep(600)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Makes a supervisor with a nursery over modules of its own, quick to restart, and stops it."""
    modules = {"sleeper": SLEEPER, "second": SLEEPER, "crasher": CRASHER, "parent": PARENT}
    for name, text in {"shared_things": SHARED, **modules}.items():
        (tmp_path / f"{name}.py").write_text(text)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "TOLD": "secret"}
    monkeypatch.setattr("system.backoff.FIRST_DELAY", 0.05)
    monkeypatch.setattr(module, "WATCH_INTERVAL", 0.02)
    # The nursery sees nothing but what every program may; where our modules are is known to the interpreter.
    monkeypatch.setattr("core.env.PLAIN", frozenset({"PATH", "PYTHONPATH"}))
    made = []

    def make(*names):
        found = Supervisor(
            [Program(name, (sys.executable, "-m", name, "word"), nursery="nursery") for name in names],
            data=tmp_path / "data",
            folder=tmp_path,
            environment=environment,
            nurseries=(NURSERY,),
        )
        made.append(found)
        return found

    yield make
    for supervisor in made:
        supervisor.stop()
    # This process is no longer the parent of whatever loses its own.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def log(tmp_path, name):
    path = tmp_path / "data" / "logs" / f"{name}.log"
    return path.read_text() if path.exists() else ""


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_fork_has_what_was_imported_its_own_arguments_environment_and_group_and_its_nursery_is_gone(
    run, tmp_path
):
    with run("sleeper", "second") as supervisor:
        sleeper, second = (child.pid for child in supervisor.children)
        wait_until(lambda: log(tmp_path, "sleeper") and log(tmp_path, "second"))

        found = re.fullmatch(r"loaded by (\d+) (.*)\n", log(tmp_path, "sleeper"))
        assert found
        loader, told = found.groups()
        assert told == "told secret word; the nursery knew ''"
        assert f"loaded by {loader} " in log(tmp_path, "second")
        assert os.getpgid(sleeper) == sleeper != second == os.getpgid(second)
        assert psutil.Process(sleeper).name() == "sleeper"
        assert {one.pid for one in psutil.Process().children()} >= {sleeper, second}
        assert not psutil.pid_exists(int(loader))

    assert is_gone(sleeper)
    assert is_gone(second)


def test_a_fork_that_crashes_starts_again_from_a_new_nursery_and_its_exit_code_is_told(run, tmp_path, capsys):
    with run("crasher") as supervisor:
        wait_until(lambda: supervisor.children[0].restarts >= 2)

    assert len(set(log(tmp_path, "crasher").splitlines())) >= 2
    assert "crasher ended with exit code 3" in capsys.readouterr().err


def test_a_killed_fork_is_told_by_its_signal_and_the_others_go_on(run, capsys):
    with run("sleeper", "second") as supervisor:
        killed, other = supervisor.children
        first, kept = killed.pid, other.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: killed.pid not in (first, None))
        assert (other.pid, other.restarts) == (kept, 0)

    assert "sleeper ended with exit code -9" in capsys.readouterr().err


def test_what_outlives_its_program_is_no_zombie_when_it_ends(run, tmp_path):
    with run("parent") as supervisor:
        wait_until(lambda: supervisor.children[0].restarts >= 1)
        child = int(log(tmp_path, "parent").split()[0])
        wait_until(lambda: psutil.Process(child).ppid() == os.getpid())
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(child))


def test_a_nursery_that_cannot_import_is_told_and_tried_again(run, tmp_path, capsys):
    (tmp_path / "shared_things.py").write_text("raise SystemExit('no such luck')\n")
    with run("sleeper") as supervisor:
        wait_until(lambda: "no such luck" in log(tmp_path, "nursery"))
        (tmp_path / "shared_things.py").write_text(SHARED)
        wait_until(lambda: log(tmp_path, "sleeper"))
        wait_until(lambda: supervisor.children[0].pid is not None)

    assert "sleeper: " in capsys.readouterr().err


def test_a_nursery_whose_supervisor_was_killed_ends(tmp_path):
    (tmp_path / "shared_things.py").write_text(SHARED)
    code = "import subprocess, sys\nfrom system.nursery import Nursery\nnursery = Nursery()\n"
    code += "number = nursery.theirs.fileno()\n"
    code += "command = [sys.executable, '-m', 'system.nursery', 'shared_things', str(number)]\n"
    code += "print(subprocess.Popen(command, pass_fds=[number]).pid, flush=True)\nimport os; os._exit(0)\n"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True)

    wait_until(lambda: is_gone(int(told.stdout)))


def test_what_beat_is_a_fork_of_has_read_no_setting():
    code = "import taggarr.libraries\nfrom django.conf import settings\nassert not settings.configured"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PATH": os.environ["PATH"]}, check=True)


def test_no_program_is_a_fork_of_one_that_saw_more():
    nurseries = {one.name: one for one in programs.nurseries()}
    for program in (*programs.configured(8484, 5555), *nurseries.values()):
        parent = nurseries.get(program.nursery)
        assert parent is None or parent.sees == () or program.sees is None


def test_what_web_and_workers_are_forks_of_has_one_thread_and_imports_no_page(process_environment):
    code = "import sys, threading, taggarr.preloaded\nassert threading.active_count() == 1\n"
    code += (
        "print(*sorted({'rest_framework.views', 'taggarr.urls', 'web.urls', 'flower'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=process_environment, stdout=subprocess.PIPE, check=True
    )
    assert told.stdout.strip() == b""
