"""Input of the right type: a name is a text and a switch is true or false, nothing that merely looks like it.

The framework would take 0 for false and 5 for "5": a script with such a slip would seem to work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

PIECE = 1024 * 1024

WANTED: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], type, str], ...] = (
    (serializers.BooleanField, bool, "This is true or false."),
    (serializers.IntegerField, int, "This is a whole number."),
    (serializers.PrimaryKeyRelatedField, int, "This is the number of one."),
    (serializers.SlugRelatedField, str, "This is a text."),
    (serializers.ManyRelatedField, list, "This is a list."),
    (serializers.DateTimeField, str, "This is a time in ISO 8601, as a text."),
    (serializers.CharField, str, "This is a text."),
)


class JsonBody(JSONParser):
    """Reads the body of a request; what is nested without end is refused as other nonsense is."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - it is nested too deeply.") from None


class BytesBody(BaseParser):
    """Hands on the body of a request as it comes, in pieces; one that breaks off is refused in the end."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        return _whole(stream, int(parser_context["request"].META["CONTENT_LENGTH"]))


def _whole(stream: Any, length: int) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        length -= len(piece)
        yield piece
    if length > 0:
        raise ParseError("The upload broke off: send it again.")


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses values of another type than its fields have."""

    def to_internal_value(self, data: Any) -> Any:
        wrong = self._wrong_types(data) if isinstance(data, dict) else {}
        try:
            cleaned = super().to_internal_value(data)
        except serializers.ValidationError as error:
            told = error.detail if isinstance(error.detail, dict) else {}
            raise serializers.ValidationError({**told, **wrong} if wrong else error.detail) from None
        if wrong:
            raise serializers.ValidationError(wrong)
        return cleaned

    def _wrong_types(self, data: dict[str, Any]) -> dict[str, list[str]]:
        return {
            name: [error]
            for name, field in self.fields.items()
            if not field.read_only and name in data and (error := type_error(field, data[name]))
        }


def type_error(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """What is wrong with the type of a value, empty where nothing is; null is the field's own matter."""
    if isinstance(value, list | dict) and (child := _child_of(field)):
        found = (type_error(child, one) for one in (value.values() if isinstance(value, dict) else value))
        if error := next((error for error in found if error), ""):
            return error
    for kind, wanted, sentence in WANTED:
        if isinstance(field, kind) and value is not None:
            fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
            return "" if fits else sentence
    return ""


def _child_of(field: serializers.Field[Any, Any, Any, Any]) -> Any:
    if isinstance(field, serializers.ManyRelatedField):
        return field.child_relation
    return field.child if isinstance(field, serializers.ListField | serializers.DictField) else None
