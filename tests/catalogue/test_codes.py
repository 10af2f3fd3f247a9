"""Codes in their canonical form: as the standards have them, and as python-stdnum reads them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import ean, isbn, issn

from catalogue.codes import (
    LONGEST,
    Code,
    Issue,
    Scheme,
    expanded,
    gtin_digit,
    issue_of,
    looked_up_as,
    read,
    serial_of,
)

DIGITS = "0123456789"
ISBN = Code(Scheme.ISBN, "9780306406157")
COMIC = Code(Scheme.ADDON, "076194134192700311")


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


def gtins(length: int) -> st.SearchStrategy[str]:
    whole = digits(length - 1).map(lambda body: body + gtin_digit(body))
    return whole.filter(lambda number: number.strip("0") != "")


@pytest.mark.parametrize(
    "text",
    [
        "0306406152",
        "0-306-40615-2",
        "978-0-306-40615-7",
        "978 0 306 40615 7",
        "978\u00a00\u2011306\u201140615\u20137",
        "".join(chr(0xFF10 + int(digit)) for digit in ISBN.value),
        '="9780306406157"',
        '="0306406152"',
        "'9780306406157",
        "[0306406152]",
        "ISBN 0-306-40615-2",
        "ISBN-13: 978-0-306-40615-7",
        "isbn10:0306406152",
        "urn:isbn:9780306406157",
        "9780306406157.0",
        "978030640615751995",
        "09780306406157",
        "https://www.amazon.com/Some-Book/dp/0306406152/ref=sr_1_1",
    ],
)
def test_a_book_has_one_isbn_however_it_is_written(text):
    assert read(text) == ISBN


@pytest.mark.parametrize(
    ("text", "scheme", "value"),
    [
        ("036000291452", Scheme.GTIN, "0036000291452"),
        ("0 36000 29145 2", Scheme.GTIN, "0036000291452"),
        ("00036000291452", Scheme.GTIN, "0036000291452"),
        ("04252614", Scheme.GTIN, "0042100005264"),
        ("96385074", Scheme.GTIN, "96385074"),
        ("4006381333931", Scheme.GTIN, "4006381333931"),
        ("9790260000438", Scheme.GTIN, "9790260000438"),
        ("2434-561X", Scheme.ISSN, "2434-561X"),
        ("ISSN 0378-5955", Scheme.ISSN, "0378-5955"),
        ("0378 5955", Scheme.ISSN, "0378-5955"),
        ("03785955", Scheme.ISSN, "0378-5955"),
        ("b000a1b2c3", Scheme.ASIN, "B000A1B2C3"),
        ("http://www.amazon.de/gp/product/B000A1B2C3?x=1", Scheme.ASIN, "B000A1B2C3"),
        ("76194134192700311", Scheme.ADDON, COMIC.value),
        ("7 61941 34192 7 00311", Scheme.ADDON, COMIC.value),
        ("977123456700305", Scheme.ADDON, "977123456700305"),
    ],
)
def test_a_code_is_read_as_what_it_is(text, scheme, value):
    assert read(text) == Code(scheme, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '=""',
        "0000000000",
        "0000000000000",
        "00000000",
        "0306406153",
        "9780306406158",
        "978-0-306-4O615-7",
        "10036000291459",
        "036000291453",
        "9.78031E+12",
        "SLUS-00892",
        "٩٧٨٠٣٠٦٤٠٦١٥٧",
        "978030640615\x007",
        "\ud800",
        "https://www.amazon.com/dp/ZZZZZZZZZZ",
        "0306406152" + " " * LONGEST,
    ],
)
def test_what_no_check_digit_confirms_is_no_code(text):
    assert read(text) is None


def test_a_number_of_bookland_on_a_film_is_a_gtin_and_looked_up_as_both():
    found = read("9781568558721", bookish=False)

    assert found == Code(Scheme.GTIN, "9781568558721")
    assert looked_up_as(found) == (found, Code(Scheme.ISBN, found.value))
    assert looked_up_as(ISBN) == (ISBN, Code(Scheme.GTIN, ISBN.value))
    assert looked_up_as(COMIC) == (COMIC,)


def test_digits_beside_a_comic_are_its_issue_variant_and_printing():
    assert issue_of(COMIC) == Issue(issue=3, variant=1, printing=1)
    assert issue_of(Code(Scheme.ADDON, "977123456700305")) is None
    assert issue_of(ISBN) is None


def test_the_barcode_of_a_periodical_holds_its_issn():
    assert serial_of(Code(Scheme.GTIN, "9770378595001")) == Code(Scheme.ISSN, "0378-5955")
    assert serial_of(COMIC) is None
    assert serial_of(ISBN) is None


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234532", None),
        ("21234505", None),
    ],
)
def test_a_upc_e_stands_for_a_whole_upc(short, long):
    assert expanded(short) == long


@given(st.sampled_from("01"), digits(6))
def test_every_upc_e_expands_to_a_upc_that_holds(system, body):
    checks = [check for check in DIGITS if expanded(system + body + check)]

    assert len(checks) == 1
    assert ean.is_valid(expanded(system + body + checks[0]) or "")


@given(gtins(13))
def test_gtins_are_those_of_stdnum(number):
    found = read(number, bookish=False)

    assert ean.is_valid(number)
    assert found == Code(Scheme.GTIN, number)


@given(digits(13))
def test_no_gtin_is_found_where_stdnum_finds_none(number):
    assume(number.strip("0"))

    assert (read(number, bookish=False) is not None) == ean.is_valid(number)


@given(st.one_of(digits(10), st.builds("{}X".format, digits(9))))
def test_old_isbns_are_those_of_stdnum(number):
    assume(number.strip("0"))
    found = read(number)

    assert (found is not None) == isbn.is_valid(number)
    assert found is None or found.value == isbn.to_isbn13(number)


@given(digits(9), st.sampled_from(["978", "9791", "9798"]))
def test_isbns_are_those_of_stdnum(body, prefix):
    number = (prefix + body)[:12]
    number += gtin_digit(number)

    assert isbn.is_valid(number)
    assert read(isbn.format(number)) == read(number) == Code(Scheme.ISBN, number)


@given(digits(7))
def test_issns_are_those_of_stdnum(body):
    assume(body.strip("0"))
    number = body + issn.calc_check_digit(body)

    assert read(f"ISSN {number[:4]}-{number[4:]}") == Code(Scheme.ISSN, issn.format(number))


@given(gtins(12), st.one_of(digits(2), digits(5)))
def test_what_stands_beside_a_code_makes_it_another(number, addon):
    assume(len(addon) == 5 or read(number + addon, bookish=False) != Code(Scheme.GTIN, (number + addon)[1:]))
    found = read(f"{number} {addon}", bookish=False)

    assert found == Code(Scheme.ADDON, f"0{number}{addon}")


@given(st.text())
def test_any_text_is_read_and_what_is_found_is_canonical(text):
    found = read(text)

    assert found is None or read(found.value) == found
