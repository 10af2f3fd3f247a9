"""What a job, an item or an event is about: a row that only the app knows that it belongs to.

It is kept as a kind and an id, without a foreign key: so the engine and history know no app's models, and
what they keep outlives the row. An app says in its module `subjects` how its kinds of subjects are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.db.models import Case, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from core.features import App, Brings, brought, contribution


class Subject(NamedTuple):
    """One row: its kind (`media`) and its id."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Known(Protocol):
    """A row that is a subject, as those who write events hand it over; its text is its title."""

    connection_id: int

    @property
    def subject(self) -> Subject:
        """Its kind and id."""


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """How subjects of one kind are shown.

    `titles` are its rows, each with a `subject_title`; `link` is the address of the page of one, by its id.
    """

    titles: Callable[[], QuerySet[Any]]
    link: Callable[[int], str]


@contribution
@dataclass(frozen=True)
class Subjects(Brings):
    MODULE = "subjects"

    kinds: Mapping[str, SubjectKind]


class AboutSubject(Protocol):
    """A row about one subject, or none. The subject may be gone."""

    subject_kind: str
    subject_id: int | None


def titled(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows, each with a `subject_title`, empty where it has no subject or that is gone; no query more."""
    whens = [When(subject_kind=kind, then=_title(shown)) for kind, (_, shown) in _kinds()]
    title = Case(*whens, output_field=TextField())
    with_titles: QuerySet[Any] = rows.annotate(
        subject_title=Coalesce(title, Value(""), output_field=TextField())
    )
    return with_titles


def _title(shown: SubjectKind) -> Subquery:
    return Subquery(shown.titles().filter(pk=OuterRef("subject_id")).values("subject_title"))


def page_of(row: AboutSubject) -> str:
    """The address of the page of a row's subject; empty where it has none, or its feature is switched off."""
    return "" if row.subject_id is None else address_of(Subject(row.subject_kind, row.subject_id))


def address_of(subject: Subject) -> str:
    """The address of the page of a subject; empty where its feature is switched off."""
    shown = (one for kind, (app, one) in _kinds() if kind == subject.kind and app.is_on)
    return next((one.link(subject.id) for one in shown), "")


def _kinds() -> Iterator[tuple[str, tuple[App, SubjectKind]]]:
    for app, brings in brought(Subjects, also_off=True):
        for kind, shown in brings.kinds.items():
            yield kind, (app, shown)
