"""What the engines write into a track in the same words."""

import pytest

from scanner.probe.naming import clean, track_language


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
        ("ger", ("deu", None)),
        ("en-US", ("eng", "us")),
        ("es-419", ("spa", "419")),
        ("Japanese", ("jpn", None)),
        ("klingonish", ("und", None)),
        ("qxx", ("und", None)),
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
