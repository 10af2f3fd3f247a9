"""The ZIP of Letterboxd: one entry a film, of all its files."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats import archive as archives
from catalogue.formats import letterboxd
from catalogue.formats.contract import Upload
from catalogue.formats.letterboxd import LETTERBOXD
from catalogue.formats.recognising import read, recognised
from catalogue.values import Entry, Fault, Kind, Play, Progress, State, Term, TermKind, Work, Wrong
from tests.catalogue.formats.build import archive, entries, faults, file, of_dicts, table

FILM = "Date,Name,Year,Letterboxd URI"
LANTERN = {"Date": "2020-01-02", "Name": "Lantern", "Year": "2019", "Letterboxd URI": "https://boxd.it/a"}
SEEN = {**LANTERN, "Letterboxd URI": "https://boxd.it/diary", "Rewatch": "Yes", "Tags": "pier, night"}
WATCHED = of_dicts(FILM, LANTERN)


def test_a_film_is_one_entry_of_all_files():
    packed = archive(
        watched=WATCHED,
        ratings=of_dicts(f"{FILM},Rating", {**LANTERN, "Rating": "3.5"}),
        diary=of_dicts(
            f"{FILM},Rating,Rewatch,Tags,Watched Date",
            {**SEEN, "Rewatch": "", "Watched Date": "2020-01-01", "Rating": "2"},
            {**SEEN, "Date": "2021-05-06"},
        ),
        reviews=of_dicts(
            f"{FILM},Rating,Rewatch,Review,Tags,Watched Date,Mood", {**SEEN, "Review": "Dim.", "Mood": "x"}
        ),
        watchlist=of_dicts(FILM, {**LANTERN, "Name": "Gulls", "Letterboxd URI": "https://boxd.it/b"}),
        lists__best=table(["Letterboxd list export v7"]),
    )

    lantern, gulls = entries(packed)

    assert lantern == Entry(
        1,
        Work(
            Kind.MOVIE, "Lantern", year=2019, terms=(Term(TermKind.TAG, "pier"), Term(TermKind.TAG, "night"))
        ),
        codes=(Code(Scheme.LETTERBOXD, "https://boxd.it/a"),),
        progress=Progress(
            State.COMPLETED,
            2,
            Decimal(7),
            False,
            "Dim.",
            (Play(None, date(2020, 1, 1)), Play(None, date(2021, 5, 6))),
        ),
        id="https://boxd.it/a",
        added_on=date(2020, 1, 2),
        own=(("Mood", "x"),),
    )
    assert gulls.progress == Progress(is_wanted=True)
    assert gulls.copy is None


def test_a_film_that_only_the_diary_knows_has_no_address_of_its_own():
    (found,) = entries(archive(diary=of_dicts(FILM, SEEN)))

    assert (found.codes, found.id, found.own) == ((), "", ())


def test_what_is_wrong_in_one_file_is_told_with_its_name():
    packed = archive(
        watched=of_dicts(FILM, {"Year": "1999"}) + WATCHED.splitlines()[1] + "\n2020,Cut", ratings=""
    )

    assert faults(packed) == [
        Fault(2, Wrong.NO_TITLE, "watched.csv"),
        Fault(4, Wrong.BROKEN, "watched.csv: 2020"),
    ]


def test_it_is_known_by_what_is_in_it():
    assert recognised(file(archive(watched=WATCHED))) is LETTERBOXD
    assert recognised(file(archive(watched="title\nA\n"))) is None
    assert recognised(file(WATCHED)) is None


def with_size(packed: bytes, size: int) -> bytes:
    """The archive, with a lie about how large its member is."""
    at = packed.rindex(b"PK\x01\x02") + 24
    return packed[:at] + size.to_bytes(4, "little") + packed[at + 4 :]


def encrypted(packed: bytes) -> bytes:
    at = packed.rindex(b"PK\x01\x02") + 8
    return packed[:at] + b"\x01" + packed[at + 1 :]


def damaged(packed: bytes) -> bytes:
    """The archive, with a checksum that does not hold."""
    at = packed.rindex(b"PK\x01\x02") + 16
    return packed[:at] + b"\0\0\0\0" + packed[at + 4 :]


def with_list_of(packed: bytes, size: int) -> bytes:
    """The archive, of which the end says that the list of its members is as large as this."""
    at = packed.rindex(b"PK\x05\x06") + 12
    return packed[:at] + size.to_bytes(4, "little") + packed[at + 4 :]


def with_wide_list_of(packed: bytes, size: int) -> bytes:
    """The same, as an archive says it that has very many."""
    at = packed.rindex(b"PK\x05\x06")
    wide = b"PK\x06\x06" + b"\0" * 36 + size.to_bytes(8, "little") + b"\0" * 8
    return packed[:at] + wide + packed[at:]


@pytest.mark.parametrize(
    "content",
    [
        archive(watched=WATCHED)[:-30],
        archive(watched=WATCHED + "x" * 5_000_000),
        with_size(archive(watched=WATCHED), 5_000_000),
        with_list_of(archive(watched=WATCHED), archives.MOST_LISTED + 1),
        with_wide_list_of(archive(watched=WATCHED), archives.MOST_LISTED + 1),
    ],
    ids=["cut short", "a bomb", "a lie about its size", "many members", "very many members"],
)
def test_an_archive_that_is_damaged_or_a_bomb_is_not_unpacked(content):
    assert faults(content) == [Fault(None, Wrong.BROKEN)]


def test_an_archive_of_many_members_is_not_read_and_what_nobody_asks_for_may_be_large(
    monkeypatch: pytest.MonkeyPatch,
):
    to = io.BytesIO(archive(watched=WATCHED))
    with zipfile.ZipFile(to, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("else.bin", b"\0" * 5_000_000)
    content = to.getvalue()
    assert faults(content) == []
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    assert faults(content) == [Fault(None, Wrong.BROKEN)]


def test_an_encrypted_archive_is_not_read():
    assert faults(encrypted(archive(watched=WATCHED))) == [Fault(None, Wrong.BROKEN)]


def test_a_damaged_member_is_told_and_the_others_are_read():
    packed = damaged(archive(watched=WATCHED, ratings=of_dicts(f"{FILM},Rating", {**LANTERN, "Rating": "3"})))

    found = list(LETTERBOXD.read(Upload(file(packed))))

    assert found[0] == Fault(None, Wrong.BROKEN, "ratings.csv")
    assert [row.work.title for row in found if isinstance(row, Entry)] == ["Lantern"]


def test_more_films_than_fit_in_memory_are_not_read(monkeypatch):
    monkeypatch.setattr(letterboxd, "MOST_FILMS", 1)

    found = list(read(file(archive(watched=of_dicts(FILM, LANTERN, {**LANTERN, "Name": "Gulls"})))))

    assert found[0] == Fault(None, Wrong.TOO_LARGE, "watched.csv")
    assert len(found) == 2
