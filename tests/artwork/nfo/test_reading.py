"""NFOs as players and other programs leave them are read; what is hostile is refused."""

from __future__ import annotations

import codecs
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.nfo.reading import MOST_ROOTS, read
from artwork.nfo.value import Nfo, Rating, Root
from core.errors import NfoError
from library.nfo import MAX_SIZE
from providers.contract import Actor

KODI = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
    <title>Caf\u00e9 am Hafen</title>
    <originaltitle>Lantern Harbour</originaltitle>
    <sorttitle>Cafe am Hafen</sorttitle>
    <ratings>
        <rating name="themoviedb" max="10" default="true"><value>7.600</value><votes>1,234</votes></rating>
        <rating name="metacritic" max="100"><value>81</value><votes></votes></rating>
    </ratings>
    <userrating>9</userrating>
    <outline></outline>
    <plot>A lamp.&#10;And a sea.</plot>
    <tagline>Light &amp; salt</tagline>
    <runtime>98 min</runtime>
    <thumb aspect="poster" preview="https://a/p.jpg">https://a/o.jpg</thumb>
    <fanart><thumb>https://a/f.jpg</thumb></fanart>
    <mpaa>FSK 12</mpaa>
    <id>tt0114369</id>
    <uniqueid type="imdb" default="true">tt0114369</uniqueid>
    <uniqueid type="themoviedb">807</uniqueid>
    <genre>Drama / Crime</genre><genre>Dub</genre>
    <country>DE</country>
    <set><name>Harbours</name><overview>All of them.</overview></set>
    <tag>dub</tag>
    <credits>W. Writer</credits>
    <director>D. Director</director>
    <premiered>2019-05-04</premiered>
    <studio>S</studio>
    <trailer>plugin://x</trailer>
    <playcount>3</playcount>
    <art><poster>/p.jpg</poster></art>
    <actor><name>Second</name><role>B</role><order>1</order><thumb>https://a/2.jpg</thumb></actor>
    <actor><name>First</name><role>A</role><order>0</order></actor>
    <actor><role>nobody</role></actor>
