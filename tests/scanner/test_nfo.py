"""The edits of NFO files: our elements change, every other byte stays."""

from __future__ import annotations

import codecs
import re

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NfoError
from library.nfo import MAX_SIZE
from scanner.nfo.edit import edit_nfo

MANAGED = {"dub", "semi-dub", "wrong-dub", "old-label"}

KODI = b"""\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>\r
<!-- made by hand -->\r
<tvshow>\r
    <title>Caf\xc3\xa9 &amp; Co &#233;</title>\r
    <plot><![CDATA[ a <tag>dub</tag> inside text ]]></plot>\r
    <genre>Drama</genre>\r
    <tag>anime</tag>\r
    <tag>anime</tag>\r
    <actor>\r
        <name>A</name><tag>dub</tag>\r
    </actor>\r
</tvshow>\r
https://thetvdb.com/?tab=series&id=1\r
"""


def edit(data: bytes, *labels: str, dub_genre: bool | None = None) -> bytes:
    return edit_nfo(data, add_tags=list(labels), managed=MANAGED, dub_genre=dub_genre)


def test_adds_the_tag_after_the_last_tag_with_its_indentation_and_line_end():
    edited = edit(KODI, "dub")

    assert edited == KODI.replace(
        b"    <tag>anime</tag>\r\n    <actor>",
        b"    <tag>anime</tag>\r\n    <tag>dub</tag>\r\n    <actor>",
    )


def test_a_tag_swaps_with_another_in_its_place():
    edited = edit(edit(KODI, "dub"), "semi-dub")

    assert edited == edit(KODI, "dub").replace(b"</tag>\r\n    <tag>dub<", b"</tag>\r\n    <tag>semi-dub<")


def test_removing_what_was_added_gives_the_original_bytes():
    assert edit(edit(KODI, "dub", dub_genre=True), dub_genre=False) == KODI


def test_a_file_that_needs_no_change_comes_back_identical():
    once = edit(KODI, "dub", dub_genre=True)

    assert edit(once, "dub", dub_genre=True) == once
    assert edit(once, "dub") == once
    assert edit(KODI) == KODI


def test_adds_several_tags_in_the_order_given():
    assert edit(b"<movie>\n  <title/>\n</movie>", "dub", "semi-dub") == (
        b"<movie>\n  <title/>\n  <tag>dub</tag>\n  <tag>semi-dub</tag>\n</movie>"
    )


def test_a_label_that_is_asked_for_twice_is_added_once():
    assert edit(b"<movie></movie>", "dub", "Dub").lower().count(b"<tag>") == 1


def test_labels_of_the_past_are_removed():
    nfo = b"<movie>\n\t<tag>old-label</tag>\n\t<tag>mine</tag>\n</movie>"

    assert edit(nfo, "dub") == b"<movie>\n\t<tag>mine</tag>\n\t<tag>dub</tag>\n</movie>"


@pytest.mark.parametrize(
    "element",
    [
        b"<tag>DUB</tag>",
        b"<tag> dub\n </tag>",
        b"<tag>d&#117;b</tag>",
        b"<tag><![CDATA[dub]]></tag>",
        b"<tag>du<!-- x -->b</tag>",
        b'<tag clear="a>b">dub</tag >',
    ],
)
def test_a_managed_tag_is_recognised_however_it_is_written(element):
    nfo = b"<movie>\n  <title>T</title>\n  " + element + b"\n</movie>"

    assert edit(nfo, "dub") == nfo
    assert edit(nfo) == b"<movie>\n  <title>T</title>\n</movie>"


@pytest.mark.parametrize(
    "element",
    [
        b"<tag>dubbed</tag>",
        b"<tag/>",
        b"<tag></tag>",
        b"<Tag>dub</Tag>",
        b"<x:tag>dub</x:tag>",
        b"<tag>dub<b/></tag>",
        b"<tag><b>dub</b></tag>",
        b"<set><tag>dub</tag></set>",
        b"<!-- <tag>dub</tag> -->",
        b"<plot><![CDATA[<tag>dub</tag>]]></plot>",
        b"<?note <tag>dub</tag>?>",
    ],
)
def test_what_only_resembles_a_managed_tag_stays(element):
    nfo = b"<movie>\n  " + element + b"\n</movie>"

    assert edit(nfo) == nfo
    assert edit(edit(nfo, "dub")) == nfo


