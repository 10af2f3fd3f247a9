"""Checks bodies against the component schemas of Sonarr's and Radarr's OpenAPI documents.

The documents lie beside the repository, in ../shared/specs; where they are missing, the tests that need them
are skipped.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"

# Request bodies of the calls that Taggarr makes.
_REQUESTS = {
    ("PUT", r"series/editor"): "SeriesEditorResource",
    ("PUT", r"movie/editor"): "MovieEditorResource",
    ("PUT", r"series/\d+"): "SeriesResource",
    ("PUT", r"movie/\d+"): "MovieResource",
    ("POST", r"tag"): "TagResource",
    ("PUT", r"tag/\d+"): "TagResource",
    ("POST", r"command"): "CommandResource",
}


@lru_cache
def document(kind: str) -> dict[str, Any]:
    """The OpenAPI document of "sonarr" or "radarr"; skips the test where it is missing."""
    path = SPECS / f"{kind}-openapi.json"
    if not path.exists():
        pytest.skip(f"{path} is missing: the OpenAPI documents lie beside the repository.")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a choice with null."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _as_json_schema(value) for key, value in node.items()}
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made


@lru_cache
def _validator(kind: str, schema: str, is_list: bool) -> Draft202012Validator:
    components = _as_json_schema(document(kind)["components"])
    assert schema in components["schemas"], f"the document of {kind} has no {schema}"
    reference = {"$ref": f"#/components/schemas/{schema}"}
    root = {"type": "array", "items": reference} if is_list else reference
    return Draft202012Validator({**root, "components": components}, validate_formats=True)


def check(kind: str, schema: str, body: Any) -> None:
    """Fails where a body, or any body of a list, does not follow the component schema."""
    errors = list(_validator(kind, schema, isinstance(body, list)).iter_errors(body))
    assert not errors, f"{schema}: {errors[0].instance_path}: {errors[0].message}"


def check_request(kind: str, entry: dict[str, Any]) -> bool:
    """Checks the body of one journal entry; false where its endpoint takes no body that is known here."""
    for (method, pattern), schema in _REQUESTS.items():
        if entry["method"] == method and re.fullmatch(rf".*/api/v3/{pattern}", entry["path"]):
            check(kind, schema, entry["body"])
            return True
    return False
