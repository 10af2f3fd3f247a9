"""The lists of the demo's household."""

import io
import subprocess
import sys
from hashlib import sha256

import pytest

from catalogue.formats import recognising
from catalogue.values import Entry
from demo.lists import BOOKS, DISCS, FILMS, RECORDS, lists

DIGESTS = """
from hashlib import sha256
from demo.lists import lists
print(*(sha256(content).hexdigest() for content in lists().values()))
"""


def test_the_lists_are_the_same_in_every_process():
    done = subprocess.run([sys.executable, "-c", DIGESTS], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [sha256(content).hexdigest() for content in lists().values()]


@pytest.mark.parametrize(
    ("number", "format", "rows"),
    [
        (0, "goodreads", BOOKS),
        (1, "clz", DISCS),
        (2, "letterboxd", FILMS),
        (3, "discogs", RECORDS),
        (4, "ours", 70),
    ],
)
def test_each_list_is_what_its_program_writes(number, format, rows):
    file = io.BytesIO(list(lists().values())[number])
    found = recognising.recognised(file)
    assert found is not None
    assert found.key == format
    read = list(recognising.read(file))
    assert len(read) >= rows
    assert all(isinstance(row, Entry) and row.work.title for row in read)
