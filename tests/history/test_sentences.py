"""History in the language of a page: what an event was made of makes its sentence anew."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from core.features import Words
from core.sentences import Sentence, say, say_all, say_many
from history.models import Event, EventKind
from history.sentences import sentence_of, shown
from history.services import record

ROOT = Path(__file__).resolve().parents[2]
RECORDING = ("accounts", "connections", "jobs", "library", "notify", "scanner", "system")

SAID = [
    (say("%(title)s was added to %(instance)s", title="Lantern", instance="TV"), "Lantern ist neu in TV"),
    (say("Saved the channel %(name)s", name="100 %"), "Kanal 100 % gespeichert"),
    (
        say_many("%(number)d series", "%(number)d series", 2),
        "2 Serien",
    ),
    (
        say("%(title)s: %(changes)s", title="A", changes=say_all([say("seen to"), say("excluded by hand")])),
        "A: erledigt, von Hand ausgeschlossen",
    ),
    (say("original language %(language)s", language=Sentence.of("deu", {"language": "deu"})), "Deutsch"),
    (
        say(
            "Scheduled %(job)s: %(when)s",
            job=Sentence.of("cleanup", {"job": "cleanup"}),
            when=say("never (disabled)"),
        ),
        "Aufräumen",
    ),
]


@pytest.mark.parametrize(("sentence", "german"), SAID, ids=[german for _, german in SAID])
def test_a_page_tells_a_sentence_in_its_language(sentence, german):
    with translation.override("de"):
        assert german in shown(sentence)
    with translation.override("en"):
        assert shown(sentence) == str(sentence)


@pytest.mark.django_db
def test_an_event_keeps_its_english_text_and_what_it_was_made_of():
    with translation.override("de"):
        record(EventKind.SETTINGS, say("Deleted the policy %(name)s", name="Spare"))
        event = Event.objects.get()
        assert (event.text, sentence_of(event)) == ("Deleted the policy Spare", "Richtlinie Spare gelöscht")


@pytest.mark.parametrize(
    "made_of",
    [
        None,
        {"say": "%(title)s was added to %(instance)s", "with": {}},
        {"say": "%(title)s was added to %(instance)s"},
        {"say": ["one", "many"], "number": "two", "with": {}},
        {"say": ["one"], "number": 1, "with": {}},
        {"of another version": 1},
        {"verdict": "of another version"},
        {},
        {"why": {"reason": {}}},
    ],
    ids=str,
)
def test_where_what_is_kept_does_not_suffice_the_stored_text_serves(made_of):
    event = Event(text="what was stored", made_of=made_of)
    with translation.override("de"):
        assert sentence_of(event) == "what was stored"


def test_a_text_without_a_translation_stays_english():
    with translation.override("de"):
        assert shown(say("Nobody ever %(did)s this", did="translated")) == "Nobody ever translated this"


def test_an_app_tells_what_only_it_knows(monkeypatch):
    app = apps.get_app_config("history")
    monkeypatch.setitem(vars(app)["_brought"], "words", Words(parts={"shout": str.upper}))
    with translation.override("de"):
        assert shown(say("%(a)s", a=Sentence.of("x", {"shout": "hey"}))) == "HEY"


def told_in_english_alone(path: Path) -> list[str]:
    """The calls of `record`, and the rows for `record_many`, whose text is a literal."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
            texts = node.args[1:2]
        elif isinstance(node, ast.Dict):
            keys = [getattr(key, "value", None) for key in node.keys]
            if {"kind", "text"} <= set(keys):
                texts = [node.values[keys.index("text")]]
        found += [ast.unparse(text) for text in texts if isinstance(text, ast.JoinedStr | ast.Constant)]
    return found


def test_no_line_of_history_is_told_in_english_alone():
    paths = [path for app in RECORDING for path in sorted((ROOT / app).rglob("*.py"))]
    assert {str(path): told for path in paths if (told := told_in_english_alone(path))} == {}


def test_a_literal_line_of_history_is_found(tmp_path):
    source = tmp_path / "one.py"
    rows = 'rows = [{"kind": KIND, "text": "b"}]'
    source.write_text(f'record(KIND, f"{{a}} b")\n{rows}\nrecord(KIND, say("c"))\n')
    assert told_in_english_alone(source) == ["f'{a} b'", "'b'"]
