"""Finding works: by what somebody writes and chooses of facets.

All of it goes through `catalogue.scope`: what somebody may not see is neither found nor counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import transaction
from django.db.models import BooleanField, Func, Q, QuerySet, Value

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

MOST_CLOSE = 60
"""So many works are shown that are only like what was asked for."""


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


Ids = QuerySet[Any, Any]
"""A statement that tells ids of works."""

Fits = Q | Ids
"""Which works fit."""

ALL, ANY = Query(), Chosen()
"""What nobody asked anything of."""


def find(user: User, query: Query = ALL, chosen: Chosen = ANY, *, is_close: bool = False) -> QuerySet[Work]:
    """The works that somebody sees and that fit, in no order; with `is_close` words may be misspelled.

    What is close is found by `closely`.
    """
    rows = scope.works(user).order_by()
    for name in Chosen.__slots__:
        if value := getattr(chosen, name):
            rows = _only(rows, _FACETS[name](user, value))
    for condition in query.conditions:
        fits: Fits
        if isinstance(condition, Words):
            fits = _close(condition.text) if is_close else _worded(user, condition.text)
        else:
            fits = _fits(user, condition)
        rows = _without(rows, fits) if condition.is_not else _only(rows, fits)
    return rows


class _Among(Func):
    """Whether an id is one of those that a statement tells."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def _only(rows: QuerySet[Work], fits: Fits) -> QuerySet[Work]:
    # As an array ids are found first, and then looked up: joined with all works, each of these is read.
    return rows.filter(fits if isinstance(fits, Q) else _Among("pk", ArraySubquery(fits)))


def _without(rows: QuerySet[Work], fits: Fits) -> QuerySet[Work]:
    # Here all works are read, and each would be compared with each of an array.
    return rows.exclude(fits if isinstance(fits, Q) else Q(pk__in=fits))


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
    return list(scope.works(user).filter(pk__in=_any(_numbered(user, code))).values_list("pk", flat=True)[:2])


# What is chosen of facets


def _of_kind(_user: User, value: str) -> Q:
    return Q(kind=value)


def _of_genre(_user: User, value: str) -> Ids:
    return _of(WorkTerm.objects.filter(term__kind=TermKind.GENRE, term__name=value), "work")


def _of_format(user: User, value: str) -> Ids:
    return _of(scope.open_editions(user).filter(format=value), "work")


def _of_decade(_user: User, value: str) -> Q:
    first = number_in(value)
    return Q(pk__in=[]) if first is None else Q(year__range=(first, first + 9))


def _of_place(user: User, value: str) -> Ids:
    place = number_in(value)
    return _placed(user, [] if place is None else [place])


def _of_state(user: User, value: str) -> Fits:
    if value == State.UNSTARTED:
        return ~Q(pk__in=_of(begun(user), "work"))
    return _of(begun(user).filter(state=value), "work")


def begun(user: User, ids: scope.Works = None) -> QuerySet[Progress]:
    """How somebody stands to the works that they have begun at all."""
    return scope.progress(user, ids).filter(season=None).exclude(state__in=["", State.UNSTARTED])


def _of_library(_user: User, value: str) -> Q:
    number = number_in(value)
    return Q(pk__in=[]) if number is None else Q(library=number)


