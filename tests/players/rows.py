"""A player as rows in the database, with titles in every state; nothing answers at its address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from django.utils import timezone

if TYPE_CHECKING:
    from connections.models import Connection
    from library.models import Media
    from players.models import Link

CANDIDATES = [
    {"id": str(pk), "title": f"Twin {pk}", "year": 2001, "grade": 60, "library": "Movies", "path": f"/d/{pk}"}
    for pk in (1, 2)
]
OURS, HELD = {"ours": ["aa"]}, {"ours": ["aa"], "held": "bb"}


def make_player(source: Connection, titles: Iterable[Media], **given: Any) -> Connection:
    """A Plex that titles of a source go to, each in the next state of `states`."""
    from connections.models import Connection
    from players.models import Outage, PlayerMapping, PlayerSettings, RemoteItem, Route, Tally

    now = timezone.now()
    player = Connection(name="Plex", kind="plex", url="http://plex.lan:32400")
    player.keep_secrets({"token": "t" * 20})
    player.save()
    PlayerSettings.objects.create(connection=player, indexed_at=now, server="abc", **given)
    PlayerMapping.objects.create(player=player, source_prefix="/movies", player_prefix="/d")
    Route.objects.create(source=source, player=player)
    for one in CANDIDATES:
        row = {"remote_id": one["id"], "title": one["title"], "paths": [one["path"]]}
        RemoteItem.objects.create(player=player, kind="movie", library="Movies", year=2001, **row)
    for media, state in zip(titles, cycle(states())):
        make_link(player, media, **state)
    Outage.objects.create(player=player, began_at=now - timedelta(hours=3), ended_at=now - timedelta(hours=2))
    hour = now.replace(minute=0, second=0, microsecond=0)
    Tally.objects.create(player=player, hour=hour, what="link", outcome="in_sync", number=4, ms=800)
    return player


def make_link(player: Connection, media: Media, **given: Any) -> Link:
    """A title of our library in a player, with the label `dub`."""
    from players.clients.contract import Kind
    from players.models import Link, Subject
    from players.rules.matching import Title
    from players.sources import State

    kind = Kind.SHOW if media.is_series else Kind.MOVIE
    title = Title(kind, media.title, media.year, media.path, (f"{media.path}/{media.title}.mkv",))
    subject, _ = Subject.objects.get_or_create(
        source=media.connection,
        key=f"media:{media.pk}",
        defaults={
            "kind": kind,
            "title": str(media),
            "media_id": media.pk,
            "state": State(title, labels=("dub",)).to_json(),
        },
    )
    return Link.objects.create(subject=subject, player=player, **given)


def states() -> list[dict[str, Any]]:
    """In sync, ambiguous, edited elsewhere, failed, waiting."""
    from core.words import Phrase

    told = {"title": "It", "player": "Plex"}
    sent = {"item_ids": ["1"], "grade": 100, "synced_at": timezone.now()}
    return [
        {"state": "in_sync", "marks": {"1": {"label:dub": OURS}}, **sent},
        {
            "state": "ambiguous",
            "cause": "ambiguous",
            "grade": 60,
            "candidates": CANDIDATES,
            "error": Phrase("link.ambiguous", number=2, player="Plex"),
        },
        {
            "state": "in_sync",
            "cause": "edited",
            "conflict": True,
            "marks": {"1": {"label:dub": OURS, "summary": HELD}},
            "error": Phrase("link.edited", what=[Phrase("detail.summary")], **told),
            **sent,
        },
        {"state": "failed", "cause": "refused_value", "error": "Plex answers 400.", "tries": 5},
        {"state": "due", "due_at": timezone.now() - timedelta(minutes=1)},
    ]
