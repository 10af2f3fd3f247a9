import io
import json
import os
import sys
import time

import psutil
import pytest

from system import backoff
from system import supervisor as module
from system.programs import Program
from system.supervisor import CHILDREN_FILE, Supervisor, stop_leftovers
from tests.waiting import wait_until


def script(name, code, **options):
    return Program(name, (sys.executable, "-u", "-c", code), **options)


SLEEPER = "import time; print('ready'); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
STUBBORN += "print('ready'); time.sleep(600)"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Makes supervisors over one data folder, quick to restart, and stops them in the end."""
    made = []

    def make(*programs, echo=None):
        found = Supervisor(programs, data=tmp_path, folder=tmp_path, environment=dict(os.environ), echo=echo)
        made.append(found)
        return found

    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.05)
    monkeypatch.setattr(module, "WATCH_INTERVAL", 0.02)
    yield make
    for supervisor in made:
        supervisor.stop()


def log(tmp_path, name):
    path = tmp_path / "logs" / f"{name}.log"
    return path.read_text() if path.exists() else ""


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_output_goes_to_a_log_of_each_program_and_with_a_prefix_to_the_terminal(run, tmp_path):
    echo = io.StringIO()
    with run(
        script("one", SLEEPER), script("two", "print('hällo'); import time; time.sleep(600)"), echo=echo
    ):
        wait_until(lambda: log(tmp_path, "one") and log(tmp_path, "two"))

    assert log(tmp_path, "one") == "ready\n"
    assert log(tmp_path, "two") == "hällo\n"
    assert "two                | hällo\n" in echo.getvalue()


def test_without_a_data_folder_nothing_is_kept_and_lines_may_go_out_as_they_are(tmp_path, capsys):
    echo = io.StringIO()
    programs = [script("one", SLEEPER), script("crash", "print('{}'); raise SystemExit(3)")]
    with Supervisor(
        programs, data=None, folder=tmp_path, environment=dict(os.environ), echo=echo, prefixed=False
    ) as supervisor:
        wait_until(lambda: "ready\n" in echo.getvalue() and supervisor.children[1].restarts)
    assert set(echo.getvalue().splitlines()) == {"ready", "{}"}
    assert "crash ended with exit code 3; starts again in 1 s\n" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_crashed_program_starts_again_and_waits_longer_each_time(run, tmp_path, capsys):
    with run(script("crash", "print('here'); raise SystemExit(3)")) as supervisor:
        wait_until(lambda: supervisor.children[0].restarts >= 3)

    told = [line for line in capsys.readouterr().err.splitlines() if "ended with exit code 3" in line]
    assert len(told) >= 3
    assert "logs/crash.log" in told[0]
    assert supervisor.children[0].backoff.delay >= 0.05 * 8
    assert log(tmp_path, "crash").count("here") >= 3


def test_a_full_disk_keeps_no_crashed_program_from_starting_again(run, monkeypatch, capsys):
    supervisor = run(script("crash", "raise SystemExit(3)"))
    supervisor.start()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_private", full)
    wait_until(lambda: supervisor.children[0].restarts >= 3)
    assert f"{CHILDREN_FILE}: No space left on device" in capsys.readouterr().err


def test_a_program_that_cannot_be_started_now_is_tried_again(run, monkeypatch):
    supervisor = run(script("crash", "raise SystemExit(3)"))
    supervisor.start()
    child, failures = supervisor.children[0], []

    def no_memory(*_, **__):
        failures.append(1)
        raise OSError(12, "Cannot allocate memory")

    with monkeypatch.context() as patched:
        patched.setattr("system.supervisor.subprocess.Popen", no_memory)
        wait_until(lambda: len(failures) >= 2)
    restarts = child.restarts
    wait_until(lambda: child.restarts > restarts + 1)


def test_the_wait_is_never_longer_than_a_minute_and_short_again_after_a_steady_run(run, tmp_path):
    (child,) = run(script("done", "pass")).children
    child.start(os.environ, tmp_path)
    wait_until(lambda: child.pid is None)
    child.backoff.delay = 50
    assert not child.needs_start()
    assert child.backoff.delay == backoff.LONGEST_DELAY

    child.backoff._due, child.backoff._started = None, time.monotonic() - backoff.STEADY - 1
    child.needs_start()
    assert child.backoff.delay == 2 * backoff.FIRST_DELAY


def test_a_program_that_runs_is_left_alone(run):
    with run(script("steady", SLEEPER)) as supervisor:
        pid = supervisor.children[0].pid
        time.sleep(10 * module.WATCH_INTERVAL)  # that nothing happens cannot be waited for otherwise

        assert supervisor.children[0].pid == pid is not None
        assert supervisor.children[0].restarts == 0


def test_workers_are_stopped_after_all_else(run, tmp_path):
    told = "import signal, sys, time\ndef end(*_):\n    print(time.monotonic_ns()); time.sleep(0.2)\n"
    told += "    sys.exit()\n"
    told += "signal.signal(signal.SIGTERM, end)\nprint('ready')\ntime.sleep(600)"
    with run(script("worker", told, stop_first=False), script("beat", told)):
        wait_until(lambda: "ready" in log(tmp_path, "worker") and "ready" in log(tmp_path, "beat"))

    beat, worker = (int(log(tmp_path, name).split()[1]) for name in ("beat", "worker"))
    assert worker - beat >= 150_000_000


def test_what_does_not_end_in_its_grace_is_killed_with_all_it_started(run, tmp_path, capsys):
    code = "import subprocess, sys\n"
    code += f"print(subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).pid)\n{STUBBORN}"
    with run(script("stubborn", code, grace=0.2)) as supervisor:
        wait_until(lambda: log(tmp_path, "stubborn").count("ready") == 2)
        (child,) = (int(word) for word in log(tmp_path, "stubborn").split() if word.isdigit())
        pids = [supervisor.children[0].pid, child]

    wait_until(lambda: all(is_gone(pid) for pid in pids))
    assert "did not end within 0.2 s and was killed" in capsys.readouterr().err


def test_stopping_twice_or_before_the_start_does_nothing(run):
    supervisor = run(script("one", SLEEPER))
    supervisor.stop()
    with run(script("one", SLEEPER)) as started:
        started.stop()
        started.stop()


def test_programs_of_a_killed_supervisor_are_ended_by_the_next_one(run, tmp_path):
    killed = run(script("left", STUBBORN)).start()
    pid = killed.children[0].pid
    wait_until(lambda: "ready" in log(tmp_path, "left"))

    stop_leftovers(tmp_path)
    wait_until(lambda: is_gone(pid))

    with run(script("new", SLEEPER)) as supervisor:
        assert json.loads((tmp_path / CHILDREN_FILE).read_text()).keys() == {str(supervisor.children[0].pid)}
    assert not (tmp_path / CHILDREN_FILE).exists()


def test_a_process_that_was_given_the_number_since_is_left_alone(run, tmp_path):
    with run(script("stranger", SLEEPER)) as supervisor:
        pid = supervisor.children[0].pid
        (tmp_path / CHILDREN_FILE).write_text(json.dumps({str(pid): 1.0, "999999999": 2.0}))
        stop_leftovers(tmp_path)

        assert supervisor.children[0].pid == pid


def test_a_broken_note_of_children_is_no_obstacle(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / CHILDREN_FILE).write_text("{")

    stop_leftovers(tmp_path)


def test_output_that_is_no_text_is_kept_readable(run, tmp_path):
    with run(script("bytes", "import sys, time; sys.stdout.buffer.write(b'\\xff\\n'); time.sleep(600)")):
        wait_until(lambda: log(tmp_path, "bytes"))

    assert log(tmp_path, "bytes") == "\ufffd\n"
