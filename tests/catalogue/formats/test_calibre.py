"""Calibre: its database, its JSON and its CSV tell the same books."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats import calibre
from catalogue.formats.calibre import CALIBRE, CALIBRE_CSV, CALIBRE_JSON
from catalogue.formats.recognising import count, read, recognised
from catalogue.values import (
    Copy,
    Edition,
    Entry,
    Fault,
    Kind,
    Person,
    Progress,
    Role,
    Term,
    TermKind,
    Work,
    Wrong,
)
from tests.catalogue.formats.build import entries, faults, file, of_dicts

SCHEMA = """
CREATE TABLE books
    (id INTEGER PRIMARY KEY, title TEXT, uuid TEXT, timestamp TEXT, pubdate TEXT, series_index REAL);
CREATE TABLE comments (book INTEGER, text TEXT);
CREATE TABLE identifiers (book INTEGER, type TEXT, val TEXT);
CREATE TABLE data (book INTEGER, format TEXT);
CREATE TABLE custom_columns (id INTEGER PRIMARY KEY, label TEXT, mark_for_delete BOOL);
"""
LINKED = {
    "authors": ("name", "author"),
    "tags": ("name", "tag"),
    "series": ("name", "series"),
    "publishers": ("name", "publisher"),
    "languages": ("lang_code", "lang_code"),
    "ratings": ("rating", "rating"),
    "custom_column_2": ("value", "value"),
}
UUID = "8dd02926-60f8-4c80-972a-5d426f49af3f"
HARBOUR = """
INSERT INTO books VALUES
    (7, 'The Harbour', '{UUID}', '2019-12-24 10:00:00+00:00', '2011-03-01 00:00:00+00:00', 2.0);
INSERT INTO authors VALUES (2, 'Jo Wood'), (5, 'Mara Berg| Jr.');
INSERT INTO books_authors_link VALUES (1, 7, 5), (2, 7, 2);
INSERT INTO tags VALUES (1, 'sea'), (2, 'night');
INSERT INTO books_tags_link VALUES (1, 7, 1), (2, 7, 2);
INSERT INTO series VALUES (1, 'Tides');
INSERT INTO books_series_link VALUES (1, 7, 1);
INSERT INTO publishers VALUES (1, 'Pier Press');
INSERT INTO books_publishers_link VALUES (1, 7, 1);
INSERT INTO languages VALUES (1, 'eng');
INSERT INTO books_languages_link VALUES (1, 7, 1);
INSERT INTO ratings VALUES (1, 8);
INSERT INTO books_ratings_link VALUES (1, 7, 1);
INSERT INTO comments VALUES (7, '<p>Wet.</p><p>Cold &amp; grey</p>');
INSERT INTO identifiers VALUES
    (7, 'isbn', '9780306406157'), (7, 'goodreads', '77'), (7, 'amazon', 'B00ABC1234');
