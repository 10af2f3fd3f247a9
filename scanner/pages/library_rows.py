"""The library page: which media a query means, a page of them, and what they can be filtered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.cache import caches
from django.db.models import CharField, Count, F, Func, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.errors import ConfigError
from core.numbers import number_in
from library.models import SERIES_KINDS, Kind, Media
from scanner.languages.codes import NO_LANGUAGES, normalise
from scanner.languages.names import name_of
from scanner.media_search import (
    languages_of,
    stored_codes,
    that_failed,
    that_is_excluded,
    that_lost_a_dub,
    with_language,
    without_language,
)
from scanner.models import ScanState, Verdict
from web.contract import TitleColumn, every
from web.keyset import Key, cut
from web.lists import Filter, one_of, searched

PAGE = 60
CHOICES_KEPT = 60
"""Seconds."""

BY_TITLE = (Key("sort_title"), Key("pk"))
SORTS: dict[str, tuple[Key, ...]] = {
    "title": BY_TITLE,
    "-title": (Key("sort_title", descending=True), Key("pk", descending=True)),
    "year": (Key("year", nullable=True), *BY_TITLE),
    "-year": (Key("year", descending=True, nullable=True), *BY_TITLE),
    "verdict": (Key("scan_state__verdict"), *BY_TITLE),
    "-verdict": (Key("scan_state__verdict", descending=True), *BY_TITLE),
    "changed": (Key("scan_state__verdict_at", descending=True, nullable=True), Key("pk", descending=True)),
    "scanned": (Key("scan_state__scanned_at", descending=True, nullable=True), Key("pk", descending=True)),
}
SORT_NAMES = {
    "title": _("By title"),
    "-title": _("By title, backwards"),
    "-year": _("Newest year first"),
    "year": _("Oldest year first"),
    "verdict": _("By verdict"),
    "changed": _("Changed last"),
    "scanned": _("Scanned last"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
COLUMNS = {
    "verdict": _("Verdict"),
    "languages": _("Languages"),
    "original": _("Original language"),
    "tags": _("Tags"),
    "genres": _("Genres"),
    "instance": _("Instance"),
    "year": _("Year"),
    "files": _("Files"),
    "changed": _("Verdict changed"),
    "scanned": _("Scanned"),
}
USUAL = ("verdict", "languages", "instance", "year", "scanned")
"""The columns of the table beside the title, and those that are shown unless somebody chooses."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asks the library for; empty means whatever it is. Wrong values are taken as empty."""

    q: str = ""
    verdict: str = ""
    instance: str = ""
    kind: str = ""
    language: str = ""
    missing: str = ""
    genre: str = ""
    monitored: str = ""
    state: str = ""
    sort: str = "title"
    elsewhere: tuple[tuple[str, str], ...] = ()
    """What is asked of the columns that other apps bring: the name of one, and a state."""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        return cls(
            q=searched(asked),
            verdict=one_of(asked, "verdict", Verdict.values),
            instance=asked.get("instance", "") if asked.get("instance", "").isdecimal() else "",
            kind=one_of(asked, "kind", Kind.values),
            language=asked.get("language", "")[:20].replace("\0", ""),
            missing=asked.get("missing", "")[:20].replace("\0", ""),
            genre=asked.get("genre", "")[:100].replace("\0", ""),
            monitored=one_of(asked, "monitored", ("yes", "no")),
            state=one_of(asked, "state", ("excluded", "trouble", "waiting", "lost")),
            sort=one_of(asked, "sort", tuple(SORTS)) or "title",
            elsewhere=tuple(
                (one.name, state) for one in others() if (state := one_of(asked, one.name, one.states))
            ),
        )

    @property
    def are_set(self) -> bool:
        return replace(self, sort="title") != Filters()


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """One page: its media, the languages of each by media id, and how many media of each verdict fit.

    `previous` and `next` are the `at` of its neighbours.
    """

    media: list[Media]
    languages: dict[int, list[str]]
    verdicts: dict[str, int]
    total: int
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to filter by: (id, name) of instances, codes of languages, genres."""

    instances: list[tuple[str, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """(code, name) of the languages, by name in the language of the page."""
        named = [(code, name_of(known)) for code in self.codes if (known := normalise(code))]
        return sorted(named, key=lambda pair: pair[1])


def others() -> list[TitleColumn]:
    """What other apps add to the list: each a column, and a filter of its name."""
    return every("title_columns")


def find(filters: Filters) -> QuerySet[Media]:
    return _of_verdict(_of_any_verdict(filters), filters)


def _of_verdict(media: QuerySet[Media], filters: Filters) -> QuerySet[Media]:
    return media.filter(scan_state__verdict=filters.verdict) if filters.verdict else media


def _of_any_verdict(filters: Filters) -> QuerySet[Media]:
    """The media that fit but for their verdict; where a language is asked for, this takes a query."""
    # Each has a state: an inner join, so that the indexes of states serve.
    media = Media.objects.filter(scan_state__isnull=False).order_by()
    if filters.q:
        media = media.filter(title__icontains=filters.q)
    if filters.instance:
        number = number_in(filters.instance)
        media = media.filter(connection_id=number) if number is not None else media.none()
    if filters.kind:
        series = filters.kind in SERIES_KINDS
        media = media.filter(connection__kind__in=[kind for kind in Kind if (kind in SERIES_KINDS) is series])
    if filters.genre:
        media = media.filter(genres__contains=[filters.genre])
    if filters.monitored:
        media = media.filter(monitored=filters.monitored == "yes")
    asked = dict(filters.elsewhere)
    for column in others() if asked else ():
        if column.name in asked:
            media = media.filter(pk__in=column.media_in(asked[column.name]))
    return _by_language(_by_state(media, filters.state), filters)


def library_page(filters: Filters, at: str = "") -> LibraryPage:
    """Return one page of what fits: what `web.keyset` says of `at`, or from a letter on (`letter.k`)."""
    media = _of_any_verdict(filters)
    verdicts = _verdicts_of(filters, media)
    total = verdicts.get(filters.verdict, 0) if filters.verdict else sum(verdicts.values())
    letter = at.removeprefix("letter.") if filters.sort == "title" else ""
    start = Q(sort_title__gte=letter) if letter and letter in LETTERS else None
    # Only ids are sorted: whole rows of a large library would be sorted on disk.
    found = cut(_of_verdict(media, filters), SORTS[filters.sort], at, PAGE, start=start)
    rows = Media.objects.select_related("connection", "scan_state").in_bulk(found.ids)
    chosen = [rows[pk] for pk in found.ids if pk in rows]
    return LibraryPage(chosen, languages_of(found.ids), verdicts, total, found.previous, found.next)


def filters_shown(filters: Filters, known: Choices) -> list[Filter]:
    """What the list can be filtered by and sorted, as its toolbar shows it."""
    here, asked = known.languages, dict(filters.elsewhere)
    series, movies = ("sonarr", _("Series")), ("radarr", _("Movies"))
    return [
        Filter("kind", _("Kind"), [("", _("Series and movies")), series, movies], filters.kind),
        Filter(
            "language",
            _("Has a track in"),
            [("", _("With language…")), *_named(gettext("With %s"), here, filters.language)],
            filters.language,
        ),
        Filter(
            "missing",
            _("Lacks a track in"),
            [("", _("Without language…")), *_named(gettext("Without %s"), here, filters.missing)],
            filters.missing,
        ),
        Filter("instance", _("Instance"), [("", _("Any instance")), *known.instances], filters.instance),
        Filter(
            "genre", _("Genre"), [("", _("Any genre")), *((one, one) for one in known.genres)], filters.genre
        ),
        Filter(
            "monitored",
            _("Monitored"),
            [("", _("Monitored or not")), ("yes", _("Monitored")), ("no", _("Not monitored"))],
            filters.monitored,
        ),
        Filter(
            "state",
            _("State"),
            [
                ("", _("Any state")),
                ("lost", _("Lost their dub")),
                ("trouble", _("With problems")),
                ("waiting", _("Tags waiting")),
                ("excluded", _("Excluded")),
            ],
            filters.state,
        ),
        *(
            Filter(one.name, one.text, [("", one.either), *one.states.items()], asked.get(one.name, ""))
            for one in others()
        ),
        Filter("sort", _("Sort"), [*SORT_NAMES.items()], filters.sort, as_chip=False),
    ]


def _named(text: str, known: Sequence[tuple[str, str]], asked: str) -> list[tuple[str, str]]:
    """The languages as choices; what the address asks for is one of them by any of its codes."""
    language = normalise(asked) if asked and asked not in dict(known) else None
    also = [(asked, name_of(language))] if language else []
    return [(code, text % name) for code, name in (*known, *also)]


def _verdicts_of(filters: Filters, media: QuerySet[Media]) -> dict[str, int]:
    """Return how many of these titles, which fit but for their verdict, have each."""
    # Of all titles the index of the verdicts tells, without a look at the titles.
    if not replace(filters, verdict="").are_set:
        return dict(ScanState.objects.values_list("verdict").annotate(Count("pk")))
    return dict(media.values_list("scan_state__verdict").annotate(Count("pk")))


def choices() -> Choices:
    """Return what the library can be filtered by, as it was at most a minute ago.

    Finding all languages and genres reads every file and media.
    """
    return caches["process"].get_or_set("web.library.choices", _choices, CHOICES_KEPT) or Choices()


def _choices() -> Choices:
    instances = Connection.objects.filter(source__isnull=False)
    connections = [(str(pk), name) for pk, name in instances.values_list("pk", "name")]
    codes = [code for code in stored_codes() if (known := normalise(code)) and known not in NO_LANGUAGES]
    genre = Func(F("genres"), function="unnest", output_field=CharField())
    genres = Media.objects.order_by().annotate(genre=genre).values_list("genre", flat=True).distinct()
    return Choices(connections, codes, sorted(genres))


def _by_state(media: QuerySet[Media], state: str) -> QuerySet[Media]:
    if state == "excluded":
        return that_is_excluded(media, so=True)
    if state == "trouble":
        return that_failed(media, failed=True)
    if state == "lost":
        return that_lost_a_dub(media)
    return media.filter(scan_state__dirty=True) if state == "waiting" else media


def _by_language(media: QuerySet[Media], filters: Filters) -> QuerySet[Media]:
    try:
        if filters.language:
            media = with_language(media, filters.language)
        if filters.missing:
            media = without_language(media, filters.missing)
    except ConfigError:
        return media.none()
    return media
