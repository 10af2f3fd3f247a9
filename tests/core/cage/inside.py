"""What the tests have a cage do."""

import ctypes
import json
import mmap
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

files = 0


def prepare():
    pass


def end():
    os._exit(0)


def hang():
    select.poll().poll()


def refuse():
    raise RuntimeError("there is no library")


def work(descriptor, parameters):
    """Do one of the things below."""
    global files  # noqa: PLW0603 - what a process remembers
    files += 1
    return globals()[parameters.pop("do")](descriptor, **parameters)


def read(descriptor):
    return {"read": os.pread(descriptor, 100, 0).decode(), "process": os.getpid(), "files": files}


def see(_descriptor):
    """What this process has by itself."""
    return {"environment": dict(os.environ), "arguments": sys.argv}


def attempt(_descriptor, secret, parent, names=None):
    """Why each of the things that it must not do fails."""

    def map_code():
        mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()

    tried: dict[str, Callable[[], object]] = {
        "read a file": lambda: os.open(secret, os.O_RDONLY),
        "look at a file": Path(secret).stat,
        "list a folder": lambda: list(Path("/").iterdir()),
        "write a file": lambda: os.open("/tmp/made", os.O_WRONLY | os.O_CREAT),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "open a socket to this machine": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "fork": os.fork,
        "start a thread": threading.Thread(target=print).start,
        "run a program": lambda: os.execv("/bin/true", ["true"]),
        "end another process": lambda: os.kill(parent, 0),
        "raise its limits": lambda: resource.setrlimit(resource.RLIMIT_CPU, (1000, 1000)),
        "make code": map_code,
    }
    found = {}
    for name in names or tried:
        try:
            tried[name]()
        except (OSError, RuntimeError, ValueError) as error:
            found[name] = type(error).__name__
        else:
            found[name] = "could"
    return found


def crash(_descriptor):
    ctypes.string_at(8)


def crash_later(descriptor):
    """Crash if another file was read before."""
    if files > 1:
        ctypes.string_at(8)
    return read(descriptor)


def abort(_descriptor):
    os.abort()


def leave(_descriptor):
    os._exit(0)


def close_the_line(_descriptor):
    os.close(0)
    sleep(_descriptor)


def fail(_descriptor):
    raise KeyError("something")


def burn(_descriptor):
    while True:
        pass


def sleep(_descriptor):
    select.poll().poll()


def fill(_descriptor):
    return len(bytearray(1 << 30))


def work_long(descriptor):
    """Take long enough for a look at the memory."""
    started = time.process_time()
    while time.process_time() - started < 0.1:
        pass
    return read(descriptor)


def answer_garbage(_descriptor, text):
    data = text.encode()
    os.write(0, len(data).to_bytes(4, "big") + data)
    sleep(0)


def answer_too_much(_descriptor):
    os.write(0, (1 << 31).to_bytes(4, "big"))
    sleep(0)


def answer_deeply(_descriptor):
    return json.loads("[" * 900 + "]" * 900)


def ignore_signals(_descriptor):
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    burn(0)
