"""Whether the web server turned somebody away, and whether a newer Taggarr is out."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core import refusals
from core.issues import Action, Issue
from core.words import Phrase
from system.status import version
from system.versions import known_newer


def web_limits() -> Iterator[Issue]:
    for limit, (most, who) in refusals.recent().items():
        told = {"who": who, "most": most}
        sentences = {
            "connections": Phrase("limit.connections", **told),
            "address": Phrase("limit.address", **told),
            "requests": Phrase("limit.requests", **told),
            "slow": Phrase("limit.slow", **told),
            "streams": Phrase("limit.streams", **told),
        }
        yield Issue(
            what=sentences[limit],
            meaning=_("In the last 15 minutes the web server turned requests away."),
            remedy=_(
                "Find out what sends so many requests. If it is your proxy, name it in "
                "TAGGARR_TRUSTED_PROXIES."
            ),
            action=Action(_("Show the logs"), "logs"),
        )


def newer_version() -> Iterator[Issue]:
    if found := known_newer():
        yield Issue(
            what=Phrase("version.newer", newer=found, version=version()),
            meaning=_("It may fix a problem that you have."),
            remedy=_("Read its release notes, make a backup, and update."),
            action=Action(_("Make a backup"), "backups"),
        )
