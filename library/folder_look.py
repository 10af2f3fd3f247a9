"""Whether folders can be seen here: one look for a first entry in each. No Django.

`python -m library.folder_look` reads a JSON list of folders and prints a JSON object for each, in the order
in which they answer. The server of a mount may be gone, and a look at it last for ever: this program is there
to be killed by whoever started it, with what has answered until then in hand.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum

STACK = 256 * 1024
"""Bytes for each thread: there is one for each folder, so that none waits for another."""


class Trouble(StrEnum):
    """Why nothing below a folder can be read now; `silent`: a look at it does not come back."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one look: no trouble or one, with the system's reason; the free bytes of its disk."""

    trouble: str = ""
    reason: str = ""
    free: int | None = None


def look_at(folder: str) -> Look:
    """Look whether there is anything in a folder. It may take as long as its disk or its server does."""
    try:
        with os.scandir(folder) as entries:
            is_empty = next(entries, None) is None
    except FileNotFoundError:
        return Look(Trouble.MISSING)
    except OSError as error:
        return Look(Trouble.UNREADABLE, error.strerror or type(error).__name__)
    except ValueError:
        return Look(Trouble.UNREADABLE, "it is no valid path")
    return Look(Trouble.EMPTY if is_empty else "")


def _tell(folder: str, told: queue.SimpleQueue[str]) -> None:
    look = look_at(folder)
    free = None
    if not look.trouble:
        with suppress(OSError):  # it went away a moment ago, or does not tell
            free = shutil.disk_usage(folder).free
    told.put(json.dumps({**asdict(look), "folder": folder, "free": free}))


def main() -> None:
    """Look at all folders at once, and tell of each when it answers."""
    folders = json.load(sys.stdin)
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.stack_size(STACK)
    for folder in folders:
        threading.Thread(target=_tell, args=(folder, told), daemon=True).start()
    for _ in folders:
        sys.stdout.write(told.get() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
