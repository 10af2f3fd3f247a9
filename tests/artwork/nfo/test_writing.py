"""NFOs that are merged and written whole: foreign bytes and labels stay, a second time changes nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.nfo.reading import outlines, read
from artwork.nfo.value import Nfo, Rating, Root, clean
from artwork.nfo.writing import merge, whole
from core.errors import NfoError
from library.nfo import MAX_SIZE
from providers.contract import Actor

MOVIE = Nfo(
    Root.MOVIE,
    ids={"tmdb": "807", "imdb": "tt0114369"},
    title="Caf\u00e9 & Co",
    year=2019,
    premiered=date(2019, 5, 4),
    plot="One.\n\nTwo ]]> <three>.",
    runtime=98,
    ratings=(Rating("tmdb", 7.6, 1234),),
    genres=("Drama", "Crime"),
    collection="Harbours",
    cast=(Actor("Somebody", "A", 0, "https://a/1.jpg"),),
)
WHOLE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>Caf\u00e9 &amp; Co</title>
  <plot>One.

Two ]]&gt; &lt;three&gt;.</plot>
  <year>2019</year>
  <premiered>2019-05-04</premiered>
  <runtime>98</runtime>
  <ratings><rating name="themoviedb" max="10"><value>7.6</value><votes>1234</votes></rating></ratings>
  <uniqueid type="tmdb" default="true">807</uniqueid>
  <uniqueid type="imdb">tt0114369</uniqueid>
  <genre>Drama</genre>
  <genre>Crime</genre>
  <set><name>Harbours</name></set>
  <actor><name>Somebody</name><role>A</role><order>0</order><thumb>https://a/1.jpg</thumb></actor>
</movie>
"""


def test_a_whole_nfo_tells_all_in_one_order():
    assert whole([MOVIE]).decode() == WHOLE


def test_a_whole_nfo_keeps_labels_and_what_players_keep_there():
    existing = (
        b"<movie>\r\n <title>Old</title><tag>dub</tag><genre>Dub</genre><genre>Action</genre>\r\n"
        b" <playcount>3</playcount><resume><position>1.5</position></resume><thumb>https://a</thumb>\r\n</movie>\r\n"
        b"https://www.themoviedb.org/movie/1"
    )
    kept = (
        "  <tag>dub</tag>\n  <genre>Dub</genre>\n  <playcount>3</playcount>\n"
        "  <resume><position>1.5</position></resume>\n</movie>\n"
    )
    written = whole([MOVIE], existing)

    assert written.decode() == WHOLE.replace("</movie>\n", kept)
    assert whole([MOVIE], written) == written


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_an_episode_of_a_file_that_has_no_root_gets_one_behind_the_last(codec: str):
    data = (
        "<episodedetails><season>1</season><episode>1</episode><title>Theirs</title></episodedetails>\n"
        "https://www.thetvdb.com/series/a\n"
    ).encode(codec)
    two = [Nfo(Root.EPISODE, season=1, episode=number, title=f"Ours \u00fc {number}") for number in (1, 2)]
    merged = merge(data, two)

    assert [(one.episode, one.title) for one in read(merged)] == [(1, "Theirs"), (2, "Ours \u00fc 2")]
    assert merged.decode(codec).endswith("</episodedetails>\nhttps://www.thetvdb.com/series/a\n")
    assert merge(merged, two) == merged
    lone = data.replace("<episode>1</episode>".encode(codec)[2 * (codec == "utf-16") :], b"")
    assert merge(lone, two) == lone


@pytest.mark.parametrize(
    "existing",
    [
        b"",
        b"<movie><tag>cut",
        b"https://a",
        b"<!DOCTYPE m><movie/>",
        b"<x/>",
        b"<movie><tag>a</tag>" + b" " * MAX_SIZE + b"</movie>",
    ],
    ids=["nothing", "cut", "an address", "with a document type", "of something else", "too large"],
)
def test_of_what_cannot_be_read_nothing_comes_over(existing: bytes):
    assert whole([MOVIE], existing).decode() == WHOLE


