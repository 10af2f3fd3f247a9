"""Drives a real Tellico over D-Bus: it makes collections, opens files, says what is in them, exports them.

    dbus-run-session -- python -m bench.tellico ORDERS.json

Orders are steps, done one after the other by one Tellico without a screen; what it said goes to standard
output as JSON, a list for each step. `say` asks for the values of fields, entry by entry.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NEEDS = ("tellico", "dbus-run-session", "gdbus")
LONGEST_START = 120.0
_UNSEEN = {
    "QT_QPA_PLATFORM": "offscreen",
    "QT_QUICK_BACKEND": "software",
    "QMLSCENE_DEVICE": "softwarecontext",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu --no-sandbox",
    "LC_ALL": "C.UTF-8",
}

Values = dict[str, list[str]]
"""What an entry says, by the names of Tellico's fields."""


def is_here() -> bool:
    return all(shutil.which(name) for name in NEEDS)


def opened(file: Path) -> list[str]:
    return ["open", str(file)]


def filled(entries: Sequence[dict[str, str]]) -> list[Any]:
    """Have these be entries of the collection that is open."""
    return ["fill", list(entries)]


def exported(how: str, file: Path) -> list[str]:
    """Export all by `exportCSV`, `exportXML` or `exportZip`, which is its own file."""
    return ["export", how, str(file)]


def said(*fields: str) -> list[Any]:
    return ["say", list(fields)]


def ask(*orders: Sequence[Any], longest: float = 600.0) -> list[list[Values]]:
    """Have a Tellico with a home of its own do all of this; return what it said of each `said`.

    Raises CalledProcessError where it refuses, TimeoutExpired.
    """
    with tempfile.TemporaryDirectory(prefix="taggarr-tellico-") as home:
        file = Path(home) / "orders.json"
        file.write_text(json.dumps(orders), encoding="utf-8")
        environment = os.environ | _UNSEEN | {"HOME": home, "XDG_RUNTIME_DIR": home}
        command = ["dbus-run-session", "--", sys.executable, "-m", "bench.tellico", str(file)]
        done = subprocess.run(command, env=environment, timeout=longest, check=True, stdout=subprocess.PIPE)
    found: list[list[Values]] = json.loads(done.stdout)
    return found


def empty(kind: int) -> str:
    """A collection in which Tellico puts its own fields: 2 is books, 3 films."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><tellico xmlns="http://periapsis.org/tellico/" '
        f'syntaxVersion="11"><collection title="Ours" type="{kind}"><fields><field name="_default"/></fields>'
        "</collection></tellico>"
    )


def main() -> None:
    orders = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    program = subprocess.Popen(["tellico", "--nofile"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait()
        print(json.dumps([told for order in orders if (told := _do(*order)) is not None]))
    finally:
        program.kill()
        program.wait()


def _wait() -> None:
    end = time.monotonic() + LONGEST_START
    while True:
        try:
            # The collection is there after the bus knows its name.
            _call("Tellico", "filteredEntries")
        except subprocess.CalledProcessError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _do(what: str, *told: Any) -> list[Values] | None:
    match what:
        case "open":
            _call("Tellico", "openFile", f"file://{told[0]}")
        case "fill":
            for entry in told[0]:
                number = _call("Collections", "addEntry")
                for field, value in entry.items():
                    if not _call("Collections", "setEntryValue", str(number), field, value):
                        raise SystemExit(f"Tellico takes no {field} {value!r}")
        case "export":
            if not _call("Tellico", f"org.kde.tellico.{told[0]}", f"file://{told[1]}", "false"):
                raise SystemExit(f"Tellico does not {told[0]}")
        case _:
            numbers = _call("Tellico", "filteredEntries")
            return [{field: _values(number, field) for field in told[0]} for number in numbers]
    return None


def _values(number: int, field: str) -> list[str]:
    found: list[str] = _call("Collections", "entryValues", str(number), field)
    return found


def _call(path: str, method: str, *arguments: str) -> Any:
    name = method if "." in method else f"org.kde.tellico.{method}"
    command = ["gdbus", "call", "--session", "--dest", "org.kde.tellico", "--object-path", f"/{path}"]
    done = subprocess.run(
        [*command, "--method", name, "--", *arguments], check=True, capture_output=True, text=True
    )
    text = done.stdout.strip().replace("@as ", "").replace("@ai ", "")
    text = {"(true,)": "(True,)", "(false,)": "(False,)"}.get(text, text)
    answer = ast.literal_eval(text)
    return answer[0] if answer else None


if __name__ == "__main__":
    main()
