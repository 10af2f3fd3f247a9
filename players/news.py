"""What is told of players: that one could not be sent to, what the brake holds, what was edited elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from jobs.models import Job, JobState
from notify.contract import News, Notice, Topic, link_to
from players.jobs import PUSH
from players.models import LinkState

FAILED = Topic("player_failed", _("Sending to a player failed"), "players/news/failed.txt", "failure")
HELD = Topic("player_held", _("A player is held by the brake"), "players/news/held.txt", "warning")
EDITED = Topic(
    "player_edited", _("Somebody changed what Taggarr wrote"), "players/news/edited.txt", "warning"
)


def of_push(job: Job) -> Iterator[Notice]:
    """Yield what there is to tell of a push that ended."""
    player = job.connection
    if player is None:
        return
    stuck = int(job.summary.get(LinkState.FAILED, 0))
    edited = int(job.summary.get("edited", 0))
    context = {"player": player, "error": job.error, "number": stuck, "edited": edited}
    data = {"job": job.pk, "player": player.pk, "error": job.error, "summary": job.summary}
    link = link_to("connection", player.pk)
    if job.state == JobState.FAILED or stuck:
        yield Notice(FAILED.name, context, data, player, link, about=player.name)
    if held := job.summary.get("held"):
        yield Notice(HELD.name, {**context, "held": held}, data, player, link)
    if edited:
        yield Notice(EDITED.name, context, data, player, link)


BRINGS = News(topics=(FAILED, HELD, EDITED), jobs={PUSH: of_push})
