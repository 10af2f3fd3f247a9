"""What an app brings to the pages, in its module `nav`, and the mounting of its `urls`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, Literal
from weakref import WeakKeyDictionary

from django.db.models import TextChoices
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import CHANGE, Need, refusal
from connections.models import Connection
from core.features import App, Brings, Text, brought, contribution, ours


@dataclass(frozen=True, slots=True)
class Badge:
    """The number beside a menu entry: what it counts, in one query, and the live event that changes it."""

    count: Callable[[HttpRequest], int]
    what: Text
    live: str


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of the main menu: the name of its page, its text and icon, and where it stands.

    It is marked on all addresses whose first part is one of `prefixes`. On a phone those `in_bar` stand at
    the bottom of the screen, the others behind "More". The `parent` of a kind of tabs has no `view` of its
    own: it leads to the first of them, is marked on their addresses too, and is there where one is.
    """

    view: str
    text: Text
    icon: str
    place: int
    prefixes: tuple[str, ...]
    admin: bool = False
    in_bar: bool = False
    badge: Badge | None = None
    parent: Literal["library", "wanted", ""] = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of Library, Wanted, Settings or System: `name` is what its page calls itself.

    Those of Library have the first parts of their addresses as `prefixes`.
    """

    name: str
    view: str
    text: Text
    place: int
    admin: bool = True
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleTab:
    """One tab of the page of a series or movie: `view` takes its number.

    Its template extends `library/title.html` and is filled with `media` and, as `tab`, its `name`.
    """

    name: str
    view: str
    text: Text
    place: int


@dataclass(frozen=True, slots=True)
class TitleLine:
    """A line above the tabs of a series or movie, and the page that it leads to."""

    text: Text
    link: str


@dataclass(frozen=True, slots=True)
class TitleColumn:
    """A column and a filter that an app adds to the list of series and movies.

    `cells` says how some titles stand, by their ids, in few queries; `media_in` has the ids of those that
    stand in one of the `states`. `either` is the choice of all of them.
    """

    name: str
    text: Text
    place: int
    either: Text
    states: Mapping[str, Text]
    cells: Callable[[Collection[int]], Mapping[int, TitleLine]]
    media_in: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Card:
    """A part of the home page that says what is wrong, what changed or what to do next.

    `context` is its `card`, asked for each visit; None where there is nothing to show. At the `top` what is
    well takes one line (`class="card line"`), the rest the whole width. One with a `name` follows live events
    of the kinds `live`: it is loaded anew after `wait` seconds of them, and every `poll` seconds where they
    do not come.
    """

    template: str
    place: int
    column: Literal["top", "wide", "left", "right"] = "left"
    context: Callable[[HttpRequest], dict[str, Any] | None] = lambda _: {}
    name: str = ""
    live: str = ""
    wait: float = 0.4
    poll: int = 60


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page of a connection. `context` is its `panel`; None where there is nothing to show."""

    template: str
    place: int
    context: Callable[[Connection], dict[str, Any] | None]
    column: Literal["top", "side"] = "side"


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of which people keep views and choose `columns`, by the name of its page.

    The columns stand in their order, the `usual` ones where somebody has not chosen. `of_titles`: those that
    apps bring of titles come behind them.
    """

    view: str
    columns: Mapping[str, Text] = field(default_factory=dict)
    usual: Sequence[str] = ()
    place: int = 0
    of_titles: bool = False


@dataclass(frozen=True, slots=True)
class Beginning:
    """Another way to begin than by connecting something: the page, and for whom it is."""

    view: str
    text: Text
    place: int = 0


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One thing that waits for a decision; `link` is the page that tells more, if there is one.

    `template` shows it in full with the buttons that answer it. It is filled with `entry`, whose `context`
    is the app's own, and `may_act`: without that it shows no button. An answer ends with `redirect("inbox")`
    and, where it can be taken back, `web.parts.done(request, text, undo=address)`.
    """

    what: Text
    since: datetime | None = None
    link: str = ""
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboxKind:
    """One kind of decisions. Who lacks what it `need`s sees its entries and cannot answer them.

    `count` takes one query; `entries` has the newest first, at most as many as asked for, in few queries.
    Both leave out what the user may not see. When they change, `core.live.inbox_changed()` says so. With
    more entries than one, `at_once` is a template of what answers many together, filled with `may_act`.
    """

    slug: str
    title: Text
    icon: str
    place: int
    count: Callable[[User], int]
    entries: Callable[[User, int], Sequence[InboxEntry]]
    need: Need = CHANGE
    at_once: str = ""

    def may_be_answered_by(self, user: User) -> bool:
        return refusal(self.need, user, recent=True) is None


class Group(TextChoices):
    """Under what search lists a result, in this order."""

    TITLES = "titles", _("Titles")
    ACTIONS = "actions", _("Actions")
    PAGES = "pages", _("Pages")
    SETTINGS = "settings", _("Settings")
    PEOPLE = "people", _("People")


@dataclass(frozen=True, slots=True)
class Found:
    """One result of a search: a page to open, or, `posted`, something to do."""

    group: Group
    text: Text
    link: str
    icon: str
    about: Text = ""
    posted: bool = False


@dataclass(frozen=True, slots=True)
class JobReport:
    """What a job came to, on its page: a template and what it is filled with, as `report`."""

    template: str
    report: Callable[[Any], Any]


JobResult = Callable[[Mapping[str, Any]], Sequence[Text]]
"""What a job came to, in a few words for a list, by its summary."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Components of an app in all their states, on the style page."""

    template: str
    place: int


