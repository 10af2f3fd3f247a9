"""A list of codes, one a line, as scanners and people make them; titles come later. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from catalogue import codes
from catalogue.codes import Scheme
from catalogue.formats import tables
from catalogue.formats.contract import Format, Row, Upload
from catalogue.values import Copy, Entry, Fault, Kind, Work, Wrong

_LOOKED_AT = 50
_ENDS = " \t\r\n,;"


def _recognises(upload: Upload) -> bool:
    """Whether at least half of the first lines are codes; a header may stand above them."""
    if upload.table is None:
        return False
    told = (line.strip(_ENDS) for line in tables.lines(upload.file, upload.table.encoding))
    first = list(islice(filter(None, told), _LOOKED_AT))
    return 2 * sum(codes.read(line) is not None for line in first) >= len(first) > 0


def _read(upload: Upload) -> Iterator[Row]:
    if upload.table is None:
        return
    for number, line in enumerate(tables.lines(upload.file, upload.table.encoding), 1):
        text = line.strip(_ENDS)
        code = codes.read(text)
        if code:
            kind = Kind.BOOK if code.scheme is Scheme.ISBN else Kind.OTHER
            yield Entry(number, Work(kind, ""), codes=(code,), copy=Copy())
        elif any(letter.isdecimal() for letter in text):
            yield Fault(number, Wrong.WRONG_CODE, text[: tables.SHOWN])


def _count(upload: Upload) -> int:
    return sum(1 for _ in _read(upload))


CODE_LIST = Format("codes", _recognises, _read, _count)