def test_the_users_tag_stays_where_its_text_was_never_managed():
    nfo = b"<movie><tag>dub</tag></movie>"

    assert edit_nfo(nfo, add_tags=[], managed={"semi-dub"}) == nfo


def test_repeated_tags_all_go_and_are_never_multiplied():
    nfo = b"<movie>\n <tag>dub</tag>\n <tag>dub</tag>\n <a/>\n</movie>"

    assert edit(nfo, "dub") == nfo
    assert edit(nfo) == b"<movie>\n <a/>\n</movie>"


def test_a_removed_tag_takes_its_own_line_with_it_and_no_neighbour():
    nfo = b"<movie>\n\n  <tag>dub</tag><!-- kept --><tag>semi-dub</tag><?kept ?>\n\n  <a/>\n</movie>"

    assert edit(nfo) == b"<movie>\n<!-- kept --><?kept ?>\n\n  <a/>\n</movie>"


def test_a_label_that_is_not_managed_is_not_added_because_it_could_never_be_removed():
    assert edit(b"<movie></movie>", "stray", "dub") == b"<movie><tag>dub</tag></movie>"


def test_markup_and_non_ascii_characters_in_a_label_are_escaped():
    label = "a<b&ü"
    nfo = '<?xml version="1.0" encoding="iso-8859-1"?><movie></movie>'.encode("iso-8859-1")

    edited = edit_nfo(nfo, add_tags=[label], managed={label})

    assert ElementTree.fromstring(edited).findtext("tag") == label
    assert edit_nfo(edited, add_tags=[], managed={label}) == nfo


def test_the_dub_genre_is_added_after_the_last_genre():
    assert edit(KODI, dub_genre=True) == KODI.replace(
        b"<genre>Drama</genre>", b"<genre>Drama</genre>\r\n    <genre>Dub</genre>"
    )


def test_the_dub_genre_is_removed_in_any_case_and_other_genres_stay():
    nfo = b"<movie>\n<genre>Drama</genre>\n<genre>dub</genre>\n<genre>Dubstep</genre>\n</movie>"

    assert edit(nfo, dub_genre=False) == b"<movie>\n<genre>Drama</genre>\n<genre>Dubstep</genre>\n</movie>"


def test_genres_are_left_alone_unless_asked():
    nfo = b"<movie><genre>Dub</genre></movie>"

    assert edit(nfo) == nfo


def test_tag_and_genre_after_the_same_last_child_both_come_and_go():
    nfo = b"<movie>\n  <title>T</title>\n</movie>"

    edited = edit(nfo, "dub", dub_genre=True)

    root = ElementTree.fromstring(edited)
    assert (root.findtext("tag"), root.findtext("genre")) == ("dub", "Dub")
    assert edit(edited, dub_genre=False) == nfo


@pytest.mark.parametrize(
    "nfo",
    [
        b"<movie></movie>",
        b"<movie>\n</movie>",
        b"<movie>\n  <!-- nothing -->\n</movie>",
        b"<movie>text</movie>",
        b"<movie><title/></movie>",
        b"<movie> <title/> </movie>",
        b"<movie>\r  <title/>\r</movie>",
        b"<movie>\n\n\t<title/>\n\n</movie>\n",
        b"<movie>text<title/>text</movie>",
        b"<movie><movie/></movie>",
        b"<movie><tag/></movie>",
        b'<movie a="/"></movie>',
        b"\n\n<movie><title/></movie>",
    ],
)
def test_any_layout_takes_a_tag_and_gives_it_back(nfo):
    edited = edit(nfo, "dub")

    assert [tag.text for tag in ElementTree.fromstring(edited.lstrip()).findall("tag") if tag.text] == ["dub"]
    assert edit(edited) == nfo


def test_an_empty_root_element_is_refused_only_where_something_must_go_in():
    assert edit(b"<movie/>") == b"<movie/>"
    with pytest.raises(NfoError, match="empty root element"):
        edit(b"<movie />", "dub")


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("windows-1252", b""),
        ("iso-8859-1", b""),
        ("iso-8859-15", b""),
        ("koi8-r", b""),
        ("us-ascii", b""),
    ],
)
def test_the_encoding_is_kept(encoding, mark):
    letter = {"koi8-r": "ж", "us-ascii": "e"}.get(encoding, "é")
    declared = "utf-16" if encoding.startswith("utf-16") else encoding

    def document(tags: str) -> bytes:
        head = f'<?xml version="1.0" encoding="{declared}"?>\r\n<movie>\r\n\t<title>{letter}</title>'
        text = f"{head}{tags}\r\n</movie>\r\nhttp://a/b\r\n"
        return bytes(mark) + text.encode(encoding)

    assert edit(document(""), "dub") == document("\r\n\t<tag>dub</tag>")
    assert edit(document("\r\n\t<tag>dub</tag>")) == document("")


