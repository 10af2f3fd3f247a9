"""What all lists have: what they are filtered by, views that people keep, and columns of their choice."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from connections.models import Connection
from core.errors import ConfigError, FieldError
from core.features import Text
from web.access import user_of
from web.contract import ListPage, TitleColumn, every
from web.models import NAME_LENGTH, QUERY_LENGTH, Columns, SavedView

MOST_VIEWS = 30
"""So many views of one list a person may keep."""

IN_ROW = 3
"""So many filters stand beside the search; the rest opens, unless it is a single one."""

PLACE = ("at", "after", "all", "page", "file")
"""The parameters that say where in a list one is, and not what it shows."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of what a list shows. `value` is what was asked; the first option, without a value, is all.
    Without options it is a day, written as 2026-01-31.

    `as_chip` says that its choice is told beside the list, with a way to take it back.
    """

    name: str
    label: Text
    options: Sequence[tuple[str, Text]] = ()
    value: str = ""
    as_chip: bool = True

    @classmethod
    def of_connections(cls, chosen: int | None, rows: QuerySet[Connection] | None = None) -> Filter:
        """The choice of one connection, of these or of all; takes a query."""
        rows = Connection.objects.all() if rows is None else rows
        known = [(str(pk), name) for pk, name in rows.values_list("pk", "name")]
        return cls("instance", _("Instance"), [("", _("Any instance")), *known], str(chosen or ""))

    @property
    def told(self) -> Text:
        """What was chosen, in its own words; empty where nothing was."""
        if not self.options:
            return f"{self.label} {self.value}" if self.value else ""
        return next((text for value, text in self.options if value and value == self.value), "")


@dataclass(frozen=True, slots=True)
class Toolbar:
    """What stands above a list (`web/toolbar.html`). `page` is the name of its page, for views and columns.

    `kept` are further parameters of the address that a new search keeps; `q` is None where no text is
    searched for. `follows` is the id of the part of the page that is shown anew while somebody types.
    """

    page: str = ""
    label: Text = ""
    q: str | None = None
    filters: Sequence[Filter] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    views: Sequence[SavedView] = ()
    columns: Sequence[tuple[str, Text, bool]] = ()
    here: str = ""
    follows: str = ""

    @classmethod
    def of(cls, request: HttpRequest, page: str, **given: Any) -> Toolbar:
        """That of a list; of one with a `page` the visitor keeps views, which takes a query."""
        views = views_of(user_of(request), page) if page else ()
        return cls(page=page, views=views, here=what_is_shown(request.GET.urlencode()), **given)

    @property
    def common(self) -> list[Filter]:
        """What stands beside the search: the first filters, and the order of the list."""
        further = self.further
        return [one for one in self.filters if one not in further]

    @property
    def further(self) -> list[Filter]:
        filters = [one for one in self.filters if one.as_chip]
        return filters[IN_ROW:] if len(filters) > IN_ROW + 1 else []

    @property
    def chips(self) -> list[Filter]:
        return [one for one in self.filters if one.as_chip and one.told]

    @property
    def is_set(self) -> bool:
        return bool(self.q) or any(one.value for one in self.filters if one.as_chip)


def searched(asked: Mapping[str, str]) -> str:
    """What is looked for in a list, as far as a search may be long."""
    return asked.get("q", "").replace("\0", "").strip()[:100]


def one_of(asked: Mapping[str, str], name: str, allowed: Container[str]) -> str:
    """What is asked for by this name; empty where that may not be asked for."""
    return asked.get(name, "") if asked.get(name, "") in allowed else ""


def list_page(name: str) -> ListPage:
    """Return the list of this name. Raises ConfigError where nobody brings one."""
    found: ListPage | None = next((one for one in every("lists") if one.view == name), None)
    if found is None:
        raise ConfigError("list.unknown", name=name)
    if found.of_titles:
        theirs: list[TitleColumn] = every("title_columns")
        return replace(found, columns={**found.columns, **{one.name: one.text for one in theirs}})
    return found


def what_is_shown(query: str) -> str:
    """A query as a view keeps it: without where in the list one was, and what is empty; in one order."""
    asked = QueryDict(query, mutable=True)
    kept = sorted((name, str(value)) for name, value in asked.items() if value and name not in PLACE)
    told = QueryDict(mutable=True)
    told.update(dict(kept))
    return told.urlencode()


def opened_with(request: HttpRequest, page: str) -> str:
    """The address of the view with which the visitor opens a list; empty where this one asks for something,
    or there is none.
    """
    if request.GET:
        return ""
    view = SavedView.objects.filter(owner=user_of(request), page=page, is_default=True).first()
    return f"{resolve_url(page)}?{view.query or 'all=1'}" if view else ""


def views_of(user: User, page: str) -> list[SavedView]:
    return list(SavedView.objects.filter(owner=user, page=page))


@transaction.atomic
def save_view(user: User, page: str, name: str, query: str, *, is_default: bool = False) -> SavedView:
    """Keep a view under a name; one of that name is replaced. Raises FieldError."""
    list_page(page)
    name = " ".join(name.split())
    if not name:
        raise FieldError("name", "view.no-name")
    if len(name) > NAME_LENGTH:
        raise FieldError("name", "view.long-name", most=NAME_LENGTH)
    query = what_is_shown(query)
    if len(query) > QUERY_LENGTH:
        raise FieldError("query", "view.long-query")
    mine = SavedView.objects.filter(owner=user, page=page)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise FieldError("name", "view.too-many", most=MOST_VIEWS)
    if is_default:
        mine.update(is_default=False)
    view, _made = SavedView.objects.update_or_create(
        owner=user, page=page, name=name, defaults={"query": query, "is_default": is_default}
    )
    return view


def columns_of(user: User, page: str) -> list[str]:
    known = list_page(page)
    row = Columns.objects.filter(owner=user, page=page).first()
    wanted = row.shown if row else known.usual
    return [name for name in known.columns if name in wanted]


def choose_columns(user: User, page: str, names: Sequence[str]) -> None:
    """Show somebody these columns of a list, the usual ones where none is named."""
    known = list_page(page)
    shown = [name for name in known.columns if name in names] or list(known.usual)
    Columns.objects.update_or_create(owner=user, page=page, defaults={"shown": shown})
