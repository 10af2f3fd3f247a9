"""A cage runs code on a file, and whatever that does stays in it."""

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from core.cage import keeper, walls
from core.cage.keeper import ROOT, BrokenError, Cage, Limits, StalledError, UnreadyError
from core.cage.walls import Wall
from tests.waiting import wait_until

INSIDE = "tests.core.cage.inside"
NEEDS_FILTER = pytest.mark.skipif(
    walls.call_filter(os.uname().machine, 1) is None, reason="no filter of system calls for this machine"
)


@pytest.fixture
def cage():
    made = Cage(f"{INSIDE}:work", f"{INSIDE}:prepare", Limits(processor=1))
    yield made
    made.end()


@pytest.fixture
def ask(cage, tmp_path):
    """Calls the cage with a file that says hello."""
    path = tmp_path / "hello.txt"
    path.write_text("hello", encoding="utf-8")

    def call(do, *, keep_alive=lambda: None, patient=True, **parameters):
        with path.open("rb") as file:
            return cage.call(file.fileno(), {"do": do, **parameters}, keep_alive, patient=patient)

    return call


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_one_process_starts_with_the_first_file_and_serves_many(cage, ask):
    assert cage.process is None
    told = [ask("read") for _ in range(3)]
    assert [one["read"] for one in told] == ["hello"] * 3
    assert [one["files"] for one in told] == [1, 2, 3]
    assert {one["process"] for one in told} == {cage.process}


def test_it_knows_nothing_of_its_parent(cage, ask, monkeypatch, tmp_path):
    monkeypatch.setenv("TAGGARR_SECRET_KEY", "do-not-tell")
    with (tmp_path / "secret").open("w") as held:
        # As a library in C may leave one; those that Python opens are not inherited.
        os.set_inheritable(held.fileno(), True)
        told = ask("see")
    assert told["environment"].keys() <= {"LD_LIBRARY_PATH", "LC_CTYPE"}
    own = Path(f"/proc/{cage.process}")
    assert b"do-not-tell" not in (own / "environ").read_bytes()
    assert (own / "cwd").resolve() == Path("/")
    assert os.getsid(cage.process) == cage.process
    links = {number.name: str(number.readlink()) for number in (own / "fd").iterdir()}
    assert links.pop("0").startswith("socket:")
    assert links == {"1": "/dev/null", "2": "/dev/null"}


def test_its_limits(cage, ask):
    ask("read")

    def limit(name):
        return resource.prlimit(cage.process, getattr(resource, f"RLIMIT_{name}"))

    assert limit("AS") == (512 << 20, 512 << 20)
    assert limit("NOFILE") == (4, 4)
    assert [limit(name) for name in ("FSIZE", "CORE", "NPROC", "MEMLOCK")] == [(0, 0)] * 4
    assert 0 < limit("CPU")[0] <= 4


@NEEDS_FILTER
def test_what_keeps_it_in_can_be_asked_and_leaves_no_process(cage):
    assert cage.find_wall() == Wall.CALLS
    assert cage.process is None


@NEEDS_FILTER
def test_it_can_read_its_file_and_nothing_else(cage, ask, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    found = ask("attempt", secret=str(secret), parent=os.getpid())
    assert cage.wall == "seccomp"
    assert [name for name, why in found.items() if why == "could"] == []
    assert set(found.values()) <= {"PermissionError", "OSError", "RuntimeError", "ValueError"}
    assert ask("read")["read"] == "hello"


def test_without_the_filter_it_can_still_open_and_start_nothing(cage, ask, tmp_path, monkeypatch):
    """Where seccomp cannot be had: the table of its files is full."""
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from core.cage import child, walls; "
        "walls.call_filter = lambda *_: None; child.main()"
    )
    monkeypatch.setattr("core.cage.keeper._START", code)
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    names = ["read a file", "list a folder", "write a file", "open a socket"]
    found = ask("attempt", secret=str(secret), parent=os.getpid(), names=names)
    assert found == dict.fromkeys(names, "OSError")
    networks = {Path(f"/proc/{process}/ns/net").readlink() for process in ("self", cage.process)}
    if a_network_of_its_own_is_to_be_had():
        assert (cage.wall, len(networks)) == (Wall.NETWORK, 2)
    else:
        assert (cage.wall, len(networks)) == (Wall.NONE, 1)


def a_network_of_its_own_is_to_be_had():
    """Whether this system lets a process have one: many containers do not."""
    code = (
        "from ctypes import CDLL; u = CDLL(None).unshare; raise SystemExit(u(0x50000000) and u(0x40000000))"
    )
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("do", "what"),
    [
        ("crash", r"crashed \(SIGSEGV\)"),
        ("abort", r"crashed \(SIGABRT\)"),
        ("leave", "ended without an answer"),
        ("fail", r"failed \(KeyError\)"),
        ("fill", "took more than 512 MiB of memory"),
        ("burn", "took more than 1 seconds of processor time"),
        ("ignore_signals", "took more than 1 seconds of processor time"),
        ("answer_too_much", "answered nonsense"),
        ("close_the_line", "ended without an answer"),
    ],
)
def test_what_breaks_it_is_told_and_the_next_file_is_read(ask, do, what):
    with pytest.raises(BrokenError, match=f"^{what}$"):
        ask(do)
    assert ask("read")["read"] == "hello"


