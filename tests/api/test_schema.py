"""The OpenAPI document: whole, without warnings, and the same as the one that is committed."""

import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

SNAPSHOT = Path(__file__).parent / "openapi.json"
AGAIN = "python -m tests.api.make_snapshot"


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_is_the_committed_one(document):
    committed = json.loads(SNAPSHOT.read_text(encoding="utf-8"))

    gone = {name for name, _ in operations(committed)} - {name for name, _ in operations(document)}
    assert not gone, f"version 1 only gains operations, and these are gone: {sorted(gone)}"
    assert document == committed, (
        f"the API has changed: look at the difference, then commit what `{AGAIN}` makes"
    )


def test_the_generator_warns_of_nothing():
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        SchemaGenerator().get_schema(request=None, public=True)

    assert not GENERATOR_STATS, dict(GENERATOR_STATS._warn_cache) | dict(GENERATOR_STATS._error_cache)


def test_the_document_is_valid_openapi(document):
    from drf_spectacular.validation import validate_schema

    validate_schema(document)


def test_every_operation_has_a_summary(document):
    without = [name for name, operation in operations(document) if not operation.get("summary")]

    assert not without


def test_every_operation_shows_an_example_of_what_it_takes_and_answers(document):
    without = []
    for name, operation in operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        bodies += [answer for answer in operation["responses"].values() if "content" in answer]
        for body in bodies:
            without += [name for media in body["content"].values() if not media.get("examples")]

    assert not without


def test_every_operation_tells_its_errors(document):
    for name, operation in operations(document):
        codes = set(operation["responses"])
        assert {"401"} <= codes, name
        if "requestBody" in operation:
            assert {"400", "415", "422"} <= codes, name
        if "{" in name:
            assert "404" in codes, name
        for code, answer in operation["responses"].items():
            if code >= "400":
                assert answer["content"].keys() == {"application/problem+json"}, (name, code)


def test_every_text_of_a_query_is_told_to_hold_no_nul(document):
    texts = [
        parameter["schema"].get("items", parameter["schema"])
        for _, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]
    plain = [text for text in texts if text == {"type": "string"}]
    told = [text["pattern"] for text in texts if text["type"] == "string" and "pattern" in text]

    assert plain == []
    assert told
    assert all(re.match(pattern, "a\nÄ") and not re.match(pattern, "a\0b") for pattern in told)


def test_the_command_writes_the_document_without_a_warning(capsys):
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())

    assert "arning" not in capsys.readouterr().err


@pytest.mark.django_db
def test_the_document_and_its_page_need_no_key(client):
    assert client.get("/api/v1/schema/").status_code == 200
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"//cdn" not in page.content
