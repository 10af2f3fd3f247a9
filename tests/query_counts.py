"""How many queries each page and route takes, as `query_counts.json` beside this file has it.

`python -m tests.query_counts` writes that anew: look at what it changes before you commit it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

TABLE = Path(__file__).with_suffix(".json")
COUNTED_IN = ("tests/web/test_every_page.py", "tests/api/test_matrix.py")
WRITE = "WRITE_QUERY_COUNTS"


def compare(part: str, counts: dict[str, int]) -> None:
    """Fail where the counts are not those of the table's part `pages` or `routes`."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    if WRITE in os.environ:
        table[part] = counts
        TABLE.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert counts == table[part], "run python -m tests.query_counts if that is meant to be"


if __name__ == "__main__":
    os.environ[WRITE] = "1"
    sys.exit(pytest.main(["-q", *COUNTED_IN, "-k", "queries_of_the_table"]))