@contribution
@dataclass(frozen=True)
class Nav(Brings):
    """Where the pages of an app are found.

    `first_step` names the page that leads through the set-up, while that is to be done; else it is empty.
    `connection_lines` has what the list of connections says of some, by their ids, in few queries.
    `title_lines` are asked for a user and a `library.Media`, each time its page is shown, in few queries.
    `search` finds what the user may open or do by a text, at most so many of a kind, in few queries.
    """

    MODULE = "nav"

    menu: tuple[MenuEntry, ...] = ()
    library: tuple[Tab, ...] = ()
    wanted: tuple[Tab, ...] = ()
    settings: tuple[Tab, ...] = ()
    system: tuple[Tab, ...] = ()
    title_tabs: tuple[TitleTab, ...] = ()
    title_lines: Callable[[User, Any], Iterable[TitleLine]] = lambda *_: ()
    title_columns: tuple[TitleColumn, ...] = ()
    cards: tuple[Card, ...] = ()
    reports: Mapping[str, JobReport] = field(default_factory=dict)
    results: Mapping[str, JobResult] = field(default_factory=dict)
    first_step: Callable[[], str] = lambda: ""
    panels: tuple[Panel, ...] = ()
    connection_lines: Callable[[], Mapping[int, str]] = dict
    inbox: tuple[InboxKind, ...] = ()
    lists: tuple[ListPage, ...] = ()
    beginnings: tuple[Beginning, ...] = ()
    search: Callable[[User, str, int], Iterable[Found]] = lambda *_: ()
    samples: tuple[Sample, ...] = ()


def every(
    kind: Literal[
        "menu",
        "library",
        "wanted",
        "settings",
        "system",
        "title_tabs",
        "title_columns",
        "cards",
        "inbox",
        "samples",
        "beginnings",
        "lists",
    ],
) -> list[Any]:
    found = (one for _, nav in brought(Nav) for one in getattr(nav, kind))
    return sorted(found, key=lambda one: one.place)


def menu(*, is_admin: bool) -> Iterator[MenuEntry]:
    """The entries that somebody sees, by place."""
    for entry in every("menu"):
        if entry.admin and not is_admin:
            continue
        if not entry.parent:
            yield entry
        elif tabs := every(entry.parent):
            prefixes = (*entry.prefixes, *(one for tab in tabs for one in tab.prefixes))
            yield replace(entry, view=tabs[0].view, prefixes=prefixes)


_waiting: WeakKeyDictionary[HttpRequest, dict[InboxKind, int]] = WeakKeyDictionary()
"""What waits, by request: a page and the badge beside it ask once."""


def waiting(request: HttpRequest) -> dict[InboxKind, int]:
    """How many entries each kind of the inbox has for whoever asks."""
    if (known := _waiting.get(request)) is None:
        user = request.user
        kinds = every("inbox") if isinstance(user, User) else []
        known = _waiting[request] = {kind: kind.count(user) for kind in kinds}
    return known


def waiting_for_me(request: HttpRequest) -> int:
    """How many entries of the inbox whoever asks can answer."""
    user = request.user
    found = waiting(request).items()
    return sum(number for kind, number in found if isinstance(user, User) and kind.may_be_answered_by(user))


MOST_FOUND = 8
"""So many results of each group are shown."""


def search_all(user: User, text: str) -> list[tuple[Group, list[Found]]]:
    """What apps find, by group; what begins with the text comes first."""
    groups: dict[Group, list[Found]] = {group: [] for group in Group}
    for _app, nav in brought(Nav):
        for one in nav.search(user, text, MOST_FOUND):
            groups[one.group].append(one)
    for found in groups.values():
        found.sort(key=lambda one: not str(one.text).casefold().startswith(text.casefold()))
    return [(group, found[:MOST_FOUND]) for group, found in groups.items() if found]


def fits(text: str, name: str) -> bool:
    """Whether all words of a search stand in a name."""
    return all(word in name.casefold() for word in text.casefold().split())


def panels_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """The parts of a connection's page, by column, each with its template and `panel`."""
    columns: dict[str, list[dict[str, Any]]] = {"top": [], "side": []}
    panels = (panel for _, nav in brought(Nav) for panel in nav.panels)
    for panel in sorted(panels, key=lambda one: one.place):
        context = panel.context(connection)
        if context is not None:
            columns[panel.column].append({"template": panel.template, "panel": context})
    return columns


def connection_lines() -> dict[int, list[str]]:
    """What apps say of connections in their list."""
    found: dict[int, list[str]] = {}
    for _app, nav in brought(Nav):
        for pk, line in nav.connection_lines().items():
            found.setdefault(pk, []).append(line)
    return found


def title_lines(user: User, media: Any) -> list[TitleLine]:
    """What apps say of a series or movie, above its tabs."""
    return [line for _, nav in brought(Nav) for line in nav.title_lines(user, media)]


def report_of(job_name: str) -> JobReport | None:
    """How the page of a job says what it came to."""
    return next((nav.reports[job_name] for _, nav in brought(Nav) if job_name in nav.reports), None)


def result_of(job_name: str, summary: Mapping[str, Any]) -> Sequence[Text]:
    """What a job came to, in a few words; nothing where its app has none for it."""
    found = (nav.results[job_name] for _, nav in brought(Nav) if job_name in nav.results)
    return next((told(summary) for told in found), ())


def mounted() -> Iterator[URLPattern]:
    for app in ours():
        if app.has("urls") and not app.mounts_itself:
            module = importlib.import_module(f"{app.name}.urls")
            for pattern in module.urlpatterns:
                yield path(str(pattern.pattern), _while_on(app, pattern.callback), name=pattern.name)


def _while_on(app: App, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, in whose place stands a page that says so while its feature is switched off."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if app.is_on:
            return view(request, *args, **kwargs)
        return render(request, "web/switched_off.html", {"feature": app}, status=404)

    return answer
