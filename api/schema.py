"""What the OpenAPI document says beyond what the serializers tell: summaries, errors, ways to sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from accounts.rights import Need

from .auth import need_of
from .problems import MEDIA_TYPE, problem

Class = TypeVar("Class", bound=type)

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "One sentence: what is wrong, and what to do."},
        "errors": {
            "type": "array",
            "description": "What is wrong with the input, a field each; an empty name is the whole of it.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "job": {"type": "string", "format": "uri", "description": "With 409: the live job."},
        "sign_in": {
            "type": "string",
            "description": "With 403 and the type `recent-sign-in-required`: the page to sign in once more.",
        },
    },
}

NO_NUL = r"^[^\u0000]*$"
"""What the texts of a query look like, in the regular expressions of JSON Schema (ECMA 262)."""

IN_PERSON_TOLD = "No key opens this: it needs a session whose sign-in is at most 15 minutes old."

ANSWERS = ["200", "201", "202"]

DETAILS = {
    400: "The body is no JSON.",
    401: "Give an API key: X-Api-Key, or Authorization: Bearer.",
    403: "This needs the role admin.",
    404: "There is no such thing, or no longer.",
    409: "It does not go together with what is there now.",
    412: "It has been changed since you read it: read it again, then change that.",
    413: "The request is larger than 2621440 bytes, which is the most that is taken.",
    415: "Send JSON: Content-Type: application/json.",
    422: "Give a whole number from 1 to 500.",
    429: "10 streams of live events are open already: close one, and ask again.",
}
"""An example of each error that an operation may answer."""

_WORDS = {
    "list": "List {many}",
    "retrieve": "Show {one}",
    "create": "Add {one}",
    "update": "Change {one} (all of it)",
    "partial_update": "Change {one} (what is given)",
    "destroy": "Delete {one}",
}


class Schema(AutoSchema):
    """Takes an operation's summary from its docstring, or makes it from the view's nouns."""

    def get_summary(self) -> str:
        action = getattr(self.view, "action", "")
        method = getattr(self.view, action or self.method.lower())
        if action in _WORDS and method.__module__.startswith("rest_framework."):
            # Every Resource names them.
            one, many = self.view.nouns  # type: ignore[attr-defined]
            return _WORDS[action].format(many=many, one=one)
        return self._doc()[0]

    def get_description(self) -> str:  # type: ignore[override]
        need, rest = self._need(), self._doc()[1]
        if need is None:
            return rest
        told = IN_PERSON_TOLD if need.in_person else f"With a key: the scope `{need.scope}`."
        return f"{rest}\n\n{told}".strip()

    def get_extensions(self) -> dict[str, Any]:
        """What it needs, for programs: the role of a person, the scope of a key where one will do."""
        need = self._need()
        if need is None:
            return {}
        return {
            "x-role": need.role.value,
            **({"x-recent-sign-in": True} if need.in_person else {"x-scope": str(need.scope)}),
        }

    def get_auth(self) -> list[dict[str, Any]]:
        """The ways to sign in; without keys, where none will do."""
        ways: list[dict[str, Any]] = super().get_auth()
        need = self._need()
        return [way for way in ways if "cookieAuth" in way] if need and need.in_person else ways

    def _need(self) -> Need | None:
        return need_of(self.view, self.method) if hasattr(self.view, "needs") else None

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _doc(self) -> tuple[str, str]:
        action = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        summary, _, rest = get_doc(action).partition("\n\n")
        return " ".join(summary.split()).rstrip("."), rest.strip()


class Decimals(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Told as texts, lest a client rounds them; taken as numbers too."""

    target_class = "rest_framework.fields.DecimalField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:  # noqa: ARG002
        return {"oneOf": [{"type": "string", "format": "decimal"}, {"type": "number"}]}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.auth.KeyAuthentication"
    name = ["apiKey", "bearer"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        return [{"type": "apiKey", "in": "header", "name": "X-Api-Key"}, {"type": "http", "scheme": "bearer"}]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:  # noqa: ARG002
        return [{"apiKey": []}, {"bearer": []}]


def example(answer: dict[str, Any], request: dict[str, Any] | None = None) -> Callable[[Class], Class]:
    """Give a serializer an example of an answer, and one of a request that shows what may be written."""
    examples = [OpenApiExample("Answer", value=answer, response_only=True, status_codes=ANSWERS)]
    if request is not None:
        examples.append(OpenApiExample("Request", value=request, request_only=True))
    return extend_schema_serializer(examples=examples)


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to every operation the errors that it may answer (a hook of drf-spectacular)."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            named = [int(code) for code in operation["responses"] if code >= "400"]
            for code in {*named, *_errors_of(path, method, operation)}:
                operation["responses"][str(code)] = _error(code)
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def _errors_of(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    public = not operation.get("security") or {} in operation["security"]
    codes = [] if public else [401, 403]
    if "{" in path:
        codes.append(404)
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        # A page behind the last one.
        codes += [404, 422]
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", [])):
        codes.append(412)
    if "requestBody" in operation:
        codes += [400, 413, 415, 422]
    elif method != "get":
        codes += [409, 422] if method == "delete" else [422]
    return sorted(set(codes))


def _error(code: int) -> dict[str, Any]:
    body = problem(code, DETAILS[code])
    if code == 422:
        body["errors"] = [{"field": "page_size", "message": DETAILS[code]}]
    media = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {"Problem": {"value": body}}}
    return {"description": body["title"], "content": {MEDIA_TYPE: media}}


def add_etags(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe conditional requests on everything that is read (a hook of drf-spectacular)."""
    for operations in result["paths"].values():
        get = operations.get("get")
        if get is None or "json" not in str(get["responses"].get("200", "")):
            continue
        get["responses"]["200"].setdefault("headers", {})["ETag"] = {
            "description": "Send it back as If-None-Match: an answer that has not changed is a bare 304.",
            "schema": {"type": "string"},
        }
        get["responses"].setdefault("304", {"description": "Not changed since the ETag that was sent."})
    return result


def add_texts(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every text in a query that it holds no NUL character (a hook of drf-spectacular).

    The database knows no such character, so it is refused with 422.
    """
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    schema = parameter["schema"]
                    schema = schema.get("items", schema)
                    if schema.get("type") == "string" and not {"enum", "format", "pattern"} & schema.keys():
                        schema["pattern"] = NO_NUL
    return result
