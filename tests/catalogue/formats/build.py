"""Files as other programs would write them, made here."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from catalogue.formats.recognising import read
from catalogue.values import Entry, Fault


def table(*rows: Iterable[object], delimiter: str = ",") -> str:
    to = io.StringIO()
    csv.writer(to, delimiter=delimiter).writerows(rows)
    return to.getvalue()


def of_dicts(names: str, *rows: Mapping[str, object]) -> str:
    columns = names.split(",")
    return table(columns, *([row.get(name, "") for name in columns] for row in rows))


def file(content: str | bytes, encoding: str = "utf-8") -> BinaryIO:
    return io.BytesIO(content if isinstance(content, bytes) else content.encode(encoding, "surrogatepass"))


def archive(*, ending: str = ".csv", **members: str | bytes) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/") + ending, content)
    return to.getvalue()


def entries(content: str | bytes, encoding: str = "utf-8") -> list[Entry]:
    """All rows of a file in which nothing is wrong."""
    found = list(read(file(content, encoding)))
    assert not [row for row in found if isinstance(row, Fault)]
    return [row for row in found if isinstance(row, Entry)]


def faults(content: str | bytes, encoding: str = "utf-8") -> list[Fault]:
    return [row for row in read(file(content, encoding)) if isinstance(row, Fault)]
