"""What the titles of audio tracks say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.languages.codes import normalise
from scanner.languages.titles import WORDS, is_commentary, is_description, is_music, language_of
from tests.scanner import title_table as table
from tests.scanner.ordinary_titles import ORDINARY
from tests.scanner.titles_by_language import BY_LANGUAGE

COMMENTARY = [*table.COMMENTARY, *(title for one in BY_LANGUAGE.values() for title in one.commentary)]
DESCRIPTION = [
    *table.DESCRIPTION,
    *(title for one in BY_LANGUAGE.values() for title in one.description),
]
NEITHER = [
    *ORDINARY,
    *(title for one in BY_LANGUAGE.values() for title in (*one.denied, *one.ordinary)),
]


def test_the_table_is_large_and_names_no_title_twice():
    titles = [*COMMENTARY, *DESCRIPTION, *NEITHER, *table.MUSIC]
    assert len(titles) >= 500
    assert len(set(titles)) == len(titles)


def test_every_language_that_has_words_has_titles():
    assert set(BY_LANGUAGE) == set(WORDS)


KINDS = {"names", "commentary", "description", "negation", "music"}
IN_ENGLISH = {"people", "speaking", "sound"}


@pytest.mark.parametrize("code", WORDS)
def test_the_words_of_a_language_are_of_kinds_that_are_looked_for(code):
    words = WORDS[code]
    assert {"names", "commentary", "description", "negation"} <= words.keys()
    assert words.keys() - KINDS == (IN_ENGLISH if code == "eng" else set())
    assert all(entries and len(set(entries)) == len(entries) for entries in words.values())


@pytest.mark.parametrize("code", WORDS)
def test_the_words_of_a_language_tell_its_titles_apart(code):
    titles = BY_LANGUAGE[code]
    assert normalise(code), "its key is the code of a language"
    assert titles.commentary
    assert titles.description
    assert titles.denied
    assert titles.ordinary
    assert all(is_commentary(title) for title in titles.commentary)
    assert all(is_description(title) for title in titles.description)
    for title in titles.denied:
        # What is denied is named: without the words there would be nothing to deny.
        assert not is_commentary(title), title
        assert not is_description(title), title
    assert not any(is_commentary(title) or is_description(title) for title in titles.ordinary)


@pytest.mark.parametrize("code", WORDS)
def test_every_word_of_a_language_is_found_where_it_stands_alone(code):
    language = WORDS[code]
    assert all(is_commentary(entry) for entry in language["commentary"])
    assert all(is_description(entry) for entry in language["description"])
    assert all(is_music(entry) for entry in language.get("music", ()))


@pytest.mark.parametrize("code", WORDS)
def test_every_negation_turns_a_word_of_its_language_around(code):
    language = WORDS[code]
    for negation in language["negation"]:
        said = negation.replace("…", language["commentary"][0].strip("*"))
        assert not is_commentary(said), said


@pytest.mark.parametrize("code", WORDS)
def test_a_language_knows_its_own_name(code):
    for name in WORDS[code]["names"]:
        assert str(language_of(f"{name} 5.1")) == code
        assert not is_commentary(name)
        assert not is_description(name)


def test_an_isolated_score_is_told_by_its_title():
    assert [title for title in table.MUSIC if not is_music(title) or is_commentary(title)] == []


def test_other_titles_are_no_isolated_score():
    assert [title for title in [*NEITHER, *DESCRIPTION] if is_music(title)] == []


def test_a_title_may_be_the_name_of_a_language():
    assert {title: str(language_of(title)) for title in table.NAMED} == table.NAMED


def test_a_title_that_says_more_names_no_language():
    titles = [*table.NAMING_NONE, *COMMENTARY, *DESCRIPTION, *table.MUSIC]
    assert [title for title in titles if language_of(title) is not None] == []


def test_the_code_of_vietnamese_is_no_description():
    assert is_description("(VI)")
    assert not is_description("(VI)", "vie")
    assert is_description("(VI)", "eng")


def test_a_commentary_is_told_by_its_title_and_is_no_description():
    assert [title for title in COMMENTARY if not is_commentary(title) or is_description(title)] == []


def test_an_audio_description_is_told_by_its_title():
    assert [title for title in DESCRIPTION if not is_description(title)] == []


def test_an_ordinary_title_says_neither():
    assert [title for title in NEITHER if is_commentary(title) or is_description(title)] == []


def test_a_description_is_no_commentary_unless_it_says_so_too():
    assert [title for title in DESCRIPTION if is_commentary(title) != ("commentary" in title)] == []


@pytest.mark.parametrize(
    "word", ["Director", "Director's Cut", "Directors", "Réalisateur", "Regisseur", "Режиссёр"]
)
def test_a_director_alone_comments_nothing(word):
    assert not is_commentary(word)


def test_a_commentary_on_the_directors_cut_is_a_commentary():
    assert is_commentary("Director's Cut with commentary")
    assert is_commentary("Director's Cut - comments by the director")


def test_accents_and_case_make_no_difference():
    assert is_commentary("KOMENTÁŘ REŽISÉRA")
    assert is_commentary("Komentar rezisera")
    assert is_commentary("Re\u0301alisateur : commentaire")


def test_audio_description_in_small_letters_must_be_spelled_out():
    assert not is_description("an ad")
    assert is_description("audio description")


@given(st.text())
def test_every_text_has_an_answer(title):
    assert is_commentary(title) in (True, False)
    assert is_description(title) in (True, False)
    assert is_music(title) in (True, False)
    assert language_of(title) is None or str(language_of(title))


@given(st.sampled_from(COMMENTARY), st.sampled_from(["English", "5.1", "Stereo", "DTS-HD MA", "[Group]"]))
def test_a_commentary_stays_one_beside_words_about_the_sound(title, words):
    assert is_commentary(f"{title} {words}")
    assert is_commentary(f"{words} {title}")


def test_a_title_without_end_is_answered_at_once():
    assert not is_commentary("no a " * 100_000)
    assert not is_description("audio " * 100_000)
    assert not is_music("no " * 100_000)
    assert language_of("stereo " * 100_000) is None
