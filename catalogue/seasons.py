"""The seasons of a series, as a person says them: how many episodes each has, and how many are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from catalogue import scope
from catalogue.editing import line, noted, whole
from catalogue.models import Season, Work
from core.errors import ConfigError, FieldError

FIELDS = ("number", "name", "expected", "available")
MOST = 9_999
LONGEST_NAME = 200
_TOLD = "seasons"


def seen(user: User) -> QuerySet[Season]:
    """The seasons of all works that somebody sees."""
    return Season.objects.filter(work__in=scope.works(user))


@transaction.atomic
def save(season: Season, user: User, changes: Mapping[str, Any]) -> Season:
    """Add a season to its work, or change one. Raises FieldError, and ConfigError where somebody may not."""
    work = _held(season.work_id, user)
    before = _told(work)
    held = Season.objects.get(pk=season.pk) if season.pk else season
    for name in FIELDS:
        if name in changes:
            value = changes[name]
            checked = line(name, value, LONGEST_NAME) if name == "name" else whole(0, MOST)(name, value) or 0
            setattr(held, name, checked)
    if work.seasons.filter(number=held.number).exclude(pk=held.pk).exists():
        raise FieldError("number", "catalogue.season-there", number=held.number)
    held.save()
    held.refresh_from_db()
    _noted(work, user, before)
    return held


@transaction.atomic
def remove(season: Season, user: User) -> None:
    """Take a season off its work, with how everybody stands to it. Raises as `save`."""
    work = _held(season.work_id, user)
    before = _told(work)
    work.seasons.filter(pk=season.pk).delete()
    _noted(work, user, before)


def _held(pk: int, user: User) -> Work:
    if not scope.changeable_works(user).filter(pk=pk).exists():
        raise ConfigError("catalogue.may-not-change")
    return Work.objects.select_for_update(of=("self",)).get(pk=pk)


def _told(work: Work) -> list[str]:
    return [f"{one} ({one.available}/{one.expected})" for one in work.seasons.all()]


def _noted(work: Work, user: User, before: list[str]) -> None:
    after = _told(work)
    if before != after:
        noted(work, user, {_TOLD: before}, {_TOLD: after})
