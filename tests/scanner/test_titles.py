"""What the titles of audio tracks say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.titles import is_commentary, is_description
from tests.scanner.title_table import COMMENTARY, DESCRIPTION, NEITHER


def test_the_table_is_large_and_names_no_title_twice():
    titles = [*COMMENTARY, *DESCRIPTION, *NEITHER]
    assert len(titles) >= 200
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("title", COMMENTARY)
def test_a_commentary_is_told_by_its_title(title):
    assert is_commentary(title)


@pytest.mark.parametrize("title", DESCRIPTION)
def test_an_audio_description_is_told_by_its_title(title):
    assert is_description(title)


@pytest.mark.parametrize("title", NEITHER)
def test_an_ordinary_title_says_neither(title):
    assert not is_commentary(title)
    assert not is_description(title)


@pytest.mark.parametrize("title", DESCRIPTION)
def test_a_description_is_no_commentary_unless_it_says_so_too(title):
    assert is_commentary(title) == ("commentary" in title)


@pytest.mark.parametrize("title", COMMENTARY)
def test_a_commentary_is_no_description(title):
    assert not is_description(title)


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


@given(st.sampled_from(COMMENTARY), st.sampled_from(["English", "5.1", "Stereo", "DTS-HD MA", "[Group]"]))
def test_a_commentary_stays_one_beside_words_about_the_sound(title, words):
    assert is_commentary(f"{title} {words}")
    assert is_commentary(f"{words} {title}")


def test_a_title_without_end_is_answered_at_once():
    assert not is_commentary("no a " * 100_000)
    assert not is_description("audio " * 100_000)
