"""Finding works: by what somebody writes and chooses of facets, and how many there are of each of these.

All of it goes through `catalogue.scope`: what somebody may not see is neither found nor counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.cache import caches
from django.db import transaction
from django.db.models import BigIntegerField, BooleanField, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from accounts.models import User
from catalogue import boxes, codes, linking, scope
from catalogue.models import (
    Contribution,
    Identifier,
    Location,
    Progress,
    Season,
    Term,
    Work,
    WorkTerm,
)
from catalogue.models.works import Plain
from catalogue.query import ANYBODY, Between, Query, Said, Words
from catalogue.values import State, TermKind
from core import sql
from core.numbers import number_in

ALIKE = 0.5
"""How much of a misspelled word must stand in what it is like."""

SHORTEST = 3
"""Letters of a word that is found inside others: of shorter ones the index knows nothing."""

MOST_OPTIONS = 80
"""So many values of a facet are offered, the most frequent ones."""

MOST_CLOSE = 60
"""So many works are shown that are only like what was asked for."""

FEW = 20_000
"""So many works are found once, and then known by their ids."""

COUNTED_LIVE = 2_000
"""Of so many works each facet is counted anew; what is chosen of more is told without numbers."""

KEPT = 60
"""Seconds for which the counts of a whole collection hold."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen of each facet; empty is whatever it is."""

    kind: str = ""
    genre: str = ""
    format: str = ""
    decade: str = ""
    place: str = ""
    state: str = ""
    library: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Chosen:
        return cls(**{name: asked.get(name, "")[:200].replace("\0", "") for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet, and how many works have it; None where that is not known."""

    value: str
    name: str
    number: int | None = None


Facets = dict[str, list[Option]]
ALL, ANY = Query(), Chosen()
"""What nobody asked anything of."""


def find(user: User, query: Query = ALL, chosen: Chosen = ANY, *, is_close: bool = False) -> QuerySet[Work]:
    """The works that somebody sees and that fit, in no order; with `is_close` words may be misspelled.

    What is close is found by `closely`.
    """
    rows = scope.works(user).order_by()
    for name in Chosen.__slots__:
        if value := getattr(chosen, name):
            rows = rows.filter(_FACETS[name](user, value))
    for condition in query.conditions:
        if isinstance(condition, Words):
            fits = _close(condition.text) if is_close else _worded(user, condition.text)
        else:
            fits = _fits(user, condition)
        rows = rows.exclude(fits) if condition.is_not else rows.filter(fits)
    return rows


@transaction.atomic
def closely(user: User, query: Query, chosen: Chosen = ANY) -> list[int]:
    """The ids of the first works whose words are like those that somebody wrote."""
    if not query.words:
        return []
    sql.fetch("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
    found = find(user, query, chosen, is_close=True).order_by("sort_title", "pk")
    return list(found.values_list("pk", flat=True)[:MOST_CLOSE])


def known_by(user: User, text: str) -> list[int]:
    """The ids of the works that a number is of, if a text is one: what is scanned opens what it is on."""
    if (code := codes.read(text)) is None:
        return []
    return list(scope.works(user).filter(_numbered(user, code)).values_list("pk", flat=True)[:2])


# Facets


def counts_of(rows: QuerySet[Work], field: str) -> dict[str, int]:
    """How many works there are of each value of a field of theirs."""
    return dict(rows.values_list(field).annotate(number=Count("*")))


@dataclass(frozen=True, slots=True)
class Matches:
    """What fits: its works, and how many there are of each kind, whichever is chosen.

    Of a few `ids` are all of them; None where they are many.
    """

    rows: QuerySet[Work]
    kinds: dict[str, int]
    ids: list[int] | None = None


def matches(user: User, query: Query, chosen: Chosen) -> Matches:
    """Find what fits. Where that are a few works, nothing has to look for them again."""
    any_kind = find(user, query, replace(chosen, kind=""))
    if query == ALL and replace(chosen, kind="") == ANY:
        return Matches(find(user, query, chosen), counts_of(any_kind, "kind"))
    # The first ids of each kind come with its count, so that the search is done once.
    first = Func(
        ArrayAgg("pk"), template=f"(%(expressions)s)[1:{FEW + 1}]", output_field=ArrayField(BigIntegerField())
    )
    told = any_kind.values_list("kind").annotate(number=Count("*"), ids=first)
    found = {kind: (number, ids) for kind, number, ids in told}
    kinds = {kind: number for kind, (number, _) in found.items()}
    if sum(kinds.values()) > FEW:
        return Matches(find(user, query, chosen), kinds)
    ids = [pk for kind, (_, some) in found.items() if chosen.kind in ("", kind) for pk in some]
    return Matches(_these(ids), kinds, ids)


def facets(user: User, query: Query, chosen: Chosen, ids: list[int] | None) -> Facets:
    """The values that each facet has, with how many of the works that fit, which are these few.

    Of a facet that is chosen, and of very many works, all values are offered, without numbers.
    """
    everything = scope.works(user).order_by()
    # A collection that has grown is another one, so that nobody waits for what they imported.
    key = f"catalogue.facets.{user.pk}.{newest(user)}"
    known: Facets = caches["process"].get_or_set(key, lambda: _counted(user, everything), KEPT) or {}
    if (query, chosen) == (ALL, ANY):
        return known
    live = _counted(user, _these(ids), _ids(ids)) if ids is not None and len(ids) <= COUNTED_LIVE else {}
    shown = {}
    for name, options in known.items():
        if getattr(chosen, name) or not live:
            shown[name] = [Option(one.value, one.name) for one in options]
        else:
            shown[name] = live[name]
    return shown


def newest(user: User) -> int | None:
    """The id of the work that came last of those that somebody sees; None where there is none."""
    return scope.works(user).order_by("-pk").values_list("pk", flat=True).first()


def _these(ids: list[int]) -> QuerySet[Work]:
    return Work.objects.filter(pk__in=_ids(ids)).order_by()


def _ids(ids: list[int]) -> RawSQL:
    """Ids as one parameter: as thousands of them a statement takes longer to be read than to be run."""
    return RawSQL("SELECT unnest(%s::bigint[])", [ids])


def _counted(user: User, works: QuerySet[Work], ids: RawSQL | None = None) -> Facets:
    within = works if ids is None else ids
    genres = WorkTerm.objects.filter(work__in=within, term__kind=TermKind.GENRE)
    editions = scope.editions(user, ids).exclude(format="")
    copies = scope.copies(user, ids).filter(location__isnull=False)
    decades = works.filter(year__isnull=False).annotate(decade=F("year") / 10 * 10)
    once, several = Count("*"), partial(Count, distinct=True)
    first, *others = (
        _grouped("genre", genres, "term__name", "term__name", once),
        _grouped("format", editions, "format", "format", several("work")),
        _grouped("decade", decades, "decade", "decade", once),
        _grouped("place", copies, "location", "location__name", several("edition__work")),
        _grouped("state", _begun(user, ids), "state", "state", once),
        _grouped("library", works, "library", "library__name", once),
    )
    found: Facets = {name: [] for name in ("genre", "format", "decade", "place", "state", "library")}
    for facet, value, name, number in first.union(*others, all=True):
        found[facet].append(Option(value, name, number))
    for options in found.values():
        options.sort(key=lambda option: option.name.casefold())
    total = sum(one.number or 0 for one in found["library"])
    if unstarted := total - sum(one.number or 0 for one in found["state"]):
        found["state"].append(Option(State.UNSTARTED.value, "", unstarted))
    return found


def _grouped(facet: str, rows: QuerySet[Any], value: str, name: str, number: Count) -> QuerySet[Any, Any]:
    """The most frequent values of a facet, each with its name and the number of works."""
    told = rows.order_by().annotate(facet=Value(facet), value=Cast(value, TextField()))
    told = told.annotate(told=Cast(name, TextField())).values_list("facet", "value", "told")
    counted: QuerySet[Any, Any] = told.annotate(number=number).order_by("-number")
    return counted[:MOST_OPTIONS]


def _of_kind(_user: User, value: str) -> Q:
    return Q(kind=value)


def _of_genre(_user: User, value: str) -> Q:
    return _pk(WorkTerm.objects.filter(term__kind=TermKind.GENRE, term__name=value), "work")


def _of_format(user: User, value: str) -> Q:
    return _pk(scope.open_editions(user).filter(format=value), "work")


def _of_decade(_user: User, value: str) -> Q:
    first = number_in(value)
    return Q(pk__in=[]) if first is None else Q(year__range=(first, first + 9))


def _of_place(user: User, value: str) -> Q:
    place = number_in(value)
    return _placed(user, [] if place is None else [place])


def _of_state(user: User, value: str) -> Q:
    if value == State.UNSTARTED:
        return ~_pk(_begun(user), "work")
    return _pk(_begun(user).filter(state=value), "work")


def _begun(user: User, ids: RawSQL | None = None) -> QuerySet[Progress]:
    """How somebody stands to the works that they have begun at all."""
    return scope.progress(user, ids).filter(season=None).exclude(state__in=["", State.UNSTARTED])


def _of_library(_user: User, value: str) -> Q:
    number = number_in(value)
    return Q(pk__in=[]) if number is None else Q(library=number)


_FACETS: Mapping[str, Callable[[User, str], Q]] = {
    "kind": _of_kind,
    "genre": _of_genre,
    "format": _of_format,
    "decade": _of_decade,
    "place": _of_place,
    "state": _of_state,
    "library": _of_library,
}


# What is written: conditions of works that are seen, so that none asks for that again


def _own(user: User) -> QuerySet[Progress]:
    return Progress.objects.filter(user=user)


def _works(_user: User) -> QuerySet[Work]:
    return Work.objects.all()


_TERMS = frozenset(kind.value for kind in TermKind)


def _worded(user: User, text: str) -> Q:
    """The works with a text in a title, their series or a name, or with it as their number."""
    found = _either(_holds("plain", text), _holds("person__plain", text))
    if code := codes.read(text):
        found |= _numbered(user, code)
    return found


def _close(text: str) -> Q:
    """The works with a word that is like this one in a title, their series or a name."""
    plain = Plain(Value(text))
    return _either(Q(plain__trigram_word_similar=plain), Q(person__plain__trigram_word_similar=plain))


def _either(works: Q, people: Q) -> Q:
    """The works that fit, and those that somebody who fits has made."""
    # Each side finds its rows by an index of its own; an OR of them would read all works. A work that fits
    # both comes twice, which does not matter here; to sort those out would cost half as much again.
    titled = Work.objects.order_by().filter(works).values("pk")
    made = Contribution.objects.order_by().filter(people).values("work")
    return Q(pk__in=titled.union(made, all=True))


def _holds(field: str, text: str) -> Q:
    """Rows with a text in a field. A short one begins a word: of what is inside words no index knows it."""
    plain = Plain(Value(text))
    if len(text) < SHORTEST:
        return Q((f"{field}__startswith", plain)) | Q((f"{field}__contains", Plain(Value(f" {text}"))))
    return Q((f"{field}__contains", plain))


def _fits(user: User, condition: Said | Between) -> Q:
    if isinstance(condition, Between):
        return _NUMBERS[condition.field](user, condition.low, condition.high)
    if condition.field in _SAYS:
        return _SAYS[condition.field](user, condition.text)
    if condition.field in _TERMS:
        terms = Term.objects.annotate(plain=Plain("name")).filter(kind=condition.field)
        return _pk(WorkTerm.objects.filter(term__in=terms.filter(_holds("plain", condition.text))), "work")
    people = Contribution.objects.filter(_holds("person__plain", condition.text))
    return _pk(people if condition.field == ANYBODY else people.filter(role=condition.field), "work")


def _pk(rows: QuerySet[Any], work: str) -> Q:
    return Q(pk__in=rows.order_by().values(work))


def _numbered(user: User, code: codes.Code) -> Q:
    same = Q()
    for one in codes.looked_up_as(code):
        same |= Q(scheme=one.scheme.value, value=one.value)
    return _with_number(user, same)


def _with_number(user: User, which: Q) -> Q:
    numbers = Identifier.objects.filter(which)
    of_editions = numbers.filter(edition__in=scope.open_editions(user))
    return _pk(numbers.filter(work__isnull=False), "work") | _pk(of_editions, "edition__work")


def _placed(user: User, places: list[int]) -> Q:
    """Works of which a copy stands at one of these places, or within it."""
    tree = list(Location.objects.values_list("pk", "parent"))
    within: set[int] = set(places)
    found: set[int] = set()
    while within - found:
        found |= within
        within = {pk for pk, parent in tree if parent in found}
    return _pk(scope.open_copies(user).filter(location__in=found | within), "edition__work")


def _said_code(user: User, text: str) -> Q:
    if code := codes.read(text):
        return _numbered(user, code)
    return _with_number(user, Q(value=text))


def _said_about(_user: User, text: str) -> Q:
    """Works with all these words in what is told about them; each may go on."""
    # Some letters become quotes when their marks are taken off.
    letters = "".join(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Lm")
    words = re.findall(r"[^\W_]+", letters)
    if not words:
        return Q(pk__in=[])
    asked = Plain(Value(" & ".join(f"'{word}':*" for word in words)))
    vector = SearchVector(Plain("overview"), config="simple")
    rows = Work.objects.annotate(told=vector)
    return _pk(rows.filter(told=SearchQuery(asked, config="simple", search_type="raw")), "pk")


def _said_title(_user: User, text: str) -> Q:
    titles = Q(title__icontains=text) | Q(original_title__icontains=text)
    return _pk(Work.objects.filter(titles, plain__contains=Plain(Value(text))), "pk")


def _said_series(_user: User, text: str) -> Q:
    return _pk(Work.objects.filter(series__icontains=text, plain__contains=Plain(Value(text))), "pk")


def _said_place(user: User, text: str) -> Q:
    return _placed(user, list(Location.objects.filter(name__icontains=text).values_list("pk", flat=True)))


class _OwnSays(Func):
    """Whether what only this household knows says a text: in the field that is called so, or in any."""

    function = "catalogue_says"
    output_field = BooleanField()


def _said_own(user: User, text: str) -> Q:
    """Works with a text in a field of one's own: of themselves, or of a copy. `name=text` is of one field."""
    name, is_named, said = text.partition("=")
    told = (name.strip(), said.strip()) if is_named else ("", text)
    says = _OwnSays("own", *map(Value, told))
    works = Work.objects.exclude(own={}).filter(says)
    copies = scope.open_copies(user).exclude(own={}).filter(says)
    return _pk(works, "pk") | _pk(copies, "edition__work")


def _said_is(user: User, text: str) -> Q:
    copies, progress = scope.open_copies(user), _own(user)
    match text:
        case "owned":
            found = _pk(copies, "edition__work") | _pk(boxes.owned(user), "work")
        case "lent":
            found = _pk(copies.exclude(lent_to=""), "edition__work")
        case "signed":
            found = _pk(copies.exclude(signatures=[]), "edition__work")
        case "wanted":
            found = _pk(progress.filter(is_wanted=True), "work")
        case "boxed":
            found = _pk(boxes.seen(user), "work") | _pk(boxes.in_those_seen(user), "work")
        case "filed":
            found = linking.have_files()
        case _:
            lacking = Season.objects.filter(is_complete=False)
            found = _pk(Season.objects.all(), "work") & ~_pk(lacking, "work")
    return found


def _text_of(rows: Callable[[User], QuerySet[Any]], field: str, work: str) -> Callable[[User, str], Q]:
    """What a field says that holds a text."""

    def fits(user: User, text: str) -> Q:
        return _pk(rows(user).filter(**{f"{field}__icontains": text}), work)

    return fits


_SAYS: Mapping[str, Callable[[User, str], Q]] = {
    "kind": _of_kind,
    "state": _of_state,
    "is": _said_is,
    "title": _said_title,
    "series": _said_series,
    "about": _said_about,
    "code": _said_code,
    "own": _said_own,
    "place": _said_place,
    "publisher": _text_of(scope.open_editions, "publisher", "work"),
    "format": _text_of(scope.open_editions, "format", "work"),
    "resolution": _text_of(scope.open_editions, "resolution", "work"),
    "owner": _text_of(scope.open_copies, "owner__username", "edition__work"),
    "lent": _text_of(scope.open_copies, "lent_to", "edition__work"),
    "language": _text_of(_works, "language", "pk"),
    "library": _text_of(_works, "library__name", "pk"),
}


def _number_of(
    rows: Callable[[User], QuerySet[Any]], field: str, work: str
) -> Callable[[User, Decimal | None, Decimal | None], Q]:
    """What a field says that holds a number."""

    def fits(user: User, low: Decimal | None, high: Decimal | None) -> Q:
        limits = Q()
        if low is not None:
            limits &= Q((f"{field}__gte", low))
        if high is not None:
            limits &= Q((f"{field}__lte", high))
        return limits if work == "pk" else _pk(rows(user).filter(limits), work)

    return fits


def _added(_user: User, low: Decimal | None, high: Decimal | None) -> Q:
    """Works that came here in these years."""
    first = 1 if low is None else min(max(int(low), 1), 9999)
    last = 9999 if high is None else min(max(int(high), 1), 9999)
    return Q(created_at__year__gte=first, created_at__year__lte=last)


_NUMBERS: Mapping[str, Callable[[User, Decimal | None, Decimal | None], Q]] = {
    "year": _number_of(_works, "year", "pk"),
    "added": _added,
    "rating": _number_of(_works, "community_rating", "pk"),
    "minutes": _number_of(_works, "runtime_min", "pk"),
    "mine": _number_of(_own, "rating", "work"),
    "pages": _number_of(scope.open_editions, "pages", "work"),
}