_FACETS: Mapping[str, Callable[[User, str], Fits]] = {
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


def _worded(user: User, text: str) -> Ids:
    """The works with a text in a title, their series or a name, or with it as their number."""
    found = _either(_holds("plain", text), _holds("person__plain", text))
    if code := codes.read(text):
        found += _numbered(user, code)
    return _any(found)


def _close(text: str) -> Ids:
    """The works with a word that is like this one in a title, their series or a name."""
    plain = Plain(Value(text))
    return _any(_either(Q(plain__trigram_word_similar=plain), Q(person__plain__trigram_word_similar=plain)))


def _either(works: Q, people: Q) -> list[Ids]:
    """The works that fit, and those that somebody who fits has made."""
    titled, made = Work.objects.filter(works), Contribution.objects.filter(people)
    return [_of(titled, "pk"), _of(made, "work")]


def _any(found: Sequence[Ids]) -> Ids:
    """What one or more of these tell."""
    # Each finds its rows by an index of its own; an OR of them would read all works. A work that fits two
    # comes twice, which does not matter here; to sort those out would cost half as much again.
    first, *others = found
    return first.union(*others, all=True)


def _holds(field: str, text: str) -> Q:
    """Rows with a text in a field. A short one begins a word: of what is inside words no index knows it."""
    plain = Plain(Value(text))
    if len(text) < SHORTEST:
        return Q((f"{field}__startswith", plain)) | Q((f"{field}__contains", Plain(Value(f" {text}"))))
    return Q((f"{field}__contains", plain))


def _fits(user: User, condition: Said | Between) -> Fits:
    if isinstance(condition, Between):
        return _NUMBERS[condition.field](user, condition.low, condition.high)
    if condition.field in _SAYS:
        return _SAYS[condition.field](user, condition.text)
    if condition.field in _TERMS:
        terms = Term.objects.annotate(plain=Plain("name")).filter(kind=condition.field)
        return _of(WorkTerm.objects.filter(term__in=terms.filter(_holds("plain", condition.text))), "work")
    people = Contribution.objects.filter(_holds("person__plain", condition.text))
    return _of(people if condition.field == ANYBODY else people.filter(role=condition.field), "work")


def _of(rows: QuerySet[Any], work: str) -> Ids:
    """The ids of the works that rows are of."""
    return rows.order_by().values(work)


def _numbered(user: User, code: codes.Code) -> list[Ids]:
    same = Q()
    for one in codes.looked_up_as(code):
        same |= Q(scheme=one.scheme.value, value=one.value)
    return _with_number(user, same)


def _with_number(user: User, which: Q) -> list[Ids]:
    numbers = Identifier.objects.filter(which)
    of_editions = numbers.filter(edition__in=scope.open_editions(user))
    return [_of(numbers.filter(work__isnull=False), "work"), _of(of_editions, "edition__work")]


def _placed(user: User, places: list[int]) -> Ids:
    """Works of which a copy stands at one of these places, or within it."""
    tree = list(Location.objects.values_list("pk", "parent"))
    within: set[int] = set(places)
    found: set[int] = set()
    while within - found:
        found |= within
        within = {pk for pk, parent in tree if parent in found}
    return _of(scope.open_copies(user).filter(location__in=found | within), "edition__work")


def _said_code(user: User, text: str) -> Ids:
    if code := codes.read(text):
        return _any(_numbered(user, code))
    return _any(_with_number(user, Q(value=text)))


def _said_about(_user: User, text: str) -> Fits:
    """Works with all these words in what is told about them; each may go on."""
    # Some letters become quotes when their marks are taken off.
    letters = "".join(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Lm")
    words = re.findall(r"[^\W_]+", letters)
    if not words:
        return Q(pk__in=[])
    asked = Plain(Value(" & ".join(f"'{word}':*" for word in words)))
    vector = SearchVector(Plain("overview"), config="simple")
    rows = Work.objects.annotate(told=vector)
    return _of(rows.filter(told=SearchQuery(asked, config="simple", search_type="raw")), "pk")


def _said_title(_user: User, text: str) -> Ids:
    titles = Q(title__icontains=text) | Q(original_title__icontains=text)
    return _of(Work.objects.filter(titles, plain__contains=Plain(Value(text))), "pk")


def _said_series(_user: User, text: str) -> Ids:
    return _of(Work.objects.filter(series__icontains=text, plain__contains=Plain(Value(text))), "pk")


def _said_place(user: User, text: str) -> Ids:
    return _placed(user, list(Location.objects.filter(name__icontains=text).values_list("pk", flat=True)))


class _OwnSays(Func):
    """Whether what only this household knows says a text: in the field that is called so, or in any."""

    function = "catalogue_says"
    output_field = BooleanField()


def _said_own(user: User, text: str) -> Ids:
    """Works with a text in a field of one's own: of themselves, or of a copy. `name=text` is of one field."""
    name, is_named, said = text.partition("=")
    told = (name.strip(), said.strip()) if is_named else ("", text)
    says = _OwnSays("own", *map(Value, told))
    works = Work.objects.exclude(own={}).filter(says)
    copies = scope.open_copies(user).exclude(own={}).filter(says)
    return _any([_of(works, "pk"), _of(copies, "edition__work")])


def _said_is(user: User, text: str) -> Ids:
    copies, progress = scope.open_copies(user), _own(user)
    match text:
        case "owned":
            found = _any([_of(copies, "edition__work"), _of(boxes.owned(user), "work")])
        case "lent":
            found = _of(copies.exclude(lent_to=""), "edition__work")
        case "signed":
            found = _of(copies.exclude(signatures=[]), "edition__work")
        case "wanted":
            found = _of(progress.filter(is_wanted=True), "work")
        case "boxed":
            found = _any([_of(boxes.seen(user), "work"), _of(boxes.in_those_seen(user), "work")])
        case "filed":
            found = linking.have_files()
        case _:
            lacking = Season.objects.filter(is_complete=False)
            found = _of(Season.objects.exclude(work__in=lacking.values("work")), "work")
    return found


def _text_of(rows: Callable[[User], QuerySet[Any]], field: str, work: str) -> Callable[[User, str], Fits]:
    """What a field says that holds a text."""

    def fits(user: User, text: str) -> Ids:
        return _of(rows(user).filter(**{f"{field}__icontains": text}), work)

    return fits


_SAYS: Mapping[str, Callable[[User, str], Fits]] = {
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
) -> Callable[[User, Decimal | None, Decimal | None], Fits]:
    """What a field says that holds a number."""

    def fits(user: User, low: Decimal | None, high: Decimal | None) -> Fits:
        limits = Q()
        if low is not None:
            limits &= Q((f"{field}__gte", low))
        if high is not None:
            limits &= Q((f"{field}__lte", high))
        return limits if work == "pk" else _of(rows(user).filter(limits), work)

    return fits


def _added(_user: User, low: Decimal | None, high: Decimal | None) -> Q:
    """Works that came here in these years."""
    first = 1 if low is None else min(max(int(low), 1), 9999)
    last = 9999 if high is None else min(max(int(high), 1), 9999)
    return Q(created_at__year__gte=first, created_at__year__lte=last)


_NUMBERS: Mapping[str, Callable[[User, Decimal | None, Decimal | None], Fits]] = {
    "year": _number_of(_works, "year", "pk"),
    "added": _added,
    "rating": _number_of(_works, "community_rating", "pk"),
    "minutes": _number_of(_works, "runtime_min", "pk"),
    "mine": _number_of(_own, "rating", "work"),
    "pages": _number_of(scope.open_editions, "pages", "work"),
}