</movie>
"""
TOLD = Nfo(
    Root.MOVIE,
    ids={"imdb": "tt0114369", "tmdb": "807"},
    title="Caf\u00e9 am Hafen",
    original_title="Lantern Harbour",
    sort_title="Cafe am Hafen",
    year=2019,
    premiered=date(2019, 5, 4),
    plot="A lamp.\nAnd a sea.",
    tagline="Light & salt",
    runtime=98,
    certification="FSK 12",
    trailer="plugin://x",
    ratings=(Rating("tmdb", 7.6, 1234), Rating("metacritic", 8.1)),
    genres=("Drama", "Crime"),
    countries=("DE",),
    studios=("S",),
    directors=("D. Director",),
    credits=("W. Writer",),
    collection="Harbours",
    collection_plot="All of them.",
    cast=(Actor("First", "A", 0), Actor("Second", "B", 1, "https://a/2.jpg")),
    tags=("dub",),
    art={"poster": ("/p.jpg", "https://a/o.jpg"), "fanart": ("https://a/f.jpg",)},
)
LATIN = KODI.replace("UTF-8", "windows-1252")


@pytest.mark.parametrize(
    "data",
    [
        KODI.encode(),
        codecs.BOM_UTF8 + KODI.encode(),
        KODI.replace("\n", "\r\n").encode(),
        b"\n \n" + KODI.encode(),
        LATIN.encode("windows-1252"),
        KODI.encode("windows-1252"),
        LATIN.encode(),
        KODI.replace("UTF-8", "UTF-16").encode("utf-16"),
        KODI.replace("UTF-8", "no-such-code").encode(),
        KODI.replace(' encoding="UTF-8"', "").encode("utf-16-le"),
        KODI.replace("Caf\u00e9", "Caf&eacute;").encode(),
        KODI.replace("Light &amp; salt", "Light & salt").encode(),
        KODI.replace("UTF-8", "UTF-16").replace("Light &amp;", "Light &").encode("utf-16"),
        KODI.replace(' encoding="UTF-8"', "").replace("Light &amp;", "Light &").encode("utf-16-be"),
        KODI.replace("A lamp.", "A\x01 lamp.&#1;").encode(),
        KODI.replace("A lamp.", "<![CDATA[A lamp.]]>").replace("Light &amp;", "Light &").encode(),
        KODI.encode() + b"<?xml version='1.0'?><movie><title>cut",
    ],
    ids=[
        "as Kodi writes it",
        "with a mark",
        "of Windows",
        "after blank lines",
        "in another encoding",
        "in another encoding than it says",
        "in UTF-8 though it says otherwise",
        "in UTF-16",
        "in an encoding that nobody knows",
        "in UTF-16 without a mark",
        "with an entity of HTML",
        "with a bare ampersand",
        "in UTF-16 with a bare ampersand",
        "in UTF-16 without a mark, with a bare ampersand",
        "with control characters",
        "with CDATA",
        "with a broken root behind",
    ],
)
def test_an_nfo_is_read_in_every_shape_that_programs_leave_behind(data: bytes):
    assert read(data) == (TOLD,)


def one(inside: str, root: str = "movie") -> Nfo:
    (told,) = read(f"<{root}>{inside}</{root}>".encode())
    return told


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<id>12</id>", {}),
        ("<id IMDB='tt0000007' TMDB='5'/>", {"imdb": "tt0000007", "tmdb": "5"}),
        (
            "<imdb_id>tt0000007</imdb_id><tvdbid>6</tvdbid><tmdbid>007</tmdbid>",
            {"imdb": "tt0000007", "tvdb": "6", "tmdb": "7"},
        ),
        ("<uniqueid type='TVDB'> 70 </uniqueid>", {"tvdb": "70"}),
        ("<uniqueid type='tmdb'>99999999999</uniqueid>", {}),
        ("<uniqueid type='tmdb'>\u0663</uniqueid>", {}),
        ("<uniqueid>5</uniqueid><uniqueid type=''>5</uniqueid>", {}),
        ("<uniqueid type='wikidata'>Q42</uniqueid>", {"wikidata": "Q42"}),
        (
            "<uniqueid type='imdb'>7</uniqueid><uniqueid type='imdb'>tt0000007</uniqueid>",
            {"imdb": "tt0000007"},
        ),
        ('<episodeguide>{"tvdb": "71", "tmdb": 72, "x": null}</episodeguide>', {"tvdb": "71", "tmdb": "72"}),
        ("<episodeguide>{broken</episodeguide>", {}),
        ("<episodeguide><url>https://a</url></episodeguide>", {}),
    ],
)
def test_ids_are_found_wherever_programs_put_them(inside: str, told: dict[str, str]):
    assert one(inside).ids == told


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<rating>7,6</rating><votes>1.234</votes>", (Rating("", 7.6, 1234),)),
        ("<rating>0</rating>", ()),
        ("<ratings><rating name='x' max='5'><value>4</value></rating></ratings>", (Rating("x", 8.0),)),
        ("<ratings><rating name='x'><value>11</value></rating></ratings>", ()),
        ("<ratings><rating name='x'><votes>3</votes></rating></ratings>", ()),
    ],
)
def test_ratings_are_averages_up_to_ten(inside: str, told: tuple[Rating, ...]):
    assert one(inside).ratings == told


@pytest.mark.parametrize(
    ("inside", "field", "told"),
    [
        ("<year>soon</year>", "year", None),
        ("<year>0000</year>", "year", None),
        ("<premiered>2020-02-30</premiered>", "premiered", None),
        ("<premiered>2020-02-30</premiered>", "year", 2020),
        ("<premiered>20.02.2020</premiered>", "year", None),
        ("<releasedate>2020-02-03</releasedate>", "premiered", date(2020, 2, 3)),
        ("<original_language>ko</original_language>", "original_language", "ko"),
        ("<title/><title>  A\n  B </title><title>C</title>", "title", "A B"),
        ("<title>A<b>C</b></title>", "title", ""),
        ("<set>Harbours</set>", "collection", "Harbours"),
        ("<runtime>none</runtime>", "runtime", None),
        ("<plot>" + "x" * 30_000 + "</plot>", "plot", "x" * 20_000),
        ("<title>" + "x" * 600 + "</title>", "title", "x" * 500),
    ],
)
def test_a_field_is_told_or_empty(inside: str, field: str, told: object):
    assert getattr(one(inside), field) == told


def test_a_series_tells_its_seasons_and_its_status():
    told = one(
        "<namedseason number='1'>Water</namedseason><namedseason number='x'>?</namedseason>"
        "<namedseason number='2'/><status>Ended</status><season>-1</season><episode>-1</episode>",
        "tvshow",
    )
    assert (told.root, told.season_names, told.status) == (Root.SERIES, {1: "Water"}, "Ended")
    assert (told.season, told.episode) == (None, None)


def test_a_season_tells_its_number():
    assert one("<seasonnumber>0</seasonnumber><title>Specials</title>", "season").season == 0


EPISODES = b"""<episodedetails>
  <title>One</title><season>1</season><episode>1</episode><aired>2020-01-02</aired><year>1999</year>
