"""What a process takes from itself before it reads the bytes of strangers. Nothing of it can be undone.

The limits hold everywhere. System calls are filtered by seccomp (x86_64 and aarch64, also in containers);
where that cannot be had, a network namespace of its own keeps the process from the network at least. Numbers
and structures are those of Linux: `linux/seccomp.h`, `linux/bpf_common.h`, `linux/audit.h`, and the table of
system calls of each machine.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from enum import StrEnum

_SET_DEATH_SIGNAL, _SET_SECCOMP, _SET_NO_NEW_PRIVILEGES = 1, 22, 38
_FILTER_MODE = 2
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_PROT_EXEC = 0x4

# Instructions of the classic BPF: load a word, compare, compare bits, return.
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
# Where `struct seccomp_data` holds the number of the call, the machine, and the low half of an argument.
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# What reading a descriptor, memory, time and one socket need, and nothing that opens or starts anything.
_READING = {
    "x86_64": (
        "read 0, write 1, close 3, fstat 5, poll 7, lseek 8, munmap 11, brk 12, rt_sigaction 13, "
        "rt_sigprocmask 14, rt_sigreturn 15, pread64 17, sched_yield 24, mremap 25, madvise 28, "
        "getpid 39, sendto 44, recvfrom 45, recvmsg 47, exit 60, gettimeofday 96, getrusage 98, "
        "sigaltstack 131, gettid 186, futex 202, restart_syscall 219, clock_gettime 228, exit_group "
        "231, ppoll 271, getrandom 318 "
    ),
    "aarch64": (
        "close 57, lseek 62, read 63, write 64, pread64 67, ppoll 73, fstat 80, exit 93, exit_group "
        "94, futex 98, clock_gettime 113, sched_yield 124, restart_syscall 128, sigaltstack 132, "
        "rt_sigaction 134, rt_sigprocmask 135, rt_sigreturn 139, getrusage 165, gettimeofday 169, "
        "getpid 172, gettid 178, sendto 206, recvfrom 207, recvmsg 212, brk 214, munmap 215, mremap "
        "216, madvise 233, getrandom 278 "
    ),
}
_CALLS = {
    machine: sorted(int(call.split()[1]) for call in listed.split(","))
    for machine, listed in _READING.items()
}
# Calls that depend on what they are given: a signal to itself alone (`abort`), memory that is no code.
_SIGNAL_CALL = {"x86_64": 234, "aarch64": 131}
_MEMORY_CALLS = {"x86_64": (9, 10), "aarch64": (222, 226)}


class Wall(StrEnum):
    """What keeps a caged process from the rest of the system, beside its limits."""

    CALLS = "seccomp"
    NETWORK = "a network namespace"
    NONE = "limits alone"


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process as soon as `parent` ends, were it in the middle of a file."""
    _libc().prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def limit_memory(size: int) -> None:
    """Allow `size` bytes of addresses; no file of any length, no core dump, no locked memory."""
    for what, most in (
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        _lower(what, most)


def close(descriptors: int) -> Wall:
    """Shut the rest: `descriptors` open files at most, no other process or thread, few system calls."""
    _lower(resource.RLIMIT_NOFILE, descriptors)
    _lower(resource.RLIMIT_NPROC, 0)
    libc = _libc()
    libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if _filter_calls(libc):
        return Wall.CALLS
    if libc.unshare(_NEW_USER | _NEW_NETWORK) == 0 or libc.unshare(_NEW_NETWORK) == 0:
        return Wall.NETWORK
    return Wall.NONE


def _lower(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _filter_calls(libc: ctypes.CDLL) -> bool:
    program = call_filter(platform.machine(), os.getpid())
    if program is None:
        return False
    code = ctypes.create_string_buffer(program, len(program))
    # `struct sock_fprog`: how many instructions, and where they stand.
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return bool(libc.prctl(_SET_SECCOMP, _FILTER_MODE, header, 0, 0) == 0)


def call_filter(machine: str, process: int) -> bytes | None:
    """The BPF program that lets `process` read; None for a machine whose numbers are not known here."""
    if machine not in _CALLS:
        return None
    # From the end: where to go on. The four last instructions judge arguments; then follow two verdicts.
    lines: list[tuple[int, int | str, int | str, int]] = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, "signal", 0, _SIGNAL_CALL[machine]),
        *((_EQUAL, "memory", 0, number) for number in _MEMORY_CALLS[machine]),
        *((_EQUAL, "allow", 0, number) for number in _CALLS[machine]),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _ARGUMENTS),
        (_EQUAL, "allow", "refuse", process),
        (_LOAD, 0, 0, _ARGUMENTS + 2 * 8),
        (_ANY_BIT, "refuse", "allow", _PROT_EXEC),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    end = len(lines)
    places = {"signal": end - 6, "memory": end - 4, "allow": end - 2, "refuse": end - 1}

    def jump(place: int, target: int | str) -> int:
        return places[target] - place - 1 if isinstance(target, str) else target

    return b"".join(
        struct.pack("@HBBI", code, jump(place, true), jump(place, false), value)
        for place, (code, true, false, value) in enumerate(lines)
    )