def test_utf_16_without_declaration_is_known_by_its_zero_bytes():
    nfo = "<movie><title>é</title></movie>".encode("utf-16-be")

    assert edit(nfo, "dub") == "<movie><title>é</title><tag>dub</tag></movie>".encode("utf-16-be")


@pytest.mark.parametrize(
    "after", [b"\nhttp://x/?a=1&b=2\n", b"\n<movie/>", b"</movie>", b"\xff\xfe\x00", b"  "]
)
def test_what_follows_the_root_element_is_never_read(after):
    nfo = b"<movie><title/></movie>" + after

    assert edit(nfo, "dub") == b"<movie><title/><tag>dub</tag></movie>" + after


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n", codecs.BOM_UTF8, b"https://www.themoviedb.org/movie/1\n", b"\xdb\xdb art \xdb", b"\xff"],
)
def test_an_nfo_without_xml_says_so(data):
    with pytest.raises(NfoError, match="holds no XML to edit"):
        edit(data, "dub")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"<movie>\n<title>T</movie>", 2),
        (b"<movie>\n\n<plot>a & b</plot></movie>", 3),
        (b"<movie>\n<plot>&nbsp;</plot></movie>", 2),
        (b"<movie>\n<title>\xff</title></movie>", 2),
        (b"<movie>\n<title>T</title>\n", 3),
        (b"\n<?xml version='1.0'?><movie/>", 2),
        (b'<?xml version="1.0" encoding="utf-16"?><movie/>', 1),
        (b'<?xml version="1.0" encoding="cp037"?><movie/>', 1),
        ("<movie/>".encode("utf-32"), 1),
    ],
)
def test_a_malformed_nfo_names_the_line(data, line):
    with pytest.raises(NfoError, match=rf"^Line {line} of the NFO is malformed \(.+\): [^.]+\.$"):
        edit(data, "dub")


@pytest.mark.parametrize("encoding", ["gbk", "shift_jis", "no-such-code", "rot13", "idna", "utf-7"])
def test_an_encoding_that_cannot_be_edited_is_refused(encoding):
    with pytest.raises(NfoError, match="character encoding"):
        edit(f'<?xml version="1.0" encoding="{encoding}"?><movie/>'.encode(), "dub")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE m [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE m [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;]>',
        '<!DOCTYPE m SYSTEM "http://127.0.0.1:1/x.dtd">',
        "<!DOCTYPE movie>",
    ],
)
def test_bombs_and_entities_are_refused_with_the_declaration_they_need(doctype):
    with pytest.raises(NfoError, match="DOCTYPE"):
        edit(f"{doctype}<movie><title>&a;</title></movie>".encode(), "dub")


def test_a_file_above_the_size_limit_is_refused_and_one_at_the_limit_is_not():
    frame = b"<movie><!-- %s --></movie>"
    largest = frame % (b"x" * (MAX_SIZE - len(frame) + 2))

    assert len(largest) == MAX_SIZE
    assert edit(largest) == largest
    with pytest.raises(NfoError, match="4 MiB"):
        edit(largest + b"x")


def test_deep_nesting_is_read_without_recursion():
    nfo = b"<movie>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</movie>"

    assert edit(edit(nfo, "dub")) == nfo


FOREIGN = [
    "<title>Tîtle &amp; more</title>",
    "<tag>anime</tag>",
    "<tag>Dubbed</tag>",
    "<tag/>",
    "<genre>Drama</genre>",
    "<genre>Action / Dub</genre>",
    "<!-- <tag>dub</tag> -->",
    "<plot><![CDATA[<tag>dub</tag> ]]></plot>",
    "<actor><name>N</name><tag>dub</tag><genre>Dub</genre></actor>",
    "<uniqueid type='tvdb' default=\"true\">1</uniqueid>",
    "<?pi <tag>dub</tag>?>",
    "loose text",
    "&#233;",
    "<thumb aspect='poster'/>",
]
OURS = ["<tag>dub</tag>", "<tag>SEMI-DUB</tag>", "<tag> wrong-dub </tag>", "<tag><![CDATA[old-label]]></tag>"]
SPACES = ["", " ", "\n", "\r\n", "\n  ", "\r\n\t", "\n\n    ", "\r ", "\t"]
ENCODINGS = [
    ("", "utf-8"),
    ("\ufeff", "utf-8"),
    ("\ufeff", "utf-16-le"),
    ("", "utf-16-be"),
    ('<?xml version="1.0" encoding="windows-1252"?>\r\n', "windows-1252"),
    ('<?xml version="1.0" encoding="utf-16"?>\n', "utf-16-le"),
]


