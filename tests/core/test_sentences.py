"""Sentences: English texts that remember what they are made of."""

from __future__ import annotations

import copy
import json

from core.issues import Issue, Severity
from core.sentences import Sentence, in_numbers, part_of, say, say_all, say_many, told_of


def test_a_sentence_is_its_english_text_and_what_it_was_made_of():
    sentence = say("%(title)s is %(percent)d %% done", title="Lantern", percent=20)

    assert sentence == "Lantern is 20 % done"
    assert sentence.told == {
        "say": "%(title)s is %(percent)d %% done",
        "with": {"title": "Lantern", "percent": 20},
    }


def test_what_is_neither_text_nor_number_is_kept_as_its_text():
    assert say("no: %(error)s", error=ValueError("bad")).told["with"] == {"error": "bad"}


def test_numbers_choose_between_singular_and_plural():
    forms = in_numbers("%(number)d file of %(name)s", "%(number)d files of %(name)s")

    assert [say_many(*forms, n, name="A") for n in (0, 1, 2)] == [
        "0 files of A",
        "1 file of A",
        "2 files of A",
    ]
    assert say_many(*forms, 2, name="A").told == {
        "say": list(forms),
        "number": 2,
        "with": {"number": 2, "name": "A"},
    }


def test_sentences_stand_in_sentences():
    inner = say_all([say("excluded"), "as it is"])
    outer = say("%(title)s: %(changes)s", title="Lantern", changes=inner)

    assert outer == "Lantern: excluded, as it is"
    assert outer.told["with"]["changes"] == {"all": [{"say": "excluded", "with": {}}, "as it is"]}
    assert json.loads(json.dumps(outer.told)) == outer.told


def test_what_is_told_otherwise_is_kept_as_its_kind_and_value():
    assert part_of(Sentence.of("deu", {"language": "deu"})) == {"language": "deu"}


def test_plain_texts_were_made_of_nothing_that_is_known():
    assert told_of("plain") is None
    assert told_of(say("said")) == {"say": "said", "with": {}}


def test_a_sentence_survives_a_copy_of_the_issue_that_holds_it():
    issue = Issue("TV", Severity.ERROR, say("It is %(what)s.", what="away"), "", "")

    assert told_of(copy.deepcopy(issue).what) == told_of(issue.what)
    assert issue.to_json()["what"] == "It is away."
