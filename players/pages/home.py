"""What players show on the home page, and what search finds of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from players.models import PlayerSettings
from players.pages import rows
from web.contract import Found, Group, fits


def players_card(_request: HttpRequest) -> dict[str, Any]:
    found = rows.players()
    titles = sum(row.counts["in_sync"] for row in found)
    return {"rows": found, "is_well": all(row.is_well for row in found), "titles": titles}


def find(user: User, text: str, most: int) -> Iterator[Found]:
    players = PlayerSettings.objects.select_related("connection").order_by("connection__name")
    for settings in players.filter(connection__enabled=True)[: 10 * most]:
        name = settings.connection.name
        if fits(text, name):
            yield Found(Group.PAGES, name, reverse("player", args=[settings.pk]), "player", _("Player"))
        send = _("Send to %(player)s now") % {"player": name}
        if user.is_admin and fits(text, send):
            yield Found(Group.ACTIONS, send, reverse("player_send", args=[settings.pk]), "run", posted=True)
