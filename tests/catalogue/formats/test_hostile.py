"""Files that are damaged, lie or attack, in every format: each is told of, and each good row is read."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.formats import json_records, xml_records
from catalogue.formats.recognising import count, read, recognised
from catalogue.values import Entry, Fault, Kind, Work, Wrong
from tests.catalogue.formats.build import archive, entries, faults, file
from tests.catalogue.formats.test_calibre import HARBOUR as IN_DATABASE
from tests.catalogue.formats.test_calibre import OF_JSON as OF_CALIBRE
from tests.catalogue.formats.test_calibre import database
from tests.catalogue.formats.test_clz import MOVIE, export
from tests.catalogue.formats.test_delicious import OF_1
from tests.catalogue.formats.test_letterboxd import WATCHED
from tests.catalogue.formats.test_librarything import HARBOUR as IN_TEXT
from tests.catalogue.formats.test_librarything import OF_JSON as OF_LIBRARYTHING
from tests.catalogue.formats.test_librarything import as_text
from tests.catalogue.formats.test_tellico_and_gcstar import FILM, GC, HARBOUR, collection

SAMPLES: dict[str, bytes] = {
    "tellico": collection(2, HARBOUR, HARBOUR).encode(),
    "tc": archive(ending="", **{"tellico.xml": collection(2, HARBOUR, HARBOUR)}),
    "gcstar": GC.format("GCfilms", FILM * 2).encode(),
    "delicious": OF_1.encode(),
    "clz": export("movie", MOVIE, MOVIE).encode(),
    "librarything": as_text(IN_TEXT, IN_TEXT).encode(),
    "librarything json": json.dumps(OF_LIBRARYTHING).encode(),
    "calibre json": json.dumps([OF_CALIBRE, OF_CALIBRE]).encode(),
    "letterboxd": archive(watched=WATCHED),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_anywhere_keeps_what_came_before(name):
    whole = SAMPLES[name]
    most = len(entries(whole))

    for end in random.Random(7).sample(range(1, len(whole)), 40):
        found = list(read(file(whole[:end])))
        assert sum(isinstance(row, Entry) for row in found) <= most
        # Of a table that ends within its header there is nothing to tell.
        assert any(isinstance(row, Fault) for row in found) or len(found) in (0, most), end


def test_a_database_cut_anywhere_is_told(tmp_path):
    whole = database(tmp_path, IN_DATABASE)

    for end in range(1, len(whole), len(whole) // 30):
        assert all(isinstance(row, Entry | Fault) for row in read(file(whole[:end]))), end


@settings(max_examples=40)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_whatever_is_changed_in_a_file_is_weather(name, data):
    content = bytearray(SAMPLES[name])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))

    upload = file(bytes(content))
    format = recognised(upload)

    assert all(isinstance(row, Entry | Fault) for row in read(upload, format))
    assert format is None or count(upload, format) >= 0


LAUGHS = '<!DOCTYPE library [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><library><items>'


@pytest.mark.parametrize(
    "content",
    [
        f'{LAUGHS}<book title="&b;" uuid="1"/></items></library>',
        '<!DOCTYPE library [<!ENTITY x SYSTEM "file:///etc/hostname">]><library><items/>&x;</library>',
        '<!DOCTYPE library [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><library><items/></library>',
        "<library>" + "<items>" * 5_000,
        f"<library><items><book>{'<a>' * 5_000}",
        '<?xml version="1.0" encoding="shift-jis"?><library/>',
        '<?xml version="1.0" encoding="no-such"?><library/>',
    ],
    ids=["entities", "external", "parameter", "deep", "deep record", "multi-byte", "unknown encoding"],
)
def test_xml_that_attacks_ends_with_a_fault(content):
    found = list(read(file(content)))

    assert [row.wrong for row in found if isinstance(row, Fault)] in ([Wrong.BROKEN], [Wrong.UNKNOWN_FORMAT])
    assert not [row for row in found if isinstance(row, Entry)]


def test_a_dtd_is_named_and_never_fetched(monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it was fetched"))

    assert len(entries(SAMPLES["tellico"])) == 2


def test_no_tag_and_no_record_is_larger_in_memory_than_is_allowed(monkeypatch):
    monkeypatch.setattr(xml_records, "LONGEST_TAG", 200_000)
    monkeypatch.setattr(xml_records, "MOST_ELEMENTS", 10)
    good = '<book title="A" uuid="1"/>'
    crowd = f"<book title='B'>{'<a/>' * 20}</book>"

    assert faults(f"<library><items>{good}{crowd}</items></library>") == [Fault(2, Wrong.TOO_LARGE)]
    found = list(read(file(f'<library><items>{good}<book title="{"x" * 500_000}"/></items></library>')))
    assert [row.work.title for row in found if isinstance(row, Entry)] == ["A"]
    assert found[-1] == Fault(None, Wrong.TOO_LARGE)


def test_what_lies_outside_of_records_may_be_large(monkeypatch):
    monkeypatch.setattr(xml_records, "LONGEST_RECORD", 10_000)
    images = f"<images><image>{'x' * 500_000}</image></images>"

    assert len(entries(collection(2, "<title>A</title>", beside=images))) == 1


def test_json_has_no_record_without_end_and_no_half_letters(monkeypatch):
    monkeypatch.setattr(json_records, "LONGEST_RECORD", 100_000)
    good = '{"books_id": "1", "title": "A\\u0000\\ud800B"}'

    assert [one.work.title for one in entries(f"[{good}]")] == ["A\ufffdB"]
    found = list(read(file(f'[{good}, {{"title": "{"x" * 500_000}"}}]')))
    assert found[1] == Fault(None, Wrong.TOO_LARGE, "a record without end")
    assert [one.wrong for one in faults(f"[{good}, {'[' * 90_000}")] == [Wrong.BROKEN]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_xml_is_read_in_the_encodings_of_windows(encoding):
    content = '<library version="1"><items><book title="Café\u201c" uuid="1"/></items></library>'
    if encoding == "utf-16-le":
        content = f'<?xml version="1.0" encoding="utf-16le"?>{content}'

    assert [one.work.title for one in entries(content, encoding)] == ["Café\u201c"]


def test_xml_in_windows_1252_with_control_characters_is_read():
    items = b'<library><items><book title="\x93A\x0b\x94"/></items></library>'
    content = b'<?xml version="1.0" encoding="windows-1252"?>' + items

    assert [one.work.title for one in entries(content)] == ["\u201cA \u201d"]


def test_names_in_an_archive_are_no_paths():
    packed = archive(ending="", **{"../../tellico.xml": collection(2, HARBOUR), "/etc/tellico.xml": "x"})

    assert list(read(file(packed))) == [Fault(None, Wrong.UNKNOWN_FORMAT)]


def test_an_archive_in_which_much_is_packed_is_not_unpacked():
    packed = archive(ending="", **{"tellico.xml": collection(2, f"<title>{'x' * 30_000_000}</title>")})

    assert list(read(file(packed))) == [Fault(None, Wrong.BROKEN)]


def test_a_cell_of_a_megabyte_costs_its_row_alone():
    content = f"title,notes\nA,{'x' * 1_000_001}\nB,{'y' * 999_999}\n"

    assert [row.work if isinstance(row, Entry) else row.wrong for row in read(file(content))] == [
        Wrong.TOO_LARGE,
        Work(Kind.OTHER, "B"),
    ]
