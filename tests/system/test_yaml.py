"""YAML that people write, and YAML that is meant to hurt: a text or a sentence, no error, never slow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import masking
from core.errors import TaggarrError
from jobs import doorbells
from system import yaml_documents
from system.configuration import import_document
from system.yaml_documents import YamlError, load_yaml
from tests.api.conftest import with_key
from tests.system.test_portable import DOCUMENT, ENVIRONMENT

SIZE = 160_000


@pytest.fixture(autouse=True)
def _secrets_of_these_tests_alone(monkeypatch):
    """A date or a number that is an API key here is nothing to hide from the logs of other tests."""
    monkeypatch.setattr(masking, "_seen", set())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("1.50", 1.5),
        ("9" * 20, int("9" * 20)),
        ("true", True),
        ("Yes", True),
        ("off", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("!!str 5", "5"),
        ("'5'", "5"),
        ("'null'", "null"),
        ("9" * 21, "9" * 21),
        ("1:30", "1:30"),
        ("190:20:30.15", "190:20:30.15"),
        ("0755", "0755"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("0b101", "0b101"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("685.230_15e+03", "685.230_15e+03"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        (".5", ".5"),
        ("5.", "5."),
        ("2026-01-15", "2026-01-15"),
        ("2026-01-15 10:00:00 +1", "2026-01-15 10:00:00 +1"),
        ("2026-99-99", "2026-99-99"),
        ("=", "="),
        ("y", "y"),
        ("٣", "٣"),
    ],
)
def test_what_a_word_means(text, value):
    found = load_yaml(f"key: {text}")["key"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("key", ["on", "5", "2026-01-15", "1:30", "~", "'quoted'", "&a name", "true"])
def test_a_key_is_the_text_that_stands_there_and_has_its_line(key):
    found = load_yaml(f"first: 1\n{key}: 2\n")
    (name,) = set(found) - {"first"}
    assert (found[name], found.lines[name]) == (2, 2)
    assert name == key.removeprefix("&a ").strip("'")


def laughing(again: str) -> str:
    """A billion laughs: each line names the one before it thirty times."""
    lines = ["m: &m {a: 1, b: 2, c: 3}", "l0: &a0 [x, y, z]"]
    lines += [f"l{level + 1}: &a{level + 1} [{again.format(level) * 30}]" for level in range(7)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: !!binary aGVsbG8=", "the tag"),
        ("a: !!set {b, c}", "the tag"),
        ("a: !!omap [b: 1]", "the tag"),
        ("a: !!pairs [b: 1]", "the tag"),
        ("a: !!timestamp 2026-01-15", "the tag"),
        ("a: !!int x", "the tag"),
        ("a: !!float x", "the tag"),
        ("a: !!bool maybe", "the tag"),
        ("a: !!null x", "the tag"),
        ("a: !!python/object/apply:os.system [id]", "the tag"),
        ("a: !mine 5", "the tag"),
        ("%TAG ! tag:yaml.org,2002:\n--- !int x", "%TAG"),
        ("a: 1\nb: 2\na: 3", "line 3: .* a stands twice, also in line 1"),
        ("? [a]\n: 1", "a key is a text"),
        ("? {a: 1}\n: 1", "a key is a text"),
        ("a: &x [1]\n*x : 1", "a key is a text"),
        ("a: *b", "names nothing"),
        ("a: &a {b: *a}", "or itself"),
        ("a: {<<: 5}", "<< takes a mapping"),
        ("a: {<<: [{b: 1}, 5]}", "<< takes a mapping"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("a: \ud800", "no Unicode text"),
        ('a: "\\0"', "a character that is none"),
        ("[" * 51 + "]" * 51, "nested too deeply"),
        ("{a: " * 51 + "}" * 51, "nested too deeply"),
        (laughing("*a{0},"), "line [5-9]: .* more than 100000 values"),
        (laughing("{{<<: *m, x: *a{0}}},"), "line [3-9]: .* more than 100000 values"),
    ],
)
def test_what_is_not_for_us_is_refused_with_its_line(text, why):
    with pytest.raises(YamlError, match=why):
        load_yaml(text)


def test_fifty_levels_are_no_depth():
    assert load_yaml("[" * 50 + "]" * 50)


def test_mappings_are_merged_as_compose_files_do_it():
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\nd: {w: 0, <<: *a}"
    found = load_yaml(text)
    assert found["c"] == {"x": 1, "y": 1, "z": 3}
    assert found["d"] == {"w": 0, "x": 1, "y": 1}


def nested(levels: int) -> str:
    return "".join(f"{' ' * level}a:\n" for level in range(levels))


def merged(size: int) -> str:
    keys = ",".join(f"k{number}: 1" for number in range(1000))
    return f"a: &a {{{keys}}}\nb: {{<<: [{'*a,' * (size // 3)}]}}\n"


HOSTILE: dict[str, Callable[[int], str]] = {
    "base 60": lambda size: "a: " + "1:" * (size // 2) + "1",
    "base 60 with a point": lambda size: "a: " + "1:" * (size // 2) + "1.5",
    "base 60, many": lambda size: "a: [" + "1:1:1:1,".ljust(8) * (size // 8) + "]",
    "digits": lambda size: "a: " + "9" * size,
    "digits with a point": lambda size: "a: " + "9" * size + ".5",
    "hexadecimal": lambda size: "a: 0x" + "f" * size,
    "octal": lambda size: "a: 0" + "7" * size,
    "binary": lambda size: "a: 0b" + "1" * size,
    "underscores": lambda size: "a: 1" + "_" * size,
    "exponent": lambda size: "a: 1e" + "9" * size,
    "date": lambda size: "a: 2026-01-15T10:00:00." + "1" * size,
    "deep": lambda size: "[" * size,
    "deep mappings": lambda size: "{a: " * (size // 4),
    "deep by blanks": lambda size: nested(int((size / 1.0) ** 0.5)),
    "deep by dashes": lambda size: "- " * (size // 2),
    "list": lambda size: "- 1\n" * (size // 4),
    "mapping": lambda size: "".join(f"a{number}: 1\n" for number in range(size // 10)),
    "anchors": lambda size: "".join(f"- &a{number} x\n" for number in range(size // 12)),
    "aliases": lambda size: "- &a x\n" + "- *a\n" * (size // 5),
    "merges": merged,
    "tag handles": lambda size: "".join(f"%TAG !a{number}! x\n" for number in range(size // 14)) + "--- a",
    "comments": lambda size: "#x\n" * (size // 3),
    "escapes": lambda size: 'a: "' + "\\x41" * (size // 4) + '"',
    "folded": lambda size: "a: >\n" + "  x\n" * (size // 4),
    "plain lines": lambda size: "a: x\n" + "  x\n" * (size // 4),
    "blanks": lambda size: "a: x" + " " * size,
    "a long key": lambda size: "? " + "a" * size + "\n: 1",
    "documents": lambda size: "---\n" * (size // 4),
}


def work(text: str) -> int:
    """How many calls it takes to read a text, those of C counted too."""
    calls = 0

    def count(_frame: Any, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        load_yaml(text)
    except YamlError:
        pass
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_no_faster_than_the_text(make):
    half, whole = work(make(SIZE // 2)), work(make(SIZE))
    assert whole <= 2.2 * half + 200


@pytest.mark.parametrize("make", list(HOSTILE.values())[:11], ids=list(HOSTILE)[:11])
def test_a_long_number_is_a_text_and_never_reckoned(make):
    found = load_yaml(make(SIZE))["a"]
    assert isinstance(found[0] if isinstance(found, list) else found, str)


@given(st.text(alphabet="ab01:.-_ \n\t[]{},&*!|>'\"%@#?<~\\é\x00\ud800", max_size=60))
def test_any_text_is_data_or_a_sentence(text):
    try:
        load_yaml(text)
    except YamlError as error:
        assert error.problem.line >= 1  # noqa: PT017


def test_the_fast_parser_is_the_one_that_is_used_and_the_other_says_the_same(monkeypatch):
    import yaml

    assert yaml_documents._PARSER is yaml.CSafeLoader
    there = load_yaml(DOCUMENT)
    monkeypatch.setattr(yaml_documents, "_PARSER", yaml.SafeLoader)
    assert load_yaml(DOCUMENT) == there


VALUES = [
    *("5", "-5", "1.5", "9" * 20, "9" * 21, ".nan", "true", "~", "[]"),
    *("{}", "[5]", "[~]", "[[a]]", "[{a: b}]", "{a: 5}", "2026-01-15", "''", "'\\0'", '"\\0"', '"\\uD800"'),
    *("${TV_KEY}", "${NOT_SET}", "[${NOT_SET}]", "{a: ${NOT_SET}}", "!!set {a}", "*a"),
    *('"a\\nb"', "x" * 5000, "[5, a, ~, true]", "http://[", "'٣'"),
]
"""One of each kind that `load_yaml` tells apart: most of what looks like a number or a date is a text."""


@pytest.mark.uncounted
@pytest.mark.django_db
@pytest.mark.parametrize("value", VALUES)
def test_any_value_in_any_place_of_the_settings_is_taken_or_refused_with_a_line(value):
    from connections.models import Connection
    from players.models import PlayerSettings
    from system.configuration import sections

    plex = Connection.objects.create(name="Plex", kind="plex", url="http://plex.test")
    PlayerSettings.objects.create(connection=plex)
    whole = {
        **load_yaml(DOCUMENT),
        "routes": [{"source": "TV", "player": "Plex"}],
        "libraries": [{"name": "Comics", "visibility": "members", "members": []}],
        "places": [{"name": "Attic"}],
        "own_fields": [{"kind": "book", "name": "Read by", "type": "choice", "choices": ["Ute"]}],
    }
    with doorbells.muted():
        # The other sections are there already: with each value only its own is brought in once more.
        import_document(DOCUMENT, environ=ENVIRONMENT, connect=False)
        for section in sections():
            for key in section.keys:
                for entry in range(len(whole[section.name])):
                    text = _with(whole, section.name, entry, key, value)
                    try:
                        import_document(text, environ=ENVIRONMENT, connect=False)
                    except TaggarrError as error:
                        assert str(error)  # noqa: PT017


def _with(document: Any, section: str, entry: int, key: str, value: str) -> str:
    """One section of the document with one value as it stands in YAML; JSON is YAML too."""
    import json

    entries = [dict(one) for one in document[section]]
    entries[entry][key] = "THE VALUE"
    return json.dumps({"version": document["version"], section: entries}).replace('"THE VALUE"', value)


ORIGINAL = {"type": "sonarr", "url": "http://192.168.1.9:8989", "api_key": "0" * 32, "root_path": "/tv"}
DEFAULTS = ["run_interval_seconds", "start_running", "write_mode", "log_level"]
OWN = ["target_languages", "tags", "target_genre", "dry_run", "quick_mode", "add_tag_to_genre"]


@pytest.mark.uncounted
@pytest.mark.django_db
@pytest.mark.parametrize("value", VALUES)
def test_any_value_in_the_settings_of_the_original_is_taken_or_refused(value):
    from accounts.models import User

    client = with_key(User.objects.create_superuser("admin", password="a password of mine"), "settings")
    texts = [
        "instances:\n  tv: " + value,
        "defaults: " + value + "\ninstances: {}",
        "instances: " + value,
        value,
    ]
    for place in [*ORIGINAL, *OWN, *DEFAULTS]:
        own = {**ORIGINAL, **({place: value} if place not in DEFAULTS else {})}
        lines = [f"    {key}: {one}" for key, one in own.items()]
        defaults = f"{{{place}: {value}}}" if place in DEFAULTS else "~"
        texts.append("\n".join([f"defaults: {defaults}", "instances:", "  tv:", *lines]))
    for text in texts:
        body = {"settings": text, "connect": False}
        answer = client.post("/api/v1/import", body, format="json")
        assert answer.status_code in (200, 400, 422), (text, answer.content)