@pytest.mark.parametrize("text", ["no JSON", "[1]", '"answer"', "[" * 30_000, "1" * 10_000, "{}", "\x00"])
def test_an_answer_that_is_nonsense(ask, text):
    with pytest.raises(BrokenError, match=r"^answered nonsense$"):
        ask("answer_garbage", text=text)
    assert ask("read")["files"] == 1


def test_what_waits_for_its_disk_is_not_blamed(cage, ask, monkeypatch):
    ask("read")
    monkeypatch.setattr(cage, "limits", Limits(clock=1))
    with pytest.raises(StalledError, match=r"^had no answer after 1 seconds$"):
        ask("sleep")
    assert cage.process is None


def test_a_file_is_not_blamed_for_what_the_one_before_it_broke(cage, ask):
    first = ask("read")["process"]
    told = ask("crash_later")
    assert (told["read"], told["files"]) == ("hello", 1)
    assert told["process"] == cage.process != first


@pytest.mark.parametrize("patient", [True, False])
def test_a_process_that_is_killed_between_two_files_is_replaced(cage, ask, patient):
    first = ask("read")["process"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: is_gone(first))
    assert ask("read", patient=patient)["files"] == 1


def test_a_quick_try_gets_what_a_start_takes_and_is_not_repeated(cage, ask):
    first = ask("read", patient=False)["process"]
    with pytest.raises(BrokenError, match=r"^took more than 0\.\d+ seconds of processor time$"):
        ask("burn", patient=False)
    second = ask("read", patient=False)
    assert (second["files"], second["process"] != first) == (1, True)
    with pytest.raises(BrokenError, match=r"^crashed \(SIGSEGV\)$"):
        ask("crash_later", patient=False)
    assert cage.process is None


def test_a_process_that_starts_slowly_is_given_more_for_a_quick_try(cage, ask):
    """On a slow machine a good file takes longer as well."""
    ask("read")
    cage._prisoner.start = 5.0
    assert ask("work_long", patient=False)["files"] == 2
    cage._prisoner.start = 0.0
    with pytest.raises(BrokenError, match=r"^took more than 0\.05 seconds of processor time$"):
        ask("burn", patient=False)


def test_parameters_may_be_as_long_as_a_socket_takes(ask, monkeypatch):
    with pytest.raises(BrokenError, match=r"^failed \(TypeError\)$"):
        ask("read", padding="x" * 60_000)
    assert ask("read")["read"] == "hello"
    with pytest.raises(ValueError, match="too long"):
        ask("read", padding="x" * 70_000)


def test_one_that_is_killed_in_the_middle_of_a_file_gets_a_second_try_and_no_third(cage, ask):
    killed = set()

    def kill():
        killed.add(cage.process)
        os.kill(cage.process, signal.SIGKILL)

    with pytest.raises(BrokenError, match=r"^was killed$"):
        ask("sleep", keep_alive=kill)
    assert len(killed) == 2
    assert ask("read")["files"] == 1


def test_a_sign_of_life_is_given_while_a_file_is_read_and_may_end_it(cage, ask):
    seen = []

    class CancelledError(Exception):
        pass

    def look():
        seen.append(cage.process)
        if len(seen) == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        ask("sleep", keep_alive=look)
    assert cage.process is None
    wait_until(lambda: is_gone(seen[-1]))


def test_one_that_is_not_asked_for_long_ends_and_comes_back(tmp_path):
    path = tmp_path / "hello.txt"
    path.write_text("hello", encoding="utf-8")
    cage = Cage(f"{INSIDE}:work", f"{INSIDE}:prepare", Limits(idle=1))
    with path.open("rb") as file:
        first = cage.call(file.fileno(), {"do": "read"})["process"]
        wait_until(lambda: is_gone(first))
        assert cage.call(file.fileno(), {"do": "read"})["process"] != first
    cage.end()


def test_one_that_holds_much_memory_is_not_kept(tmp_path):
    cage = Cage(f"{INSIDE}:work", f"{INSIDE}:prepare", Limits(kept=1))
    with (tmp_path / "empty").open("w+b") as file:
        assert cage.call(file.fileno(), {"do": "read"})["files"] == 1
        assert cage.call(file.fileno(), {"do": "work_long"})["files"] == 2
        assert cage.process is None


