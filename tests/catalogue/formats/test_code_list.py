"""Codes one a line: each is an entry, whatever stands among them."""

from __future__ import annotations

from catalogue.codes import Code, Scheme
from catalogue.formats.code_list import CODE_LIST
from catalogue.formats.recognising import recognised
from catalogue.values import Copy, Entry, Fault, Kind, Work, Wrong
from tests.catalogue.formats.build import entries, faults, file

LIST = "ISBN\n978-0-306-40615-7\r\n\n4006381333931,\n9780306406158\n"


def test_every_code_is_an_entry_and_a_wrong_one_is_told():
    assert recognised(file(LIST)) is CODE_LIST
    assert entries(LIST.replace("9780306406158", "")) == [
        Entry(2, Work(Kind.BOOK, ""), codes=(Code(Scheme.ISBN, "9780306406157"),), copy=Copy()),
        Entry(4, Work(Kind.OTHER, ""), codes=(Code(Scheme.GTIN, "4006381333931"),), copy=Copy()),
    ]
    assert faults(LIST) == [Fault(5, Wrong.WRONG_CODE, "9780306406158")]


def test_a_single_code_without_an_end_is_a_list():
    assert len(entries("9780306406157")) == 1


def test_a_text_with_a_code_in_it_is_no_list():
    assert recognised(file("One line\nanother\n9780306406157\n")) is None