</episodedetails>
<episodedetails>
  <title>Two</title><season>1</season><episode>2</episode><displayseason>3</displayseason>
</episodedetails>
https://thetvdb.com/?tab=series&id=1
"""


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_file_with_two_episodes_has_two_roots(codec: str):
    first, second = read(EPISODES.decode().encode(codec))

    assert (first.title, first.episode, first.premiered, first.year) == ("One", 1, date(2020, 1, 2), 2020)
    assert (second.title, second.episode, second.display_season, second.ids) == ("Two", 2, 3, {})


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (b"https://www.imdb.com/title/tt0114369/", {"imdb": "tt0114369"}),
        (b"\xef\xbb\xbfhttps://www.themoviedb.org/movie/807-se7en\n", {"tmdb": "807"}),
        (b"https://thetvdb.com/?tab=series&id=70994", {"tvdb": "70994"}),
        ("https://www.imdb.com/title/tt0114369/".encode("utf-16"), {"imdb": "tt0114369"}),
    ],
)
def test_an_nfo_that_is_an_address_tells_the_id_in_it(data: bytes, ids: dict[str, str]):
    assert read(data) == (Nfo(None, ids),)


def test_the_address_behind_the_last_element_tells_what_the_elements_do_not():
    (told,) = read(b"<movie><tmdbid>5</tmdbid></movie>\nhttps://www.themoviedb.org/movie/807 tt0114369")

    assert told.ids == {"tmdb": "5", "imdb": "tt0114369"}


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n", codecs.BOM_UTF8, b"nothing of use", b"\xdb\xdb art", b"<html><title>x</title></html>"],
)
def test_what_is_no_nfo_tells_nothing(data: bytes):
    assert read(data) == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<movie><title>cut", "nfo.malformed"),
        (b"<movie><title>a</movie>", "nfo.malformed"),
        (
            b'<!DOCTYPE m [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><movie><title>&c;</title></movie>',
            "nfo.doctype",
        ),
        (b'<!DOCTYPE m SYSTEM "file:///etc/passwd"><movie><title>a & b</title></movie>', "nfo.doctype"),
        (b"art <!DOCTYPE movie><movie/>", "nfo.doctype"),
        (b"<movie>" + b" " * MAX_SIZE + b"</movie>", "nfo.too-large"),
    ],
)
def test_what_is_hostile_or_past_mending_is_refused(data: bytes, code: str):
    with pytest.raises(NfoError) as refused:
        read(data)
    assert refused.value.phrase.code == code


def test_more_roots_than_a_file_has_episodes_are_passed_over():
    assert len(read(b"<movie/>" * 1000)) == MOST_ROOTS
    assert len(read(b"<movie/>\n<other/>\n<movie/>")) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"<movie>" + b"<actor>" * 200_000 + b"</actor>" * 200_000 + b"</movie>",
        b"<movie>" + b"<ratings>" + b"<rating/>" * 200_000 + b"</ratings></movie>",
        b"<movie><plot>&" + b"<![CDATA[" * 300_000,
        b"<movie>" + b"&x" * 500_000,
    ],
    ids=["deep", "wide", "open CDATA", "ampersands"],
)
def test_what_is_built_to_cost_much_costs_little(data: bytes):
    with suppress(NfoError):
        assert len(read(data)) == 1


@given(
    st.binary(max_size=300)
    | st.text(alphabet="<>/!?[]-&;= movietile\n\"'\u00e9", max_size=80).map(str.encode)
)
def test_no_bytes_stop_the_reading(data: bytes):
    for nfo in (data, b"<movie>" + data + b"</movie>"):
        with suppress(NfoError):
            assert len(read(nfo)) <= MOST_ROOTS
