#!/usr/bin/env python3
"""What a whole Taggarr holds in memory: idle, and after its first scan.

    python -m bench.memory [--series 40] [--workers 2] [--json FILE]

`system.up` with its own PostgreSQL and Valkey over a new data folder, and a stand-in Sonarr. The figures are
PSS, in MiB: what processes share counts once, a part for each. `script/bench` puts them into its table.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import psutil

from bench import stack as stacks
from bench.stack import SUPERVISOR
from demo.arr.state import ArrState

EPISODES = 10
ROLES = (
    (r"^(web|worker-bulk|worker-interact|worker-io|beat) ", "{}"),
    (r"system\.up", "supervisor"),
    (r"taggarr\.serve", "web"),
    (r"--name=(worker-\w+)", "{}"),
    (r"taggarr\.beat", "beat"),
    (r"postgres", "postgres"),
    (r"valkey-server", "valkey"),
)
"""How a program is known by its name and command line."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--series", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--settle", type=float, default=90, help="seconds before each look")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    state = ArrState("sonarr")
    with stacks.folder() as root:
        for number in range(options.series):
            stacks.add_series(state, root, f"Series {number:03}", EPISODES, stacks.spec("jpn", "eng"))
        with stacks.script_up(state, root, workers=options.workers) as stack:
            # What comes every minute has come once: health, and a look at the root folders.
            time.sleep(options.settle)
            found["idle"] = look(stack.pids[SUPERVISOR])
            stacks.scan(stack)
            time.sleep(options.settle)
            found["after a scan"] = look(stack.pids[SUPERVISOR])
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")
    else:
        for name, seen in found.items():
            print(f"{name}: {_sum(seen):.0f} MiB")
            for role, each in seen.items():
                print(f"  {role:<20}{sum(each):6.0f}   {' + '.join(f'{one:.0f}' for one in each)}")


def look(supervisor: int) -> dict[str, list[float]]:
    """The PSS of each process by program, in MiB."""
    found: dict[str, list[float]] = {}
    top = psutil.Process(supervisor)
    for one in (top, *top.children(recursive=True)):
        try:
            held = _pss(one.pid)
            found.setdefault(_role(one, top), []).append(held)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
    return found


def _role(process: psutil.Process, top: psutil.Process) -> str:
    """The program that a process belongs to: its own command line tells, or that of one above it."""
    for one in (process, *process.parents()):
        line = " ".join((one.name(), *one.cmdline()))
        for pattern, name in ROLES:
            if known := re.search(pattern, line):
                return name.format(*known.groups())
        if one == top:
            break
    return "others"


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _sum(seen: dict[str, list[float]]) -> float:
    return sum(sum(each) for each in seen.values())


if __name__ == "__main__":
    main()
