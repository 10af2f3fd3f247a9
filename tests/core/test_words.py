"""Phrases: a code with parts, told in the language of whoever looks; and that code and table agree."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from core import errors, words
from core.errors import ApiTransientError, ConfigError, FieldError
from core.fields import PhraseField, loaded, stored
from core.words import Phrase, told
from history.models import Event
from history.services import record
from tests.test_imports import ROOT, modules

NOT_THE_PRODUCT = ("tests", "demo", "bench", "script")
CODE = re.compile(r"[a-z0-9-]+(\.[a-z0-9_-]+)+")
OF_ERRORS = {"status", "retry_after", "counts_for_breaker"}
"""Arguments of errors that are no parts of what they say."""

SAID = [
    (Phrase("title.added", title="Lantern", instance="TV"), "Lantern ist neu in TV"),
    (Phrase("channel.name-taken", name="100 %"), "Es gibt schon einen Kanal namens 100 %"),
    (Phrase("titles.series", number=2), "2 Serien"),
    (Phrase("list.more", names=["A", "B"], number=1), "A, B und 1 weitere"),
    (
        Phrase("hand.title", title="A", changes=[Phrase("hand.seen-to"), Phrase("hand.excluded")]),
        "A: erledigt, ausgeschlossen",
    ),
    (Phrase("hand.original", language=Phrase("language.name", code="deu")), "Originalsprache Deutsch"),
    (Phrase("job.last-failed", job=Phrase("job.name", name="cleanup"), error="x"), "Aufräumen"),
]


@pytest.mark.parametrize(("phrase", "german"), SAID, ids=[german for _, german in SAID])
def test_a_phrase_is_english_and_told_in_the_language_of_the_page(phrase, german):
    again = Phrase.of(phrase.stored())
    with translation.override("de"):
        page = Template("{{ phrase }}").render(Context({"phrase": again}))
        assert german in told(again)
        assert page == told(again)
        assert str(Phrase.of(phrase.stored())) == str(phrase) != told(phrase)
    with translation.override("en"):
        assert told(again) == str(phrase)


@pytest.mark.parametrize(
    ("joint", "codes", "english"),
    [
        ("and", [], ""),
        ("and", ["eng"], "English"),
        ("and", ["eng", "deu", "eng", "jpn"], "English, German and Japanese"),
        ("or", ["eng", "deu"], "English or German"),
    ],
)
def test_languages_are_listed_as_people_list_them(joint, codes, english):
    assert Phrase(f"language.{joint}", codes=codes) == english


@pytest.mark.parametrize(
    ("code", "params", "shown"),
    [
        ("of-a-feature.that-is-gone", {}, "of-a-feature.that-is-gone"),
        ("of-a-feature.that-is-gone", {"name": "ä"}, 'of-a-feature.that-is-gone {"name": "ä"}'),
        ("title.added", {"title": "A"}, 'title.added {"title": "A"}'),
        ("titles.series", {"number": "two"}, 'titles.series {"number": "two"}'),
        ("verdict.name", {"of": 1}, 'verdict.name {"of": 1}'),
        ("What another program said: 100 %", {}, "What another program said: 100 %"),
    ],
)
def test_what_nobody_can_tell_shows_as_it_is(code, params, shown):
    assert Phrase(code, **params) == shown


def test_parts_are_kept_in_json_types():
    phrase = Phrase("x", path=Path("/tv"), error=ConfigError("beat.silent"), sizes=(1, 2.5, None, True))

    assert phrase.stored() == {
        "code": "x",
        "params": {
            "path": "/tv",
            "error": {"code": "beat.silent", "params": {}},
            "sizes": [1, 2.5, None, True],
        },
    }


def test_a_template_escapes_a_phrase():
    phrase = Phrase("channel.name-taken", name="<b>")

    assert "&lt;b&gt;" in Template("{{ phrase }}").render(Context({"phrase": phrase}))


def test_a_secret_is_masked_in_every_part():
    phrase = Phrase(
        "service.of", name="TV", what=Phrase("answer.status-said", app="a", answer=500, said='k"y')
    )

    assert phrase.without('k"y') == "TV: a answered 500: ****."


def test_an_error_is_english_in_every_log_and_told_on_a_page():
    error = FieldError("name", "user.name-taken", name="mara")
    with translation.override("de"):
        assert str(error) == "There is already a user called mara: choose another name."
        assert (
            error.told
            == told(error)
            == "Es gibt schon einen Benutzer namens mara: Wähle einen anderen Namen."
        )
    assert ConfigError(error.phrase).phrase is error.phrase
    assert ApiTransientError("answer.broken", url="u", status=502).status == 502


@pytest.mark.parametrize("text", ["", "plain", 'it says {"code": 1}', "\0", "[]"])
def test_a_column_gives_back_what_was_put_in(text):
    field = PhraseField()

    found = field.from_db_value(field.get_prep_value(text))

    assert found == text.replace("\0", "")
    assert field.from_db_value(text) == text, "written by SQL"


def test_a_column_keeps_code_and_parts():
    phrase = Phrase("title.added", title="A", instance="TV")

    assert Phrase.of(loaded(stored(phrase))).stored() == phrase.stored()


@pytest.mark.django_db
def test_an_event_keeps_codes_and_no_sentence():
    with translation.override("de"):
        record("tags", Phrase("title.added", title="A", instance="TV"))
    event = Event.objects.get()

    assert (event.code, event.params) == ("title.added", {"title": "A", "instance": "TV"})
    assert str(event) == "A was added to TV"
    with translation.override("de"):
        assert (str(event), event.text.told) == ("A was added to TV", "A ist neu in TV")


def test_a_code_of_two_apps_is_refused(monkeypatch):
    monkeypatch.setattr(words, "_table", {})
    words.add("one", {"a.b": "x"})
    words.add("one", {"a.b": "x"})

    with pytest.raises(ValueError, match=r"two and one both say what a\.b means"):
        words.add("two", {"a.b": "y"})


def trees() -> Iterator[tuple[str, ast.Module]]:
    for name, path in modules().items():
        if name.partition(".")[0] not in NOT_THE_PRODUCT:
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def error_names() -> set[str]:
    """The classes of errors that take a code, wherever they are."""
    found = {name for name, one in vars(errors).items() if inspect.isclass(one)}
    classes = [node for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {c.name for c in classes if {ast.unparse(base) for base in c.bases} & found} - found:
        found |= more
    return found


def codes_said() -> Iterator[tuple[str, str, set[str] | None]]:
    """Where a code is said, which, and with which parts; None where they are not written out."""
    sayers = error_names() | {"Phrase", "Trouble"}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in sayers:
                names = [keyword.arg for keyword in node.keywords]
                parts = None if None in names else {str(name) for name in names} - OF_ERRORS
                for given in node.args:
                    if isinstance(given, ast.Constant) and CODE.fullmatch(str(given.value)):
                        yield f"{path}:{node.lineno}", str(given.value), parts


class Asked(dict[str, object]):
    """Parts of which every one is a number; `names` are those that were asked for."""

    def __init__(self, number: int) -> None:
        self.number, self.names = number, set[str]()

    def __missing__(self, name: str) -> int:
        self.names.add(name)
        return self.number


def parts_of(entry: Any) -> set[str]:
    if callable(entry):
        return set(inspect.signature(entry).parameters)
    one, many = Asked(1), Asked(2)
    _ = entry % one, entry % many
    return one.names | many.names


def test_every_code_that_is_said_exists_with_just_those_parts():
    table = words.table()
    wrong = {
        f"{where}: {code} {sorted(parts or ())}"
        for where, code, parts in codes_said()
        if code not in table or (parts is not None and parts != parts_of(table[code]))
    }
    assert wrong == set()


def test_every_code_is_said_somewhere():
    said: set[str] = set()
    families: list[str] = []
    for path, tree in trees():
        tables = path.endswith(("/words.py", "core/texts.py"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and not tables:
                said.add(str(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [one.value if isinstance(one, ast.Constant) else "" for one in node.values]
                pattern = "".join(re.escape(str(part)) if part else r"[\w.-]+" for part in parts)
                if CODE.fullmatch("".join(str(part) or "x" for part in parts)):
                    families.append(pattern)
    unsaid = set(words.table()) - said
    assert {code for code in unsaid if not any(re.fullmatch(one, code) for one in families)} == set()