def test_each_episode_of_a_file_keeps_what_is_its_own():
    first, second = (Nfo(Root.EPISODE, title=f"E{one}", season=1, episode=one) for one in (1, 2))
    existing = whole([first, second]).replace(
        b"<title>E2</title>", b"<title>E2</title><playcount>1</playcount>"
    )
    written = whole([replace(second, title="New"), first], existing)

    assert written == whole([replace(second, title="New"), first]).replace(
        b"  <episode>2</episode>\n", b"  <episode>2</episode>\n  <playcount>1</playcount>\n"
    )


def test_a_root_that_stands_alone_keeps_its_own_though_its_numbers_change():
    existing = (
        b"<episodedetails><season>1</season><episode>1</episode><watched>true</watched></episodedetails>"
    )

    moved, other = (Nfo(Root.EPISODE, season=2, episode=number) for number in (3, 4))

    assert b"watched" in whole([moved], existing)
    assert b"watched" not in whole([moved, other], existing), "whose it was nobody knows"


def test_an_nfo_without_a_root_cannot_be_written():
    with pytest.raises(ValueError, match="root"):
        whole([Nfo(None, {"tmdb": "1"})])


FOREIGN = b"""\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\r
<!-- by hand -->\r
<movie>\r
    <title>Mine</title>\r
    <plot/>\r
    <genre>Horror</genre><genre>Dub</genre>\r
    <uniqueid type="tmdb" default="true"></uniqueid>\r
    <tag>dub</tag>\r
    <other>x</other>\r
</movie>\r
https://www.themoviedb.org/movie/1\r
"""


def test_a_merge_fills_what_is_empty_or_missing_and_leaves_the_rest():
    merged = merge(
        FOREIGN, [replace(MOVIE, ids={"tmdb": "807"}, collection="", cast=(), plot="P", ratings=())]
    )

    assert merged == FOREIGN.replace(b"<plot/>", b"<plot>P</plot>").replace(
        b'<uniqueid type="tmdb" default="true"></uniqueid>',
        b'<uniqueid default="true" type="tmdb">807</uniqueid>',
    ).replace(
        b"    <other>x</other>\r\n",
        b"    <other>x</other>\r\n    <year>2019</year>\r\n    <premiered>2019-05-04</premiered>\r\n"
        b"    <runtime>98</runtime>\r\n",
    )


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("title", "Old", "New"),
        ("plot", "Old\nplot", "New <plot>"),
        ("premiered", date(2019, 1, 1), date(2020, 2, 2)),
        ("runtime", 1, 2),
        ("ratings", (Rating("tmdb", 1.0),), (Rating("tmdb", 2.0), Rating("imdb", 3.0))),
        ("genres", ("A", "B"), ("B", "C", "D")),
        ("credits", ("A",), ("B",)),
        ("ids", {"tmdb": "1"}, {"tmdb": "2"}),
        ("collection", "A", "B"),
        ("cast", (Actor("A"), Actor("B")), (Actor("C"),)),
        ("season_names", {1: "A"}, {1: "B"}),
    ],
)
def test_what_we_wrote_we_write_anew_and_what_another_wrote_stays(field: str, old: object, new: object):
    before = replace(Nfo(Root.MOVIE), **{field: old})  # type: ignore[arg-type]
    wanted = replace(Nfo(Root.MOVIE), **{field: new})  # type: ignore[arg-type]
    data = whole([before]).replace(b"</movie>", b"  <genre>Dub</genre><tag>x</tag></movie>")

    written = merge(data, [wanted], [before])

    assert getattr(read(written)[0], field) == getattr(clean(wanted), field)
    assert b"<genre>Dub</genre><tag>x</tag>" in written
    assert merge(data, [wanted]) == data
    assert merge(data, [Nfo(Root.MOVIE)], [before]) == data, "what is empty overwrites nothing"


def test_each_episode_of_a_file_is_merged_by_its_number():
    first, second = (Nfo(Root.EPISODE, title=f"E{one}", season=1, episode=one) for one in (1, 2))
    data = whole([first, second])
    new = replace(second, title="New", plot="P")

    assert merge(data, [new], [second]) == data.replace(b"<title>E2</title>", b"<title>New</title>").replace(
        b"  <episode>2</episode>", b"  <episode>2</episode>\n  <plot>P</plot>"
    )
    assert merge(data, [replace(new, episode=3), MOVIE]) == data


