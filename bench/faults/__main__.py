"""Faults at random moments of a scan, with every program and server real, and what is left of the scan.

    script/faults --media 2000 --tries 10
    script/faults --only kill-worker,clock-back --tries 3

For each fault a Taggarr of its own is started in a temporary folder on loopback ports: PostgreSQL, Valkey,
web, workers, beat, and a stand-in Sonarr over so many series. One scan is struck so many times; then every
item must have ended, tags and NFO files must be what the verdicts ask for, and nothing else may have been
touched. It ends with 1 where something did not survive. "redone" are items that took more than one attempt,
"left over" media that failed, or whose tags or NFO could not be written, and that the next scan did. What
is sent to players is struck likewise, what is imported into the collection, and artwork while it is fetched
and published: `bench.faults.players`, `bench.faults.imports` and `bench.faults.artwork`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from bench.faults import artwork, imports, players
from bench.faults.strikes import FAULTS, OLDER
from system.up import FOLDER, end_like_ctrl_c

MODULES = {
    **dict.fromkeys((fault.name for fault in FAULTS), "bench.faults.one"),
    **dict.fromkeys(players.STRIKES, players.__name__),
    **dict.fromkeys(imports.STRIKES, imports.__name__),
    **dict.fromkeys(artwork.STRIKES, artwork.__name__),
}
NAMES = list(MODULES)
HEAD = """
| fault | tries | survived | seconds to heal | scan, s | redone | left over | health said |
|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Run the faults one after the other; print the table, or with --json a list."""
    parser = argparse.ArgumentParser(
        prog="script/faults", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--media", type=int, default=2000)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="decides the moments, which are printed")
    parser.add_argument("--only", default=",".join(NAMES), help=f"some of: {', '.join(NAMES)}")
    parser.add_argument("--older", help="the commit of the older code; else that before the newest column")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.older:
        os.environ[OLDER] = options.older
    wanted = options.only.split(",")
    if strange := set(wanted) - set(NAMES):
        parser.error(f"there is no fault {', '.join(sorted(strange))}")
    end_like_ctrl_c()
    results = [run(name, options) for name in wanted]
    print(json.dumps(results, indent=1) if options.json else table(results))
    sys.exit(any(result["wrong"] for result in results))


def run(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One fault in a process of its own: Django's settings are read once, and name one database."""
    command = [sys.executable, "-m", MODULES[name], name]
    for key in ("media", "tries", "seed"):
        command += [f"--{key}", str(getattr(options, key))]
    with subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as process:
        try:
            out, _ = process.communicate()
        except KeyboardInterrupt:
            process.terminate()  # it stops what it started, which `with` waits for
            raise
    if process.returncode:
        return {"name": name, "tries": options.tries, "survived": 0, "wrong": ["it broke off: see above"]}
    result: dict[str, Any] = json.loads(out.splitlines()[-1])
    sys.stderr.write(f"{name}: moments {result['moments']}\n")
    for sentence in result["wrong"]:
        sys.stderr.write(f"{name}: WRONG: {sentence}\n")
    return result


def table(results: list[dict[str, Any]]) -> str:
    return "\n".join([HEAD, *map(_row, results)])


def _row(result: dict[str, Any]) -> str:
    if result.get("not_tried"):
        return f"| {result['what']} | 0 | not tried: {result['not_tried']} | | | | | |"
    if "healed" not in result:
        return f"| {result['name']} | {result['tries']} | 0 | {result['wrong'][0]} | | | | |"
    healed = sorted(result["healed"])
    spread = f"{healed[len(healed) // 2]:.0f} (at most {healed[-1]:.0f})" if healed else ""
    told = "; ".join(result["told"])
    return (
        f"| {result['what']} | {result['tries']} | {result['survived']} | {spread} "
        f"| {result['scan_seconds']:.0f} | {result['redone']} | {result['left_over']} | {told} |"
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