INSERT INTO data VALUES (7, 'EPUB'), (7, 'MOBI');
INSERT INTO custom_columns VALUES (1, 'got', 0), (2, 'keys', 0), (3, 'gone', 1);
CREATE TABLE custom_column_1 (book INTEGER, value TEXT);
INSERT INTO custom_column_1 VALUES (7, 'spring');
INSERT INTO custom_column_2 VALUES (1, 'a'), (2, 'b');
INSERT INTO books_custom_column_2_link VALUES (1, 7, 1), (2, 7, 2);
""".replace("{UUID}", UUID)
TOLD = Entry(
    1,
    Work(
        Kind.BOOK,
        "The Harbour",
        year=2011,
        overview="Wet.\nCold & grey",
        language="eng",
        series="Tides",
        position="2",
        people=(Person("Mara Berg, Jr.", Role.AUTHOR), Person("Jo Wood", Role.AUTHOR)),
        terms=(Term(TermKind.TAG, "sea"), Term(TermKind.TAG, "night")),
    ),
    Edition(format="EPUB, MOBI", publisher="Pier Press", published_on=date(2011, 3, 1)),
    (
        Code(Scheme.ISBN, "9780306406157"),
        Code(Scheme.ASIN, "B00ABC1234"),
        Code(Scheme.GOODREADS, "77"),
        Code(Scheme.CALIBRE, UUID),
    ),
    Copy(),
    Progress(rating=Decimal(8)),
    UUID,
    date(2019, 12, 24),
    (("#got", "spring"), ("#keys", "a, b")),
)


def database(tmp_path: Path, statements: str) -> bytes:
    path = tmp_path / "metadata.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        for table, (value, link) in LINKED.items():
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {value})")
            connection.execute(f"CREATE TABLE books_{table}_link (id INTEGER PRIMARY KEY, book, {link})")
        connection.executescript(statements)
    connection.close()
    return path.read_bytes()


def test_the_database_is_read_whole(tmp_path):
    content = database(tmp_path, HARBOUR)

    assert recognised(file(content)) is CALIBRE
    assert entries(content) == [TOLD]
    assert count(file(content), CALIBRE) == 1


OF_JSON = {
    "id": 7,
    "title": "The Harbour",
    "authors": "Mara Berg, Jr. & Jo Wood",
    "author_sort": "x",
    "uuid": UUID,
    "timestamp": "2019-12-24T10:00:00+00:00",
    "pubdate": "2011-03-01T00:00:00+00:00",
    "series": "Tides",
    "series_index": 2.0,
    "tags": ["sea", "night"],
    "publisher": "Pier Press",
    "languages": ["eng"],
    "rating": 8,
    "comments": "<p>Wet.</p><p>Cold &amp; grey</p>",
    "identifiers": {"isbn": "9780306406157", "goodreads": "77", "amazon": "B00ABC1234"},
    "isbn": "9780306406157",
    "formats": ["/home/mara/The Harbour.epub", "/home/mara/The Harbour.mobi"],
    "cover": "/home/mara/cover.jpg",
    "*got": "spring",
    "*keys": ["a", "b"],
    "*lent": "None",
}


def test_the_json_tells_the_same():
    assert recognised(file(json.dumps([OF_JSON]))) is CALIBRE_JSON
    assert entries(json.dumps([OF_JSON])) == [TOLD]
    assert [one.wrong for one in faults(f'{json.dumps([OF_JSON])[:-1]}, {{"id": 8}}, 3, {{"id"')] == [
        Wrong.NO_TITLE,
        Wrong.BROKEN,
        Wrong.BROKEN,
    ]


def test_the_csv_tells_the_same_with_half_as_many_stars():
    told = {
        **{name.replace("*", "#"): text for name, text in OF_JSON.items() if isinstance(text, str | float)},
        "title_sort": "Harbour, The",
        "tags": "sea, night",
        "languages": "eng",
        "rating": "4",
        "identifiers": "isbn:9780306406157,goodreads:77,amazon:B00ABC1234",
        "formats": "epub, mobi",
        "#keys": "a, b",
        "#lent": "",
    }

    (found,) = entries(of_dicts(",".join(told), told))

    assert recognised(file(of_dicts(",".join(told), told))) is CALIBRE_CSV
    assert (found.number, found.work, found.edition, found.codes) == (2, TOLD.work, TOLD.edition, TOLD.codes)
    assert (found.progress, found.id, found.own) == (TOLD.progress, UUID, TOLD.own)


def test_what_was_never_told_is_not_and_comics_are_known_by_their_files(tmp_path):
    (found,) = entries(
        database(
            tmp_path,
            "INSERT INTO books VALUES (1, 'Tides', NULL, '2019-12-24', '0101-01-01 00:00:00+00:00', 1.0);"
            "INSERT INTO data VALUES (1, 'CBZ'); INSERT INTO identifiers VALUES (1, 'doi', '10/x');",
        )
    )

    assert found.work == Work(Kind.COMIC, "Tides")
    assert (found.edition, found.own) == (Edition(format="CBZ"), (("identifiers", "doi:10/x"),))
    assert (found.id, found.codes) == ("", ())


def test_a_book_that_cannot_be_read_costs_itself_alone(tmp_path):
    long = "INSERT INTO comments VALUES (2, printf('%.5000000c', 'x'));"
    books = "".join(f"INSERT INTO books VALUES ({one}, 'A{one}', 'u', '', '', 1);" for one in (1, 2, 3))

    found = list(read(file(database(tmp_path, books + long))))

    assert [row.work.title for row in found if isinstance(row, Entry)] == ["A1", "A3"]
    assert found[1] == Fault(2, Wrong.BROKEN, "string or blob too big")


def test_a_damaged_database_is_told(tmp_path):
    content = database(tmp_path, HARBOUR)
    half = content[: len(content) // 2]

    assert [one.wrong for one in read(file(half)) if isinstance(one, Fault)] == [Wrong.UNKNOWN_FORMAT]
    assert [one.wrong for one in read(file(half), CALIBRE) if isinstance(one, Fault)] == [Wrong.BROKEN]


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE books (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id); CREATE TABLE custom_columns (id, label, mark_for_delete);"
        "CREATE VIEW books AS SELECT id, 1 AS title FROM t",
    ],
)
def test_another_database_is_not_of_calibre(tmp_path, schema):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(schema)
    connection.close()

    assert recognised(file(path.read_bytes())) is None


def test_a_schema_that_is_no_text_is_a_fault_too(tmp_path):
    content = database(tmp_path, HARBOUR).replace(b"CREATE TABLE books", b"CREATE T\x85BLE books")

    assert [one.wrong for one in read(file(content), CALIBRE) if isinstance(one, Fault)] == [Wrong.BROKEN]


def test_a_query_that_never_ends_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(calibre, "_MOST_STEPS", 0)
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 60000) SELECT x FROM n"
    many = f"INSERT INTO comments SELECT 2, '' FROM ({numbers});"
    content = database(tmp_path, f"INSERT INTO books VALUES (1, 'A', '', '', '', 1); {many}")

    assert faults(content) == [Fault(1, Wrong.BROKEN, "interrupted")]


@pytest.mark.uncounted
@pytest.mark.skipif(not shutil.which("calibredb"), reason="calibre is not installed")
def test_what_the_real_calibre_writes_is_read_alike(tmp_path):
    library = f"--with-library={tmp_path / 'library'}"

    def calibredb(*command: str) -> str:
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen"}
        asked = ["calibredb", command[0], library, *command[1:]]
        return subprocess.run(asked, capture_output=True, check=True, env=environment, text=True).stdout

    told = ("--title=The Harbour", "--authors=Mara Berg & Jo Wood", "--tags=sea,night", "--languages=eng")
    calibredb("add", "--empty", "--isbn=9780306406157", *told, "--series=Tides", "--series-index=2")
    calibredb("set_metadata", "1", "--field=rating:4", "--field=comments:<p>Wet.</p>")
    calibredb("catalog", str(tmp_path / "books.csv"))

    content = (tmp_path / "library/metadata.db").read_bytes()
    (of_database,) = entries(content)
    (of_json,) = entries(calibredb("list", "--for-machine", "--fields=all"))
    (of_csv,) = entries((tmp_path / "books.csv").read_bytes())

    assert recognised(file(content)) is CALIBRE
    assert of_database.work.title == "The Harbour"
    assert [one.name for one in of_database.work.people] == ["Mara Berg", "Jo Wood"]
    assert (of_database.work.series, of_database.work.position) == ("Tides", "2")
    assert of_database.progress == Progress(rating=Decimal(8))
    for other in (of_json, of_csv):
        assert (other.work, other.codes, other.progress, other.id) == (
            of_database.work,
            of_database.codes,
            of_database.progress,
            of_database.id,
        )