@pytest.mark.parametrize(
    "element", ["<runtime>no</runtime>", "<premiered>soon</premiered>", "<title>A<b>C</b></title>"]
)
def test_what_somebody_filled_with_what_cannot_be_read_stays(element: str):
    data = f"<movie>{element}</movie>".encode()
    wanted = Nfo(Root.MOVIE, title="x", premiered=date(2019, 5, 4), runtime=98)
    merged = merge(data, [wanted])

    assert merged.startswith(data.removesuffix(b"</movie>"))
    assert merged.count(element[:5].encode()) == 1
    assert merge(merged, [wanted]) == merged


def test_specials_are_a_season_and_not_an_empty_one():
    data = b"<episodedetails><season>0</season></episodedetails>"

    assert merge(data, [Nfo(Root.EPISODE, season=1)]) == data


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("windows-1252", "Caf&#233; &#26085;"), ("utf-8", "Caf\u00e9 \u65e5"), ("utf-16", "Caf&#233; &#26085;")],
)
def test_the_encoding_of_the_file_is_kept(encoding: str, title: str):
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<movie>\n <tag>\u00e9</tag>\n</movie>'

    merged = merge(text.encode(encoding), [Nfo(Root.MOVIE, title="Caf\u00e9 \u65e5")])

    assert merged.decode(encoding) == text.replace("</tag>\n", f"</tag>\n <title>{title}</title>\n")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<movie><title>a & b</title></movie>", "nfo.malformed"),
        (b"<!DOCTYPE movie><movie></movie>", "nfo.doctype"),
        (b"https://www.themoviedb.org/movie/1", "nfo.no-xml"),
        (b"<movie/>", "nfo.empty-root"),
        (b"<tvshow><title>A</title></tvshow>", "artwork.nfo-of-other"),
    ],
)
def test_what_cannot_be_merged_is_left_alone(data: bytes, code: str):
    with pytest.raises(NfoError) as refused:
        merge(data, [MOVIE])
    assert refused.value.phrase.code == code


WORDS = st.text(
    alphabet=st.sampled_from("aB1 /&<>\"']\u00e9\u65e5\U0001f600\n\r\t\x00\x85\xa0\u2028"), max_size=12
)
TEXTS = st.tuples(WORDS, WORDS)
WHO = st.sampled_from(["tmdb", "tvdb", "imdb", "TheMovieDb", "wikidata", "x y", ""])
IDS = st.dictionaries(
    WHO, st.sampled_from(["1", "tt0114369", "0", "99999999999", "Q1", " 7 ", ""]), max_size=4
)
NUMBERS = st.none() | st.integers(-1, 2**31)
RATINGS = st.builds(Rating, WHO, st.floats(-1, 11), st.integers(-1, 10**9))
ACTORS = st.builds(Actor, WORDS, WORDS, st.integers(0, 3), WORDS)


def nfos(*roots: Root) -> st.SearchStrategy[Nfo]:
    kinds = {"str": WORDS, "tuple[str, ...]": TEXTS, "int | None": NUMBERS, "date | None": st.dates()}
    told = {one.name: kinds[str(one.type)] for one in fields(Nfo) if one.type in kinds and one.name != "tags"}
    others: dict[str, st.SearchStrategy[object]] = {
        "ids": IDS,
        "ratings": st.lists(RATINGS, max_size=2).map(tuple),
        "cast": st.lists(ACTORS, max_size=2).map(tuple),
        "season_names": st.dictionaries(st.integers(-1, 5), WORDS, max_size=2),
    }
    given_fields = st.fixed_dictionaries({}, optional={**told, **others})
    return st.builds(lambda root, some: Nfo(root, **some), st.sampled_from(roots), given_fields)


@given(nfos(*Root))
def test_what_is_written_is_read_as_the_same(nfo: Nfo):
    assert read(whole([nfo])) == (clean(nfo),)
    assert clean(clean(nfo)) == clean(nfo)


