"""What the documents say of imports is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from catalogue import fitting, pictures
from catalogue.formats import archive, calibre, json_records, letterboxd, tables, xml_records
from catalogue.formats.ours import FIELDS
from catalogue.formats.recognising import SECTIONS
from catalogue.imports import services
from catalogue.pages.names import PROGRAMS
from catalogue.values import Kind, State

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "imports.md").read_text(encoding="utf-8")


def test_each_format_has_its_section():
    headings = [line[3:].casefold() for line in TEXT.splitlines() if line[:3] == "## "]
    anchors = {re.sub(r"[^a-z -]", "", heading).replace(" ", "-") for heading in headings}
    assert set(SECTIONS.values()) - anchors == set()
    assert SECTIONS.keys() == PROGRAMS.keys() - {"manual"}


def test_every_column_kind_and_state_is_named():
    assert [name for name in (*FIELDS, *Kind, *State) if f"`{name}`" not in TEXT] == []


def test_the_limits_are_those_of_the_code():
    limits = {
        "an uploaded file": f"{services.MOST >> 20} MiB, of an admin {services.MOST_OF_ADMINS >> 20:,} MiB; "
        "by `catalogue_import` whatever the disk holds",
        "a cell of a table": f"{tables.LONGEST_CELL:,} characters",
        "a row of a table": f"{tables.LONGEST_ROW:,} characters, {tables.MOST_CELLS:,} cells",
        "a title, and what else stands in one line": f"{fitting.LONGEST_LINE:,} characters; "
        "the rest of it is cut off",
        "a record of XML": f"{xml_records.LONGEST_RECORD:,} bytes, {xml_records.MOST_ELEMENTS:,} elements, "
        f"{xml_records.MOST_DEEP} deep",
        "a record of JSON": f"{json_records.LONGEST_RECORD:,} characters",
        "what is in a ZIP": f"{archive.MOST_MEMBERS:,} members; of what is read each "
        f"{archive.MOST_BYTES >> 20:,} MiB, and {archive.MOST_TIMES} times the ZIP",
        "a picture in an archive": f"{pictures.MOST >> 20} MiB",
        "a value of Calibre's database": f"{calibre.LONGEST:,} bytes",
    }
    assert [what for what, most in limits.items() if f"| {what} | {most} |" not in TEXT] == []
    assert f"At most {letterboxd.MOST_FILMS:,} films" in TEXT
