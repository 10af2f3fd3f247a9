"""What the engines write into a track in the same words."""

import pytest

from scanner.probe.naming import CODECS, ROLES, clean, codecs, decoded, roles, track_language


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, (None, None)),
        ("", (None, None)),
        ("  \0", (None, None)),
        ("und", ("und", None)),
        ("MUL", ("mul", None)),
        ("zxx", ("zxx", None)),
        ("qaa", ("qaa", None)),
        ("qad", ("qad", None)),
        ("nar", ("qad", None)),
        ("ger", ("deu", None)),
        ("en-US", ("eng", "us")),
        ("es-419", ("spa", "419")),
        ("Japanese", ("jpn", None)),
        ("klingonish", ("und", None)),
        ("sgn", ("sgn", None)),
        ("nah", ("nah", None)),
        # A code that nobody assigned is kept; what cannot be one is not.
        ("QTZ", ("qtz", None)),
        ("xx-YY", ("xx-yy", None)),
        ("unk", ("unk", None)),
        ("unknown", ("und", None)),
        ("xx-yyyyyyyy", ("und", None)),
        ("eng/jpn", ("und", None)),
    ],
)
def test_a_language_as_a_file_has_it(code, expected):
    assert track_language(code) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(" a\0b ", "ab"), ("a\ud800b", "a?b"), ("x" * 600, "x" * 500), ("שלום 😀", "שלום 😀")],
)
def test_text_as_the_database_can_hold_it(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Café ラ".encode(), "Café ラ"),
        (b"Caf\xe9", "Café"),
        (b"Director\x92s", "Director\u2019s"),
        (b"a\x81b", "a\ufffdb"),
        ("é".encode() * 1300, "é" * 1300),
        (b"x" + "é".encode() * 1300 + b"\xc3", "x" + "é" * 999),
    ],
)
def test_text_of_an_unknown_encoding(data, expected):
    assert decoded(data) == expected


CALLED_BY = {
    codecs: (CODECS, ("matroska", "mp4", "object", "ogm", "mediainfo")),
    roles: (
        ROLES,
        ("dash", "html", "tva", "quicktime", "dolby", "iso639", "editorial", "service", "language"),
    ),
}


@pytest.mark.parametrize("read", CALLED_BY)
def test_what_a_container_calls_a_codec_or_a_role_has_one_meaning(read):
    table, containers = CALLED_BY[read]
    assert {container for by in table.values() for container in by} == set(containers)
    for container in containers:
        assert len(read(container)) == sum(len(by.get(container, ())) for by in table.values()), container
