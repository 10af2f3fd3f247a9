"""Tables in any encoding and layout, and what is wrong with them."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.formats import tables
from catalogue.formats.cells import Cells
from catalogue.formats.letterboxd import LETTERBOXD
from catalogue.formats.recognising import FORMATS, count, read, recognised
from catalogue.formats.tables import LONGEST_CELL, MOST_CELLS
from catalogue.values import Entry, Fault, Kind, Wrong
from tests.catalogue.formats.build import archive, entries, faults, file, table

FILMS = "Date,Name,Year,Letterboxd URI\n2020-01-02,Lantern,2019,https://boxd.it/a\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(encoding, delimiter):
    content = table(["title", "notes"], ["Café", "été"], ["Zoë", 'a, b; c\td|e "f"\ng'], delimiter=delimiter)

    found = entries(content, encoding)

    assert [one.work.title for one in found] == ["Café", "Zoë"]
    assert found[1].copy
    assert found[1].copy.notes == 'a, b; c\td|e "f"\ng'


def test_what_only_windows_or_only_latin_1_has_tells_which_it_is():
    assert [one.work.title for one in entries(b"title\n\x93A\x94\n")] == ["\u201cA\u201d"]
    assert [one.work.title for one in entries(b"title\n\xe9\x81\n")] == ["\xe9\x81"]


def test_a_single_byte_far_below_decides_the_encoding():
    content = b"title,notes\nLantern," + b"x" * 100_000 + b"\nCaf\xe9,\n"

    assert entries(content)[-1].work.title == "Café"


def test_the_delimiter_that_a_spreadsheet_wrote_above_is_believed():
    found = entries("sep=;\r\ntitle;year\r\nA,B,C;1999\r\n")

    assert [(one.number, one.work.title, one.work.year) for one in found] == [(3, "A,B,C", 1999)]


def test_columns_without_a_name_or_with_one_twice_are_kept():
    (found,) = entries("title,,Shelf,shelf\nA,b,c,d,e\n")

    assert found.own == (("2", "b"), ("Shelf", "c"), ("shelf (4)", "d"), ("5", "e"))


def test_blank_lines_count_and_old_ends_of_lines_are_ends():
    assert [one.number for one in entries("\n\ntitle\n\nA\n\n\nB\n")] == [5, 8]
    assert [one.work.title for one in entries("title,notes\rA,b\rC,d\r")] == ["A", "C"]


def test_what_no_database_takes_is_not_read():
    (found,) = entries("title,notes\nA\0B,c\ud800d\n")

    assert (found.work.title, found.copy and found.copy.notes) == ("AB", "c\ufffd\ufffd\ufffdd")
    (found,) = entries(b"\xff\xfe" + "title\nx".encode("utf-16-le") + b"\x00\xd8")
    assert found.work.title == "x\ufffd"


def test_a_formula_is_text():
    content = table(["title", "notes"], ["=1+2", "@SUM(A1)"])

    (found,) = entries(content)

    assert (found.work.title, found.copy and found.copy.notes) == ("=1+2", "@SUM(A1)")


def test_a_row_that_cannot_be_read_costs_itself_alone():
    content = table(
        ["title", "notes"], ["A", "x" * (LONGEST_CELL + 1)], ["B"] * (MOST_CELLS + 1), ["", "c"], ["D", "e"]
    )

    assert list(read(file(content)))[:3] == [
        Fault(2, Wrong.TOO_LARGE, "A"),
        Fault(3, Wrong.TOO_MANY_CELLS),
        Fault(4, Wrong.NO_TITLE),
    ]
    assert [row.work.title for row in read(file(content)) if isinstance(row, Entry)] == ["D"]


def test_a_file_that_was_cut_short_loses_its_last_row_alone():
    content = table(["title", "notes", "location"], ["A", "b", "c"], ["D", "e", "f"])

    found = list(read(file(content[: content.index("e,f")])))

    assert [row.work.title for row in found if isinstance(row, Entry)] == ["A"]
    assert found[1] == Fault(3, Wrong.BROKEN, "D")
    assert faults(content.rstrip()) == []


def test_a_file_cut_within_a_letter_is_still_utf_8():
    assert entries("title\nCafé\nCafé".encode()[:-1])[0].work.title == "Café"


@pytest.mark.parametrize("ending", ["", "\nB\n"])
def test_a_line_without_end_is_not_held_in_memory(monkeypatch, ending):
    monkeypatch.setattr(tables, "LONGEST_ROW", 1_000)

    found = list(read(file("title\nA\n" + "x" * 5_000 + ending)))

    assert found[1] == Fault(3, Wrong.TOO_LARGE, "x" * 80)
    assert [row.work.title for row in found if isinstance(row, Entry)] == ["A", *ending.split()]


@pytest.mark.parametrize(("most", "wrong"), [(1_000, Wrong.TOO_LARGE), (1_000_000, Wrong.BROKEN)])
def test_a_quote_that_never_ends_costs_its_row_alone(monkeypatch, most, wrong):
    monkeypatch.setattr(tables, "LONGEST_ROW", most)
    content = 'title,notes\nA,a\n"B,b\nthe rest of B\n' + "C,c\n" * 2_000

    found = list(read(file(content)))

    assert found[1] == Fault(3, wrong, '"B,b')
    assert [row.work.title for row in found if isinstance(row, Entry)] == ["A", *["C"] * 2_000]


def test_a_file_with_many_quotes_that_never_end_is_given_up(monkeypatch):
    monkeypatch.setattr(tables, "LONGEST_ROW", 100)

    found = faults("title\n" + ('"\n' + "x\n" * 60) * 20)

    assert found[-1] == Fault(None, Wrong.TOO_LARGE)
    assert len(found) < 20


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", Wrong.EMPTY),
        (b" \n \n", Wrong.UNKNOWN_FORMAT),
        (b"one,two\n1,2\n", Wrong.UNKNOWN_FORMAT),
        (b"SQLite format 3\0" + bytes(range(256)), Wrong.UNKNOWN_FORMAT),
        (b"<?xml version='1.0'?><a/>", Wrong.UNKNOWN_FORMAT),
        (b"PK\x03\x04" + bytes(100), Wrong.BROKEN),
        (archive(other="title\nA\n"), Wrong.UNKNOWN_FORMAT),
    ],
)
def test_what_nobody_here_reads_is_told(content, wrong):
    assert recognised(file(content)) is None
    assert list(read(file(content))) == [Fault(None, wrong)]


def test_a_format_that_does_not_fit_reads_nothing():
    for one in FORMATS:
        assert not [row for row in read(file(b""), one) if isinstance(row, Entry)]


def test_a_file_can_be_read_again():
    upload = file("title\nA\n")

    assert list(read(upload)) == list(read(upload))


@pytest.mark.parametrize(
    "content",
    ["title\nA\n\nB\n" + "x," * MOST_CELLS, "9780306406157\n4006381333932\n", archive(watched=FILMS)],
)
def test_rows_are_counted_as_they_are_read(content):
    upload = file(content)
    format = recognised(upload)

    assert format
    assert count(upload, format) == len(list(read(upload))) > 0


def test_of_a_damaged_archive_no_rows_are_counted():
    assert count(file(archive(watched=FILMS)[:-30]), LETTERBOXD) == 0


CELLS = {
    "day": "2019-05-04 10:11:12",
    "German": "4.5.2019",
    "either": "04/05/2019",
    "never": "2019-02-31",
    "year": "2019-05",
    "price": "€ 12,50",
    "odd": "about 5",
    "stars": "4.5",
    "none": "0",
    "more": "7",
    "isbn": "9780306406157; 0-306-40615-2",
    "wrong": "9780306406157; 9780306406158",
    "many": "a; b|a;;",
}


def test_cells_give_what_they_hold_and_keep_what_they_do_not():
    row = Cells.of(2, CELLS)

    assert [str(row.date(name)) for name in ("DAY", "german")] == ["2019-05-04", "2019-05-04"]
    assert [row.date(name) for name in ("either", "never", "missing")] == [None] * 3
    assert row.year("either", "year") == 2019
    assert row.year("price") is None
    assert str(row.money("price")) == "(Decimal('12.5'), '€')"
    assert row.money("odd") == (None, "")
    assert [row.rating(name, 5) for name in ("stars", "none", "more")] == [Decimal(9), None, None]
    assert row.whole("odd", "more") == 7
    assert row.whole("odd") is None
    assert row.many("many") == ("a", "b")
    assert row.yes("odd") is None
    assert row.text("missing", "odd") == "about 5"
    assert [code.value for code in row.codes(Kind.BOOK, "isbn", "wrong", "missing")] == ["9780306406157"]
    assert {one[0] for one in row.rest()} == {"either", "never", "wrong"}


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: ("title,isbn\n" + text).encode("utf-16"))
)
def test_any_bytes_are_read_to_their_end(content):
    for row in read(io.BytesIO(content)):
        assert isinstance(row, Entry | Fault)
