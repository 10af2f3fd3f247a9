"""Where the pages of players are found, and what they add to those of others."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from players.jobs import PUSH, result_of
from players.pages import home
from players.pages.columns import COLUMN
from players.pages.inbox import INBOX
from web.contract import Card, JobReport, Nav, Sample, Tab, TitleTab

BRINGS = Nav(
    library=(Tab("players", "players", _("Players"), 20, admin=False, prefixes=("players",)),),
    wanted=(Tab("players", "wanted_players", _("Players"), 20, admin=False),),
    cards=(Card("players/card.html", 30, "left", home.players_card),),
    reports={PUSH: JobReport("players/report.html", lambda job: job.summary)},
    results={PUSH: result_of},
    search=home.find,
    samples=(Sample("players/style.html", 20),),
    inbox=INBOX,
    title_columns=(COLUMN,),
    title_tabs=(TitleTab("players", "media_players", _("Players"), 20),),
)
