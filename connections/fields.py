"""What a connection is asked for beside its address: typed fields, declared once.

The pages' form, the API, commands, YAML and the documentation are made from them, and `clean` decides in all
of these what is taken. A value that is not given is the field's `default`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model, QuerySet

from core.errors import ConfigError, FieldError
from core.features import Text
from core.portable import LARGEST, nearest
from core.words import Phrase

LONGEST = 2000
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to ask for.

    `check` returns a value as it is kept, or raises ConfigError. A `rare` one stands folded on pages, for few
    need it. `page` is the view that asks for one in a way of its own, of the connection `of`: the form says
    by `shown` what holds, and leads there. `when` names an earlier field and some of
    its values: only where that one has one of these is this one asked for. Where it is not, `implied` tells
    from the fields before it what holds: another value is refused then, where without `implied` it is not
    looked at.
    """

    name: str
    title: Text
    help: Text = ""
    default: Any = ""
    required: bool = False
    rare: bool = False
    page: str = ""
    shown: Callable[[Any], Sequence[Text]] = lambda _: ()
    when: tuple[str, tuple[Any, ...]] | None = None
    check: Callable[[Any], Any] | None = None
    implied: Callable[[Mapping[str, Any]], Any] | None = None

    type: ClassVar[str] = "text"

    def clean(self, value: Any) -> Any:
        """A value of the field's type as it is kept. Raises FieldError where it is none."""
        try:
            found = self._typed(value)
            if found in ("", None, []):
                if self.required:
                    raise ConfigError("field.missing", field=str(self.title))
                return found
            return self.check(found) if self.check else found
        except FieldError as error:
            raise FieldError(self.name, error.phrase) from None
        except ConfigError as error:
            raise FieldError(self.name, error.phrase) from None

    def from_text(self, text: str) -> Any:
        """What a text of the command line stands for; `clean` decides whether that is taken."""
        return text

    def is_usual(self, value: Any) -> bool:
        """Whether a value is the one that it has where none is given."""
        return value == self.default or not (value or self.default)

    def is_asked(self, values: Mapping[str, Any]) -> bool:
        """Whether the values of the fields before it leave it to be asked for."""
        return self.when is None or values.get(self.when[0]) in self.when[1]

    def refuse_other(self, value: Any, values: Mapping[str, Any]) -> None:
        """Raise FieldError where a value is not what the fields before it make of this one."""
        if self.implied is None or self.when is None or self.clean(value) == self.implied(values):
            return
        other, ask = self.when
        raise FieldError(self.name, "field.implied", field=self.name, other=other, value=str(ask[0]))

    def _typed(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise ConfigError("field.text", field=str(self.title))
        text = value.strip()
        if len(text) > LONGEST or not text.isprintable():
            raise ConfigError("field.line", field=str(self.title), most=LONGEST)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(Field):
    """A line of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretField(Field):
    """A secret: kept sealed, and never shown again. Empty keeps what is stored, None forgets it."""

    type: ClassVar[str] = "secret"
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField(Field):
    """A whole number. One without a default may be left out."""

    type: ClassVar[str] = "number"
    default: int | None = None
    least: int = 0
    most: int = LARGEST

    def from_text(self, text: str) -> Any:
        return int(text) if text.strip().lstrip("-").isdecimal() else text or None

    def _typed(self, value: Any) -> Any:
        if value is None and self.default is None:
            return None
        if type(value) is not int or not self.least <= value <= self.most:
            raise ConfigError("field.number", field=str(self.title), least=self.least, most=self.most)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationField(NumberField):
    """A number of seconds, which pages ask for as days, hours or minutes."""

    type: ClassVar[str] = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(Field):
    """One of a few words, each with what it is called."""

    type: ClassVar[str] = "choice"
    choices: Sequence[tuple[str, Text]]

    def _typed(self, value: Any) -> Any:
        known = tuple(word for word, _ in self.choices)
        if value not in known:
            hint = nearest(str(value), known)
            raise ConfigError("field.choice", field=str(self.title), value=str(value), hint=hint)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchField(Field):
    """Yes or no."""

    type: ClassVar[str] = "switch"
    default: bool = False

    def from_text(self, text: str) -> Any:
        word = text.strip().lower()
        return True if word in TRUE else False if word in FALSE else text

    def _typed(self, value: Any) -> Any:
        if not isinstance(value, bool):
            raise ConfigError("field.switch", field=str(self.title))
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingsField(Field):
    """Pairs of texts, such as a folder there and a folder here; `columns` names both sides."""

    type: ClassVar[str] = "mappings"
    default: tuple[()] = ()
    columns: tuple[str, str]

    def from_text(self, text: str) -> Any:
        """The pairs of a text with one in each line, such as `/tv = /media/tv`."""
        lines = (line.rpartition("=") for line in text.splitlines() if line.strip())
        left, right = self.columns
        return [{left: one.strip(), right: other.strip()} for one, _, other in lines]

    def to_text(self, pairs: Sequence[Mapping[str, str]]) -> str:
        left, right = self.columns
        return "\n".join(f"{pair[left]} = {pair[right]}" for pair in pairs)

    def _typed(self, value: Any) -> Any:
        if not isinstance(value, list | tuple) or not all(self._is_pair(pair) for pair in value):
            left, right = self.columns
            raise ConfigError("field.mappings", field=str(self.title), left=left, right=right)
        return [{column: pair[column].strip() for column in self.columns} for pair in value]

    def _is_pair(self, pair: Any) -> bool:
        return (
            isinstance(pair, Mapping)
            and set(pair) == set(self.columns)
            and all(isinstance(text, str) and text.isprintable() for text in pair.values())
        )


class Coming(str):
    """The name of a row that will be there once this is saved: the same document makes it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowField(Field):
    """One row of ours, by its number or its name. `section` is where YAML lists such rows."""

    type: ClassVar[str] = "row"
    default: None = None
    required: bool = True
    rows: Callable[[], QuerySet[Any]]
    section: str

    def _typed(self, value: Any) -> Any:
        if isinstance(value, Model | Coming | None):
            return value
        by = "name__iexact" if isinstance(value, str) else "pk"
        found = self.rows().filter(**{by: value}).first() if type(value) in (str, int) else None
        if found is None:
            known = tuple(str(row) for row in self.rows())
            hint = nearest(str(value), known) if known else Phrase("connection.none-yet")
            raise ConfigError("field.row", field=self.name, value=str(value), hint=hint)
        return found


def cleaned(fields: Sequence[Field], given: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all fields: as given, else as they are `there`, else the defaults. Raises FieldError."""
    values: dict[str, Any] = {}
    for field in fields:
        if not field.is_asked(values):
            if field.name in given:
                field.refuse_other(given[field.name], values)
            continue
        value = given.get(field.name, there.get(field.name, field.default))
        values[field.name] = value if field.name in there and field.name not in given else field.clean(value)
    return values