def test_a_library_that_is_missing_is_told(tmp_path):
    cage = Cage(f"{INSIDE}:work", f"{INSIDE}:refuse")
    with (
        (tmp_path / "empty").open("w+b") as file,
        pytest.raises(UnreadyError, match="no library") as caught,
    ):
        cage.call(file.fileno(), {"do": "read"})
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("prepare", "error", "what"),
    [
        ("end", UnreadyError, "ended while it was being started"),
        ("hang", StalledError, "had no answer"),
    ],
)
def test_one_that_does_not_come_up_is_ended_and_told(prepare, error, what, monkeypatch):
    monkeypatch.setattr(keeper, "_LOOK", 0.1)
    cage = Cage(f"{INSIDE}:work", f"{INSIDE}:{prepare}", Limits(start=0.5))
    with pytest.raises(error, match=what):
        cage.start()
    assert cage.process is None


@pytest.mark.parametrize("ask_again", [Cage.start, Cage.find_wall])
def test_one_that_runs_is_not_started_again(cage, ask_again):
    cage.start()
    first = cage.process
    assert ask_again(cage) == cage.wall
    assert cage.process == first


def test_a_sign_of_life_is_given_while_another_file_is_read_and_may_end_the_wait(cage, ask, monkeypatch):
    class CancelledError(Exception):
        pass

    def cancel():
        raise CancelledError

    monkeypatch.setattr(keeper, "_LOOK", 0.01)
    with cage._lock, pytest.raises(CancelledError):
        ask("read", keep_alive=cancel)
    assert ask("read")["files"] == 1


def test_one_that_does_not_end_at_once_is_buried_later(cage, ask, monkeypatch):
    """A process that reads from a dead mount outlives even SIGKILL."""
    ask("read")
    process = cage._prisoner.process

    def lives_on(_seconds):
        raise subprocess.TimeoutExpired("cage", _seconds)

    with monkeypatch.context() as patched:
        patched.setattr(process, "wait", lives_on)
        cage.end()
    assert cage._unburied == [process]
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    cage.end()
    assert cage._unburied == []
    assert process.returncode == -signal.SIGKILL


def test_of_a_process_that_is_gone_no_figures_are_told(cage, ask):
    process = ask("read")["process"]
    assert keeper.processor_time(process) > 0
    assert keeper._resident(process) > 1 << 20
    cage.end()
    assert keeper.processor_time(process) == 0
    assert keeper._resident(process) == 0


def test_a_system_without_room_for_a_process_is_no_fault_of_the_file(ask, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(UnreadyError, match="could not be started") as caught:
        ask("read")
    assert not caught.value.lasting


def test_threads_take_turns(ask):
    told = []
    threads = [threading.Thread(target=lambda: told.append(ask("read")["files"])) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == list(range(1, 9))


def test_what_a_fork_forgets_is_left_alone_and_not_waited_for(cage, ask, monkeypatch):
    ask("read")
    process = cage._prisoner.process
    monkeypatch.setattr(process, "wait", lambda *_: pytest.fail("it is another's child"))
    monkeypatch.setattr(keeper, "_cages", [cage])
    cage._unburied.append(process)
    keeper._forget_all()
    assert cage.process is None
    assert ask("read")["process"] != process.pid
    wait_until(lambda: is_gone(process.pid))


def test_a_forked_process_has_one_of_its_own(cage, ask):
    first = ask("read")["process"]
    child = os.fork()
    if not child:
        try:
            os._exit(0 if ask("read")["process"] != first else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert ask("read") == {"read": "hello", "process": first, "files": 2}


PARENT = """
import sys
from core.cage.keeper import Cage, Limits
cage = Cage("tests.core.cage.inside:work", "tests.core.cage.inside:prepare", Limits(processor=600, clock=600))
cage.call(0, {"do": "read"})
# Told once it is at work: before, the end of its line alone would end it.
cage.call(0, {"do": sys.argv[1]}, lambda: print(cage.process, flush=True))
"""


@pytest.mark.parametrize("do", ["burn", "sleep"])
def test_it_ends_with_its_parent_whatever_it_is_doing(do, tmp_path):
    (tmp_path / "empty").touch()
    with (tmp_path / "empty").open("rb") as file:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, do], stdin=file, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_until(lambda: is_gone(pid))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_calls_is_well_formed(machine):
    """Every jump leads forward to a line of the program: the kernel refuses it otherwise."""
    program = walls.call_filter(machine, 4711)
    assert program is not None
    lines = [program[place : place + 8] for place in range(0, len(program), 8)]
    for place, line in enumerate(lines):
        code = int.from_bytes(line[:2], sys.byteorder)
        if code & 7 == 5:
            assert max(line[2], line[3]) < len(lines) - place - 1
    assert int.from_bytes(lines[-1][:2], sys.byteorder) == 6


def test_of_an_unknown_machine_no_numbers_are_guessed():
    assert walls.call_filter("riscv64", 1) is None
