"""Serializers of answers that have the fields of a dataclass, so that nobody types them twice."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

from rest_framework import serializers

Field = serializers.Field[Any, Any, Any, Any]

_FIELDS: dict[Any, type[Field]] = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    bool: serializers.BooleanField,
    datetime: serializers.DateTimeField,
}


class Shown(serializers.Serializer[Any]):
    """Shows `of`, in its order, without what `leaves_out` names; a field that is declared goes first."""

    of: ClassVar[Any]
    leaves_out: ClassVar[frozenset[str]] = frozenset()

    def get_fields(self) -> dict[str, Field]:
        declared, types = super().get_fields(), get_type_hints(self.of)
        names = [field.name for field in fields(self.of) if field.name not in self.leaves_out]
        return {name: declared.get(name) or _field(types[name]) for name in names}


def _field(kind: Any, **options: Any) -> Field:
    inner = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (one for one in inner if one is not NoneType)
        return _field(kind, allow_null=True)
    if get_origin(kind) is list:
        return serializers.ListField(child=_field(inner[0]), **options)
    if get_origin(kind) is dict:
        return serializers.DictField(child=_field(inner[1]), **options)
    if issubclass(kind, Enum):
        return serializers.ChoiceField(choices=[one.value for one in kind], **options)
    return _FIELDS[kind](**options)
