"""Entries that fit: a number that fits into no column is not said, a line without end is cut. No Django."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from catalogue.values import BEST_RATING, Copy, Edition, Entry, Kept, Progress, Season, Work

Told = TypeVar("Told", Work, Edition, Copy, Progress, Season, Kept, Entry)

LONGEST_WORD = 500
"""Characters of what stands in an index."""

LONGEST_LINE = 1_000
"""Characters of what stands in a list in one line, such as a title; nobody can write more by hand."""

MOST_IN_BOX = 500

_YEARS = range(1000, 2201)
_MOST = 2**31 - 1
_DEAREST = 10**10


def fitting(entry: Entry) -> Entry:
    work, edition, copy, progress = entry.work, entry.edition, entry.copy, entry.progress
    work = _with(
        work,
        **_lines(work, "title", "original_title", "series", "position", "language", "audience_rating"),
        year=work.year if work.year in _YEARS else None,
        runtime_min=_small(work.runtime_min),
        community_rating=_rating(work.community_rating),
    )
    edition = _with(
        edition,
        **_lines(edition, "name", "publisher", "region"),
        format=edition.format[:LONGEST_WORD],
        resolution=edition.resolution[:LONGEST_WORD],
        pages=_small(edition.pages),
        discs=_small(edition.discs),
    )
    if copy:
        copy = _with(copy, price=_price(copy.price), quantity=_small(copy.quantity) or 1)
    kept = entry.kept and _with(
        entry.kept,
        seasons=tuple(
            {one.number: _season(one) for one in entry.kept.seasons if 0 <= one.number <= _MOST}.values()
        ),
        box=entry.kept.box[:MOST_IN_BOX],
    )
    progress = _progress(entry.progress)
    return _with(entry, work=work, edition=edition, copy=copy, progress=progress, kept=kept)


def _season(season: Season) -> Season:
    numbers = {name: _small(getattr(season, name)) or 0 for name in ("expected", "available")}
    return _with(season, name=season.name[:LONGEST_WORD], progress=_progress(season.progress), **numbers)


def _progress(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return _with(progress, times=_small(progress.times), rating=_rating(progress.rating))


def _with(told: Told, **fields: Any) -> Told:
    """The same but for these fields; most fit as they are."""
    if all(getattr(told, name) == value for name, value in fields.items()):
        return told
    return replace(told, **fields)


def _lines(told: Work | Edition, *names: str) -> dict[str, str]:
    return {name: getattr(told, name)[:LONGEST_LINE] for name in names}


def _small(number: int | None) -> int | None:
    return number if number is not None and 0 <= number <= _MOST else None


def _rating(rating: Decimal | None) -> Decimal | None:
    fits = rating is not None and 0 <= rating <= BEST_RATING
    return rating.quantize(Decimal("0.01")) if rating is not None and fits else None


def _price(price: Decimal | None) -> Decimal | None:
    fits = price is not None and 0 <= price < _DEAREST
    return price.quantize(Decimal("0.0001")) if price is not None and fits else None
