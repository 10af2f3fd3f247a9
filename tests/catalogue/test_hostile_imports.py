"""Files that are something else, damaged or an attack, imported as if they were lists."""

from __future__ import annotations

import pytest

from accounts.models import User
from catalogue.formats.tables import LONGEST_CELL
from catalogue.imports import services
from catalogue.models import Import
from core.words import told
from jobs.models import JobState
from jobs.services import run_inline
from storage.heads import PictureError
from tests.catalogue.formats.build import archive, table
from tests.catalogue.formats.test_hostile import LAUGHS
from tests.catalogue.tables import rows_of_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data", "switched_on")]

BOMB = f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}<book title="&b;" uuid="1"/></items></library>'
UNKNOWN = {
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4,
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a page of signing in": b"<!DOCTYPE html><html><body><h1>Sign in<br></h1><p>No list here</body></html>",
    "a spreadsheet": archive(
        ending="", **{"xl/workbook.xml": "<workbook/>", "[Content_Types].xml": "<Types/>"}
    ),
    "a document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "packed": b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(range(256)),
    "a bomb in UTF-16": BOMB.encode("utf-16"),
    "half a database": b"SQLite format 3\0\x10\0\x01\x01\0@  \0\0\0\x01",
    "a script": b"#!/bin/sh\necho title, the film\n",
}
BROKEN = {
    "half an archive": archive(watched="Name,Year,Letterboxd URI\nDune,2021,x\n")[:-20],
}


def imported(content: bytes, user: User, name: str = "list.csv") -> Import:
    of = services.upload([content], user, name=name)
    assert run_inline(services.start(of)).state == JobState.COMPLETED
    of.refresh_from_db()
    return of


def test_what_is_no_list_says_so_and_writes_nothing(ute: User):
    services.upload([b"title\n"], ute, name="list.csv")
    before = rows_of_all()
    said = {}
    for name, content in (UNKNOWN | BROKEN).items():
        of = imported(content, ute)
        said[name] = (of.counts, [told(row.error).partition(":")[0] for row in of.rows.all()])
    assert said == {
        **dict.fromkeys(UNKNOWN, ({"failed": 1}, ["No format is known in which the file is written"])),
        **dict.fromkeys(BROKEN, ({"failed": 1}, ["The file is damaged here"])),
    }
    assert rows_of_all() == before


def test_its_name_makes_a_list_nothing_else(ute: User):
    of = imported(b"title\nDune\n", ute, "../../etc/passwd.tc")
    assert (of.format, of.counts, of.name) == ("ours", {"created": 1}, "../../etc/passwd.tc")


def test_a_megabyte_in_every_column_is_imported_once(ute: User):
    names = ("title", "author", "genre", "location", "edition", "series", "Mood")
    most = "ä1 " * (LONGEST_CELL // 3 - 3)
    rows = [
        [
            f"Row {start}",
            *(f"{start} {most}" * (at in range(start, start + 3)) for at in range(1, len(names))),
        ]
        for start in range(1, len(names), 3)
    ]
    rows += [["x" * LONGEST_CELL], ["Emma", "x" * (LONGEST_CELL + 1)]]
    content = table(names, *rows).encode()
    assert imported(content, ute).counts == {"created": len(rows) - 1, "failed": 1}
    before = rows_of_all()
    assert imported(content, ute).counts == {"unchanged": len(rows) - 1, "failed": 1}
    assert rows_of_all() == before


def test_a_file_that_is_too_large_is_not_kept(ute: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(services, "MOST", 10)
    with pytest.raises(PictureError, match="larger than"):
        services.upload([b"title\n", b"Dune\n"], ute, name="list.csv")
    assert not Import.objects.exists()
