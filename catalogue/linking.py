"""Works and titles of the library that are one story: they have the same id of TMDB, TheTVDB or IMDb."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import User
from catalogue import scope
from catalogue.codes import Scheme
from catalogue.models import Identifier, Work
from core.numbers import number_in
from library.models import SERIES_KINDS, Media

_FIELDS: Mapping[Scheme, str] = {
    Scheme.IMDB: "imdb_id",
    Scheme.TMDB_MOVIE: "tmdb_id",
    Scheme.TMDB_TV: "tmdb_id",
    Scheme.TVDB: "tvdb_id",
}
_SERIES = Q(connection__kind__in=SERIES_KINDS)
_OF: Mapping[Scheme, Q] = {Scheme.TMDB_MOVIE: ~_SERIES, Scheme.TMDB_TV: _SERIES}
"""Movies and series are numbered apart by TMDB."""


def titles_of(numbers: Iterable[Identifier]) -> list[Media]:
    """The series and movies that a work with these numbers is, by the names of their connections."""
    same = Q()
    for number in numbers:
        scheme = Scheme(number.scheme)
        field = _FIELDS.get(scheme)
        value = number.value if field == "imdb_id" else number_in(number.value)
        if field and value:
            same |= Q((field, value)) & _OF.get(scheme, Q())
    rows = Media.objects.filter(same) if same else Media.objects.none()
    return list(rows.select_related("connection").order_by("connection__name", "pk"))


def works_of(user: User, media: Media) -> QuerySet[Work]:
    """The works that a series or movie is, of those that somebody sees."""
    other = Scheme.TMDB_MOVIE if media.is_series else Scheme.TMDB_TV
    same = Q()
    for scheme, field in _FIELDS.items():
        if scheme is not other and (value := getattr(media, field)):
            same |= Q(scheme=scheme, value=str(value))
    numbers = Identifier.objects.filter(same) if same else Identifier.objects.none()
    return scope.works(user).filter(pk__in=numbers.values("work"))


def have_files() -> QuerySet[Any, Any]:
    """The ids of works that are series or movies of the library too."""
    same = Q()
    for scheme, field in _FIELDS.items():
        ids = Media.objects.filter(_OF.get(scheme, Q()), **{f"{field}__isnull": False})
        same |= Q(scheme=scheme, value__in=ids.values_list(Cast(field, TextField())))
    return Identifier.objects.filter(same, work__isnull=False).values("work")
