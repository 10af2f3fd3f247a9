"""What the scanner shows on the home page."""

from __future__ import annotations

from collections import Counter
from typing import Any
from weakref import WeakKeyDictionary

from django.http import HttpRequest

from scanner.models import Verdict
from scanner.pages import home_rows as queries

LANGUAGES = 8

_known: WeakKeyDictionary[HttpRequest, list[queries.Coverage]] = WeakKeyDictionary()
"""The coverage of a request, which counts the whole library: two cards of one page show it."""


def tiles_card(request: HttpRequest) -> dict[str, Any]:
    return {"verdicts": _by_verdict(_total(_coverage(request)))}


def verdicts_card(request: HttpRequest) -> dict[str, Any]:
    coverage = _coverage(request)
    verdicts = _total(coverage)
    return {"media": verdicts.total(), "shares": queries.shares(verdicts), "coverage": coverage}


def week_card(_request: HttpRequest) -> dict[str, Any]:
    return {"week": queries.week()}


def languages_card(_request: HttpRequest) -> dict[str, Any]:
    found = queries.languages()
    return {"languages": found[:LANGUAGES], "most_files": max([1, *(one.files for one in found)])}


def acting_card(_request: HttpRequest) -> dict[str, Any]:
    return {"acting": queries.worth_acting()}


def _coverage(request: HttpRequest) -> list[queries.Coverage]:
    if (known := _known.get(request)) is None:
        known = _known[request] = queries.coverage()
    return known


def _total(coverage: list[queries.Coverage]) -> Counter[str]:
    return sum((one.verdicts for one in coverage), Counter())


def _by_verdict(verdicts: Counter[str]) -> list[tuple[str, int]]:
    return [(value, verdicts[value]) for value in Verdict.values]