@st.composite
def documents(draw: st.DrawFn, elements: list[str]) -> bytes:
    start, codec = draw(st.sampled_from(ENCODINGS))
    children = draw(st.lists(st.tuples(st.sampled_from(SPACES), st.sampled_from(elements)), max_size=12))
    body = "".join(space + element for space, element in children) + draw(st.sampled_from(SPACES))
    comment = draw(st.sampled_from(["", "<!-- c -->\n"]))
    tail = draw(
        st.sampled_from(["", "\n", "\r\nhttp://x/?a=1&b=2", "<!-- end -->", " </oops> <tag>dub</tag>"])
    )
    return f"{start}{comment}<movie id='1'>{body}</movie>{tail}".encode(codec)


LABELS = st.lists(st.sampled_from(sorted(MANAGED)), unique=True)
GENRE = st.sampled_from([None, True, False])


def text_of(nfo: bytes) -> str:
    for codec in ("utf-8", "utf-16", "utf-16-be", "windows-1252"):
        try:
            text = nfo.decode(codec)
        except UnicodeDecodeError:
            continue
        if "<movie" in text:
            return text
    raise AssertionError(nfo)


def direct_texts(nfo: bytes, name: str) -> list[str]:
    """The texts of the root's direct children of one name, read by another parser than the editor's."""
    xml = text_of(nfo)
    xml = xml[xml.index("<movie") : xml.index("</movie>") + len("</movie>")]
    return [
        (child.text or "").strip() for child in ElementTree.fromstring(xml).findall(name) if not len(child)
    ]


def without_ours(nfo: bytes) -> str:
    """The document without our elements and without blanks between elements."""
    text = re.sub(
        r"<!--.*?-->|<\?pi.*?\?>|<plot>.*?</plot>|<actor>.*?</actor>",
        lambda m: m[0].encode().hex(),
        text_of(nfo),
    )
    head, end, tail = text.partition("</movie>")
    ours = (
        r"<tag>(?:<!\[CDATA\[)?\s*(?:dub|semi-dub|wrong-dub|old-label)\s*(?:\]\]>)?</tag>|<genre>Dub</genre>"
    )
    return re.sub(r"\s+", "", re.sub(ours, "", head, flags=re.IGNORECASE)) + end + tail


@given(documents(FOREIGN), LABELS, GENRE)
def test_added_and_removed_again_any_document_is_the_original(nfo, labels, genre):
    edited = edit(nfo, *labels, dub_genre=genre)

    assert edit(edited, dub_genre=None if genre is None else False) == nfo


@given(documents(FOREIGN + OURS + ["<genre>Dub</genre>"]), LABELS, GENRE)
def test_any_document_ends_with_just_the_wanted_tags_and_its_foreign_content(nfo, labels, genre):
    edited = edit(nfo, *labels, dub_genre=genre)

    tags = direct_texts(edited, "tag")
    assert {tag.lower() for tag in tags} & MANAGED == set(labels)
    assert [tag for tag in tags if tag.lower() not in MANAGED] == [
        tag for tag in direct_texts(nfo, "tag") if tag.lower() not in MANAGED
    ]
    genres = direct_texts(edited, "genre")
    assert ("Dub" in genres) == (("Dub" in direct_texts(nfo, "genre")) if genre is None else genre)
    assert without_ours(edited) == without_ours(nfo)


@given(documents(FOREIGN + OURS + ["<genre>Dub</genre>"]), LABELS, GENRE)
def test_any_second_edit_changes_nothing(nfo, labels, genre):
    once = edit(nfo, *labels, dub_genre=genre)

    assert edit(once, *labels, dub_genre=genre) == once


@given(
    st.binary(max_size=200) | st.text(alphabet="<>/!?[]-&;= movietagdub\n\"'", max_size=80).map(str.encode)
)
def test_any_bytes_are_edited_or_refused_with_an_nfo_error(data):
    try:
        edited = edit(data, "dub")
    except NfoError:
        return
    assert b"dub" in edited.replace(b"\0", b"").lower()