MOVIES = nfos(Root.MOVIE)
OTHERS = [
    "<title>Mine</title>",
    "<title/>",
    "<title>Ours</title>",
    "<plot><![CDATA[a <plot> ]]></plot>",
    "<genre>Dub</genre>",
    "<genre>A / B</genre>",
    "<genre/>",
    "<tag>dub</tag>",
    "<uniqueid type='tmdb' default=\"true\"/>",
    "<uniqueid type='imdb'>tt0000001</uniqueid>",
    "<tmdbid>4</tmdbid>",
    "<premiered>2001-02-03</premiered>",
    "<year></year>",
    "<rating>5</rating>",
    "<ratings/>",
    "<set>S</set>",
    "<set><name/></set>",
    "<actor><name>N</name><tag>dub</tag></actor>",
    "<!-- <title>x</title> -->",
    "<?pi x?>",
    "loose &#233; text",
    "<runtime>no</runtime>",
    "<premiered>soon</premiered>",
    "<year>soon</year>",
    "<uniqueid type='tmdb'>x</uniqueid>",
    "<ratings><rating name='imdb'/></ratings>",
    "<title>A<b>C</b></title>",
    "<original_language>ko</original_language>",
    "<namedseason number='1'/>",
    "<playcount>1</playcount>",
]
STARTS = [
    ("", "utf-8"),
    ("\ufeff", "utf-8"),
    ('<?xml version="1.0" encoding="windows-1252"?>', "windows-1252"),
]
ENDS = ["", "\nhttps://www.imdb.com/title/tt0114369/", "<!-- end -->", " </oops>"]


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    start, codec = draw(st.sampled_from(STARTS))
    spaces = st.sampled_from(["", " ", "\n  ", "\r\n\t"])
    children = draw(st.lists(st.tuples(spaces, st.sampled_from(OTHERS)), max_size=10))
    body = "".join(space + child for space, child in children) + draw(spaces)
    return f"{start}<movie id='1'>{body}</movie>{draw(st.sampled_from(ENDS))}".encode(codec)


@given(documents(), MOVIES, MOVIES)
def test_to_merge_twice_is_to_merge_once_and_labels_stay(data: bytes, wanted: Nfo, before: Nfo):
    merged = merge(data, [wanted], [before])

    assert merge(merged, [wanted], [before]) == merged
    assert merge(merged, [wanted], [wanted]) == merged
    assert merge(data, [wanted]) == merge(merge(data, [wanted]), [wanted])
    for label in (
        b"<tag>dub</tag>",
        b"<genre>Dub</genre>",
        b"<!-- <title>x</title> -->",
        b"loose &#233; text",
    ):
        assert merged.count(label) == data.count(label)


@given(documents(), MOVIES)
def test_no_foreign_byte_is_lost_where_nothing_is_ours(data: bytes, wanted: Nfo):
    (before,), (after,) = outlines(data), outlines(merge(data, [wanted]))
    kept = [data[one.start : one.end] for one in before.children if one.plain or one.children]
    there = iter([after.data[one.start : one.end] for one in after.children])

    assert all(element in there for element in kept), "in the same order"
    assert after.data[: after.content_start] == data[: before.content_start]
    assert after.data[after.end :] == data[before.end :]


@given(documents(), MOVIES)
def test_what_is_filled_by_others_is_told_as_before(data: bytes, wanted: Nfo):
    (there,), (after,) = read(data), read(merge(data, [wanted]))
    for field in fields(Nfo):
        was = getattr(there, field.name)
        if was not in (None, "", (), {}) and field.name not in ("ids", "season_names"):
            assert getattr(after, field.name) == was
    assert there.ids.items() <= after.ids.items()


@given(documents(), MOVIES, MOVIES)
def test_a_merge_ends_with_what_is_wanted_where_all_was_ours(data: bytes, wanted: Nfo, before: Nfo):
    ours = whole([before], data)
    (told,) = read(merge(ours, [wanted], [before]))
    new, old = clean(wanted), clean(before)
    for field in ("title", "plot", "runtime", "ratings", "studios", "cast", "collection", "trailer"):
        assert getattr(told, field) == (getattr(new, field) or getattr(old, field))
