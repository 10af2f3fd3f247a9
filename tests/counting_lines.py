"""Counting covered lines and branches (`--cov`), which slows Python down: not where others count the same.

`python -m tests.counting_lines` tells how much of each app the last run covered; 1 where that is not enough.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core import outbound

UNCOUNTED = frozenset({"browser", "demo", "e2e"})
"""Folders of tests that add no line to those that others run; single tests are marked `uncounted`."""

PROGRAMS = frozenset({"taggarr.asgi"})
"""Modules that make of the process that imports them what they are to serve."""

LINES, BRANCHES = 98.9, 95.5
"""Percent, of all apps together."""


def counter(config: pytest.Config) -> Any:
    """What starts and stops the counting; None where nothing is counted."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)


def import_counted(config: pytest.Config) -> None:
    """Import all modules that are counted: their own lines count, whichever test would need them first."""
    if counting := counter(config):
        # What Python calls at its audit events is traced only where it says so (sys.addaudithook).
        vars(outbound._check_connection)["__cantrace__"] = True
        # Modules of Django's admin count on being found by it in the order of the apps.
        importlib.import_module("taggarr.urls")
        for app in counting.cov.get_option("run:source"):
            for found in pkgutil.walk_packages([str(config.rootpath / app)], f"{app}."):
                if found.name not in PROGRAMS:
                    importlib.import_module(found.name)


@contextmanager
def nothing_counted(config: pytest.Config) -> Iterator[None]:
    """What runs meanwhile is as quick as without coverage."""
    if (counting := counter(config)) is None:
        yield
        return
    counting.pause()
    try:
        yield
    finally:
        counting.resume()


def is_counted(item: pytest.Item) -> bool:
    """Whether lines are counted in this test."""
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return folder not in UNCOUNTED and item.get_closest_marker("uncounted") is None


def main() -> int:
    """Print how much is covered; return 1 where that is not enough."""
    from coverage import Coverage

    counted = Coverage()
    counted.load()
    with tempfile.NamedTemporaryFile() as file:
        counted.json_report(outfile=file.name)
        report = json.loads(Path(file.name).read_text(encoding="utf-8"))
    apps: dict[str, Counter[str]] = {}
    for name, one in report["files"].items():
        apps.setdefault(Path(name).parts[0], Counter()).update(_counts(one["summary"]))
    whole = Counter[str]()
    for counts in apps.values():
        whole += counts
    for app, counts in [*sorted(apps.items()), ("all", whole)]:
        lines, branches = _percent(counts, "lines"), _percent(counts, "branches")
        sys.stdout.write(f"{app:<12} {lines:6.2f} % of lines, {branches:6.2f} % of branches\n")
    return int(_percent(whole, "lines") < LINES or _percent(whole, "branches") < BRANCHES)


def _counts(summary: dict[str, int]) -> dict[str, int]:
    return {
        "lines": summary["num_statements"],
        "covered lines": summary["covered_lines"],
        "branches": summary["num_branches"],
        "covered branches": summary["covered_branches"],
    }


def _percent(counts: Counter[str], what: str) -> float:
    return 100 * counts[f"covered {what}"] / counts[what] if counts[what] else 100.0


if __name__ == "__main__":
    sys.exit(main())
