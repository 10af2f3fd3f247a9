#!/usr/bin/env python3
"""All benchmarks of scale in one table, as Markdown, and as JSON where a file is named.

    script/bench [--json FILE] [--small] [--workers 2]

Each runs on its own: the standard library (35,000 files), one ten times smaller for the growth, and the
engine with items that do nothing; what is sent to a player; a list imported into the collection; and artwork.
`--small` leaves the large one out. The goals stand in docs/scaling.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import celery
import django
import psycopg

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 1500.0
CHANGED_A_CALL = 500
GROWTH = 11.0
"""Ten times the files may take so many times as long."""

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """One line of the table; `met` is None where there is no goal."""

    name: str
    figure: str
    core: float | None
    ratio: str
    goal: str
    met: bool | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    workers = ["--workers", str(options.workers)]
    small = run("bench.scale", "--divide", "10", *workers)
    large = small if options.small else run("bench.scale", *workers)
    engine = run("bench.engine")
    cage = run("bench.probe", "--cage")
    memory = run("bench.memory", *workers)
    players = run("bench.players", *(["--titles", "1000", "--index", "10000"] if options.small else []))
    lines = table(small, large, engine) + _whole(memory) + [_cage(*row) for row in cage["cage"]]
    hooks = run("bench.hooks", *(["--hooks", "1000", "--due", "1000"] if options.small else []))
    catalogue = run("bench.catalogue", *(["--works", "10000", "--undo", "1000"] if options.small else []))
    titles = ["--movies", "200", "--series", "66", "--publish", "200"] if options.small else []
    large_art = titles or ["--movies", "2000", "--series", "660"]
    artwork = run("bench.artwork", *large_art, "--kills", "0", "--rounds", "0")
    upgrades = run("bench.upgrades", "--seeds", "1")
    lines += _players(players) + _hooks(hooks) + _catalogue(catalogue) + _artwork(artwork, upgrades)
    report = {"machine": machine(options.workers), "small": small, "large": large, "engine": engine}
    report |= {"memory": memory, **cage, "players": players, "hooks": hooks, "catalogue": catalogue}
    report |= {"artwork": artwork, "upgrades": upgrades}
    print(markdown(report["machine"], lines))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def run(module: str, *arguments: str) -> dict[str, Any]:
    """What a benchmark found; it runs as a process of its own. Raises CalledProcessError where it failed."""
    with tempfile.TemporaryDirectory(prefix="taggarr-bench-result-") as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", module, *arguments, "--json", str(result)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=LONGEST, stdout=sys.stderr)
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found


def machine(workers: int) -> dict[str, Any]:
    """Where and with what this was measured."""
    libc = psycopg.pq.version()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "versions": f"Python {platform.python_version()}, Django {django.__version__}, "
        f"Celery {celery.__version__}, libpq {libc // 10000}.{libc % 10000}",
        "load": round(os.getloadavg()[2], 1),
        "workers": workers,
    }


def table(small: dict[str, Any], large: dict[str, Any], engine: dict[str, Any]) -> list[Line]:
    files, rows, fewer = large["files"], _by_name(large), _by_name(small)
    share = files / 35_000
    bare = rows["bare loop"]["seconds"]
    timed = [
        ("first scan", 25 * share),
        ("second scan", 2.0),
        ("deep scan", 3.0),
        ("season replaced", 2.0),
        ("preview", 1.5),
        ("policy changed", 3.0),
    ]
    lines = [
        _baseline("bare loop", rows, files),
        _baseline("pymediainfo", rows, files),
        *(_timed(rows[name], goal, bare) for name, goal in timed),
        _calls("second scan", rows, 3),
        _unopened("second scan", rows),
        _unopened("deep scan", rows),
        _tag_calls(rows),
        _cancel(rows),
        _engine(engine),
        *_memory(rows["memory"]["told"]),
    ]
    if files != small["files"]:
        names = [name for name, _ in timed if name != "season replaced"]
        lines += [_growth(name, rows, fewer, files / small["files"]) for name in names]
    return lines


def _by_name(found: dict[str, Any]) -> Rows:
    return {row["name"]: row for row in found["rows"]}


def _baseline(name: str, rows: Rows, files: int) -> Line:
    row = rows[name]
    each = f"{row['told']['sample']} files, extrapolated" if "sample" in row["told"] else f"{files} files"
    return Line(f"baseline: {name} ({each})", f"{row['seconds']:.2f} s", None, "", "", None)


def _timed(row: dict[str, Any], goal: float, bare: float) -> Line:
    seconds = row["seconds"]
    name = f"{row['name']}, seconds"
    return Line(
        name, f"{seconds:.2f} s", row["core"], f"{seconds / bare:.1f}", f"≤ {goal:g} s", seconds <= goal
    )


def _calls(name: str, rows: Rows, most: int) -> Line:
    told = rows[name]["told"]["calls"]
    figure = ", ".join(f"{app} {number}" for app, number in told.items())
    return Line(f"{name}, calls", figure, None, "", f"≤ {most} an instance", max(told.values()) <= most)


def _unopened(name: str, rows: Rows) -> Line:
    opened = rows[name]["told"]["opened"]
    return Line(f"{name}, files opened", str(opened), None, "", "0", opened == 0)


def _tag_calls(rows: Rows) -> Line:
    told = rows["tags written"]["told"]
    most = 6 + 2 * -(-told["changed"] // CHANGED_A_CALL)
    figure = ", ".join(f"{app} {number}" for app, number in told["calls"].items())
    name = f"tags of {told['changed']} changed media, calls"
    met = max(told["calls"].values()) <= most
    return Line(name, figure, rows["tags written"]["core"], "", f"≤ {most} an instance", met)


def _cancel(rows: Rows) -> Line:
    told = rows["cancel"]["told"]
    figure = f"last file opened after {told['last_opened']:.1f} s, later calls: {told['late_calls']}"
    met = told["last_opened"] <= 2.0 and told["late_calls"] == 0
    return Line("cancel", figure, None, "", "quiet within 2 s", met)


def _engine(found: dict[str, Any]) -> Line:
    each = found["items"]["core_ms"]
    ratio = f"{each / found['tasks']['core_ms']:.1f} x a bare task"
    return Line("engine, of one core an item", f"{each:.2f} ms", None, ratio, "≤ 2.2 ms", each <= 2.2)


def _memory(told: dict[str, float]) -> list[Line]:
    most = {
        "web": 200.0,
        "worker-bulk": 160.0,
        "worker-interactive": 160.0,
        "worker-io": 160.0,
        "redis": 16.0,
    }
    return [
        Line(
            f"memory, {name}",
            f"{told[name]:.0f} MiB",
            None,
            "",
            f"≤ {goal:g} MB",
            told[name] * 1.048576 <= goal,
        )
        for name, goal in most.items()
    ]


def _whole(found: dict[str, dict[str, list[float]]]) -> list[Line]:
    lines = []
    for name, goal in (("idle", 380), ("after a scan", 480)):
        held = sum(sum(each) for each in found[name].values())
        text = f"{held:.0f} MiB"
        lines.append(Line(f"memory of all processes, {name}", text, None, "", f"≤ {goal} MiB", held <= goal))
    return lines


def _cage(name: str, goal: str, seen: str) -> Line:
    met = float(seen.rstrip("%")) <= float(goal.strip("≤ %"))
    return Line(f"probe, {name}", seen, None, "", goal, met)


def _players(found: dict[str, Any]) -> list[Line]:
    rows = _by_name(found)
    first, same, labels, texts, one = (
        rows[name]
        for name in ("first sync", "nothing changed", "labels changed", "texts changed", "one text changed")
    )
    titles, away, index = first["titles"], rows["outage"], rows["index"]
    each, pace = first["calls"] / titles, titles / first["seconds"]
    most = max(30, 300 * titles // 10_000)
    return [
        _goal(f"player, first sync of {titles}, calls a title", f"{each:.2f}", "≤ 1.15", each <= 1.15),
        _goal("player, first sync, titles a second", f"{pace:.0f}", "≥ 60", pace >= 60),
        _goal(
            "player, nothing changed",
            f"{same['calls']} calls, {same['writes']} writes, {same['seconds']:.1f} s",
            "≤ 25 calls, 0 writes, ≤ 20 s",
            same["calls"] <= 25 and not same["writes"] and same["seconds"] <= 20,
        ),
        _goal(
            f"player, labels of {titles} titles",
            f"{labels['calls']} calls, {labels['seconds']:.1f} s",
            f"≤ {most} calls, ≤ 60 s",
            labels["calls"] <= most and labels["seconds"] <= 60,
        ),
        _goal(
            f"player, texts of {titles} titles, calls a title; of one alone",
            f"{texts['calls'] / titles:.2f}; {one['calls']}",
            "≤ 1.1; ≤ 3",
            texts["calls"] <= 1.1 * titles and one["calls"] <= 3,
        ),
        _goal(
            "player, ten minutes away",
            f"{away['away']} calls, {away['lost']} tries or dead letters, found after {away['found']} s, "
            f"all sent in {away['seconds']:.0f} s",
            "≤ 12 calls, 0, ≤ 65 s, ≤ 180 s",
            away["away"] <= 12 and not away["lost"] and away["found"] <= 65 and away["seconds"] <= 180,
        ),
        _goal(
            f"player, memory with an index of {index['titles']}",
            f"{index['mib']:.0f} MiB",
            "≤ 160 MB",
            index["mib"] * 1.048576 <= 160,
        ),
    ]


def _hooks(found: dict[str, Any]) -> list[Line]:
    steady, at_once, folded, shown = found["rows"]
    times = f"p95 {1000 * steady['p95']:.0f} ms, p99 {1000 * steady['p99']:.0f} ms, {steady['errors']} errors"
    met = steady["p95"] <= 0.05 and steady["p99"] <= 0.1 and not steady["errors"]
    most = f"{at_once['each']:.0f}/s, {at_once['errors']} errors"
    is_fast = at_once["each"] >= 200 and not at_once["errors"]
    return [
        _goal(f"player, a hook {steady['name']}", times, "≤ 50 ms, ≤ 100 ms, none", met),
        _goal(f"player, a hook {at_once['name']}", most, "≥ 200/s, none", is_fast),
        _goal(
            f"player, {folded['number']} hooks of 100 scenes",
            f"{folded['due']} due at once, {folded['writes']} writes each",
            "≤ 100, ≤ 2",
            folded["due"] <= 100 and folded["writes"] <= 2,
        ),
        _goal(f"player, {shown['name']}", f"p95 {shown['p95']:.1f} s", "≤ 4 s", shown["p95"] <= 4),
    ]


def _catalogue(found: dict[str, Any]) -> list[Line]:
    rows = _by_name(found)
    first, again, undo = rows["import"], rows["the same file again"], rows["undo"]
    preview, bare, by_code = (
        rows[name]["seconds"] for name in ("preview", "bare PostgreSQL, the same rows", "code to copy, p95")
    )
    works, each = first["rows"], first["rows"] / first["seconds"]
    most, back = 40 * works / 100_000, 30 * undo["rows"] / 10_000
    same = f"{again['seconds']:.1f} s, {again['written']} rows written"
    held = max(row["mib"] for row in rows.values())
    return [
        Line(
            f"collection, import of {works}, rows a second",
            f"{each:.0f}",
            first["core"],
            f"{first['seconds'] / bare:.1f} x bare COPY",
            "≥ 1000",
            each >= 1000,
        ),
        _goal(
            "collection, the same file again",
            same,
            f"≤ {most:g} s, 0",
            again["seconds"] <= most and not again["written"],
        ),
        _goal(
            f"collection, undo of {undo['rows']}",
            f"{undo['seconds']:.1f} s",
            f"≤ {back:g} s",
            undo["seconds"] <= back,
        ),
        _goal("collection, preview", f"{preview:.2f} s", "≤ 2 s", preview <= 2),
        _goal(
            "collection, rows to look at after Start",
            f"{first['first']:.2f} s",
            "≤ 3 s",
            first["first"] <= 3,
        ),
        _growth("import", rows, {"import": rows["import of a tenth"]}, 10, of="rows of a list"),
        *(_found(row) for row in rows.values() if row["bare"] and not row["name"].endswith("of a tenth)")),
        _by_cursor(rows["first page by cursor, median"], rows["page in the middle by cursor, median"]),
        _at_once(rows["one person, mixed, p95"], rows["20 people at once, mixed, p95"]),
        _goal("collection, code to copy, p95", f"{1000 * by_code:.1f} ms", "≤ 50 ms", by_code <= 0.05),
        _goal("collection, memory of the worker", f"{held:.0f} MiB", "≤ 160 MB", held * 1.048576 <= 160),
    ]


def _by_cursor(first: dict[str, Any], middle: dict[str, Any]) -> Line:
    """A page far behind, which is to cost what the first does."""
    times = middle["seconds"] / first["seconds"]
    name = f"collection, {middle['name']}"
    return Line(
        name, f"{1000 * middle['seconds']:.0f} ms", None, f"{times:.2f} x page 1", "≤ 1.2 x", times <= 1.2
    )


def _at_once(alone: dict[str, Any], together: dict[str, Any]) -> Line:
    seconds, refused = together["seconds"], together["refused"]
    ratio = f"{seconds / alone['seconds']:.1f} x one person"
    told = f"{1000 * seconds:.0f} ms, {refused} refused"
    met = seconds <= 0.4 and not refused
    return Line(f"collection, {together['name']}", told, None, ratio, "≤ 400 ms, none", met)


def _found(row: dict[str, Any]) -> Line:
    """A page, or what the API answers, of a collection in which something is looked for."""
    most = 150 if row["name"].startswith("page") else 100
    milliseconds = 1000 * row["seconds"]
    ratio = f"{row['seconds'] / row['bare']:.1f} x bare PostgreSQL"
    name = f"collection, {row['name']}, p95"
    return Line(name, f"{milliseconds:.0f} ms", row["core"], ratio, f"≤ {most} ms", milliseconds <= most)


def _artwork(found: dict[str, Any], upgrades: dict[str, Any]) -> list[Line]:
    lines = []
    for row in found["rows"]:
        figure = f"{row['figure']:.4g} {row['unit']}".strip()
        told = f"{figure} ({row['told']})" if row["told"] else figure
        beside = f"{row['bare']:.4g} {row['unit']} beside it".replace("  ", " ")
        lines.append(Line(f"artwork, {row['name']}", told, None, beside, row["goal"], row["met"]))
    alone, together = upgrades["rows"]
    answered = max(alone["answered"], together["answered"])
    wrong = [sentence for one in upgrades["dramas"] for sentence in one["wrong"]]
    lines += [
        _goal("artwork, a webhook answered, p95", f"{1000 * answered:.0f} ms", "≤ 100 ms", answered <= 0.1),
        _goal("artwork, back after a webhook, p95", f"{alone['p95']:.1f} s", "≤ 2 s", alone["p95"] <= 2),
        _goal(
            f"artwork, back after {together['number']} webhooks at once, the last",
            f"{together['longest']:.1f} s",
            "≤ 10 s",
            together["longest"] <= 10,
        ),
        _goal("artwork, upgrades in all timings, wrong afterwards", f"{len(wrong)}", "0", not wrong),
    ]
    return lines


def _goal(name: str, figure: str, goal: str, met: bool) -> Line:
    return Line(name, figure, None, "", goal, met)


def _growth(name: str, rows: Rows, fewer: Rows, times: float, *, of: str = "files") -> Line:
    clock = rows[name]["seconds"] / fewer[name]["seconds"]
    core = rows[name]["core"] / fewer[name]["core"]
    most = GROWTH * times / 10
    figure = f"x {clock:.1f} (of a core: x {core:.1f})"
    return Line(f"growth, {name}: {of} x {times:.0f}", figure, None, "", f"≤ x {most:.0f}", clock <= most)


def markdown(where: dict[str, Any], lines: list[Line]) -> str:
    text = [f"{where['date']}; {where['machine']}; {where['versions']}; load {where['load']}, "]
    text[0] += f"{where['workers']} bulk workers\n"
    text += ["| work | measured | s of one core | ÷ bare loop | goal | met |", "|---|---|---|---|---|---|"]
    for line in lines:
        core = "" if line.core is None else f"{line.core:.2f}"
        met = "" if line.met is None else ("yes" if line.met else "no")
        text.append(f"| {line.name} | {line.figure} | {core} | {line.ratio} | {line.goal} | {met} |")
    return "\n".join(text)


if __name__ == "__main__":
    main()
