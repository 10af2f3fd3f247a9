"""Programs that are forks of one process: started, stopped and restarted as any other."""

import os
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

ROOT = Path(__file__).resolve().parents[2]
NURSERY = Program("nursery", (sys.executable, "-m", "system.nursery", "shared_things"), sees=())
SHARED = "import os\nLOADED_BY = os.getpid()\n"
SLEEPER = """
import os, shared_things, sys, time
print("loaded by", shared_things.LOADED_BY, "told", os.environ["TOLD"], *sys.argv[1:], flush=True)
time.sleep(600)
"""
CRASHER = "print('here', flush=True)\nraise SystemExit(3)\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Makes a supervisor with a nursery over modules of its own, quick to restart, and stops it."""
    for name, text in {"shared_things": SHARED, "sleeper": SLEEPER, "crasher": CRASHER}.items():
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


def log(tmp_path, name):
    path = tmp_path / "data" / "logs" / f"{name}.log"
    return path.read_text() if path.exists() else ""


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_fork_shares_what_was_imported_and_has_its_own_arguments_environment_and_group(run, tmp_path):
    with run("sleeper") as supervisor:
        nursery, sleeper = (child.pid for child in supervisor.children)
        wait_until(lambda: log(tmp_path, "sleeper"))

        assert log(tmp_path, "sleeper") == f"loaded by {nursery} told secret word\n"
        assert b"TOLD=" not in Path(f"/proc/{nursery}/environ").read_bytes()
        assert os.getpgid(sleeper) == sleeper != os.getpgid(nursery)
        assert psutil.Process(sleeper).name() == "sleeper"

    wait_until(lambda: is_gone(sleeper) and is_gone(nursery))


def test_a_fork_that_crashes_starts_again_and_its_exit_code_is_told(run, tmp_path, capsys):
    with run("crasher") as supervisor:
        wait_until(lambda: supervisor.children[1].restarts >= 2)

    assert log(tmp_path, "crasher").count("here") >= 2
    assert "crasher ended with exit code 3" in capsys.readouterr().err


def test_a_killed_fork_is_told_by_its_signal(run, capsys):
    with run("sleeper") as supervisor:
        os.kill(supervisor.children[1].pid, signal.SIGKILL)
        wait_until(lambda: supervisor.children[1].restarts == 1)

    assert "sleeper ended with exit code -9" in capsys.readouterr().err


def test_the_end_of_the_nursery_ends_no_fork_and_it_starts_again(run, tmp_path):
    with run("sleeper") as supervisor:
        nursery, sleeper = supervisor.children
        first, kept = nursery.pid, sleeper.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: nursery.pid not in (first, None))
        assert sleeper.pid == kept
        assert sleeper.restarts == 0

        # A fork that outlived its nursery is missed when it ends all the same, and is one of the next then.
        os.kill(kept, signal.SIGKILL)
        wait_until(lambda: f"loaded by {nursery.pid} " in log(tmp_path, "sleeper"))
        assert sleeper.pid not in (kept, None)


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
