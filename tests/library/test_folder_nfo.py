"""What the NFOs of plain folders tell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.folder.nfo import LARGEST, NOTHING, TitleNfo, parse_title_nfo, read_title_nfo

KODI = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>Lantern Harbour</title><originaltitle>X</originaltitle>
  <year>2019</year>
  <uniqueid type="imdb" default="true">tt0114369</uniqueid>
  <uniqueid type="tmdb">807</uniqueid>
  <originallanguage>Japanese</originallanguage>
  <plot>A light
  at sea.</plot>
  <genre>Drama</genre><genre>Dub</genre><genre>Crime</genre>
  <actor><name>Somebody</name></actor>
</movie>
"""
TOLD = TitleNfo(
    "Lantern Harbour", 2019, 807, None, "tt0114369", "Japanese", ("Drama", "Crime"), "A light at sea."
)


def test_an_nfo_tells_title_year_ids_language_genres_and_what_it_is_about():
    assert parse_title_nfo(KODI, "movie") == TOLD


@pytest.mark.parametrize(
    "data",
    [
        KODI + b"https://www.themoviedb.org/movie/807\n",
        b"\xef\xbb\xbf" + KODI,
        KODI.replace(b"\n", b"\r\n"),
        b"\n" + KODI,
        KODI.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ],
    ids=["with an address behind it", "with a mark before it", "of Windows", "after a line", "in UTF-16"],
)
def test_an_nfo_is_read_in_every_shape_that_programs_leave_behind(data: bytes):
    assert parse_title_nfo(data, "movie") == TOLD


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<id>tt0114369</id>", TitleNfo(imdb_id="tt0114369")),
        ("<id>12</id>", NOTHING),
        (
            "<tmdbid>5</tmdbid><tvdbid>6</tvdbid><imdbid>tt0000007</imdbid>",
            TitleNfo("", None, 5, 6, "tt0000007"),
        ),
        ("<uniqueid type='tvdb'>70</uniqueid>", TitleNfo(tvdb_id=70)),
        ("<uniqueid type='tmdb'>99999999999999</uniqueid>", NOTHING),
        ("<premiered>2020-04-05</premiered>", TitleNfo(year=2020)),
        ("<year>soon</year>", NOTHING),
        ("<original_language>ko</original_language>", TitleNfo(original_language="ko")),
        ("<title>  A\n  B </title>", TitleNfo(title="A B")),
        ("<title></title>", NOTHING),
    ],
)
def test_older_and_other_elements_tell_the_same(inside: str, told: TitleNfo):
    assert parse_title_nfo(f"<tvshow>{inside}</tvshow>".encode(), "series") == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://www.imdb.com/title/tt0114369/", TitleNfo(imdb_id="tt0114369")),
        ("https://www.themoviedb.org/movie/807-se7en", TitleNfo(tmdb_id=807)),
        ("https://thetvdb.com/?tab=series&id=70994", TitleNfo(tvdb_id=70994)),
        ("nothing of use", NOTHING),
        ("", NOTHING),
    ],
)
def test_an_nfo_that_is_an_address_tells_the_id_in_it(text: str, told: TitleNfo):
    assert parse_title_nfo(text.encode(), "movie") == told


@pytest.mark.parametrize(
    "data",
    [
        b"<movie><title>cut",
        b"<episodedetails><title>x</title></episodedetails>",
        b'<!DOCTYPE movie [<!ENTITY a "b">]><movie><title>&a;</title></movie>',
        b'<!DOCTYPE movie SYSTEM "file:///etc/passwd"><movie><title>x</title></movie>',
        b'<?xml version="1.0" encoding="none"?><movie/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_nfo_or_hostile_tells_nothing(data: bytes):
    assert parse_title_nfo(data, "movie") == NOTHING


@given(st.binary())
def test_no_bytes_stop_the_reading(data: bytes):
    parse_title_nfo(data, "movie")
    parse_title_nfo(b"<movie>" + data + b"</movie>", "movie")


def test_an_nfo_is_read_from_where_it_lies_alone(tmp_path: Path):
    nfo, link, pipe = tmp_path / "movie.nfo", tmp_path / "link.nfo", tmp_path / "pipe.nfo"
    nfo.write_bytes(KODI)
    link.symlink_to(nfo)
    os.mkfifo(pipe)

    assert read_title_nfo(nfo, "movie") == TOLD
    assert [read_title_nfo(path, "movie") for path in (link, pipe, tmp_path, tmp_path / "none.nfo")] == [
        NOTHING
    ] * 4
    nfo.write_bytes(b" " * LARGEST + KODI)
    assert read_title_nfo(nfo, "movie") == NOTHING
