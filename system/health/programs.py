"""Whether the web server turned somebody away, and whether a newer Taggarr is out."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core import refusals
from core.issues import TAGGARR, Issue, Severity
from core.sentences import say
from system.status import version
from system.versions import known_newer


def web_limits() -> Iterator[Issue]:
    for limit, (most, who) in refusals.recent().items():
        told = {"who": who, "most": most}
        sentences = {
            "connections": say(
                "%(most)d connections to the web server were open, which is the limit.", **told
            ),
            "address": say(
                "%(who)s had %(most)d connections open, which is the limit for one address.", **told
            ),
            "requests": say(
                "%(who)s had %(most)d requests under way, which is the limit for one address.", **told
            ),
            "slow": say(
                "%(who)s began %(most)d or more requests within a minute and finished none of them.", **told
            ),
            "streams": say(
                "%(who)s had %(most)d streams of live events open, which is the limit for one key or person.",
                **told,
            ),
        }
        yield Issue(
            source=TAGGARR,
            severity=Severity.WARNING,
            what=sentences[limit],
            meaning=_("In the last 15 minutes the web server turned requests away."),
            remedy=_(
                "Find out what sends so many requests. If it is your proxy, name it in "
                "TAGGARR_TRUSTED_PROXIES."
            ),
        )


def newer_version() -> Iterator[Issue]:
    if found := known_newer():
        yield Issue(
            source=TAGGARR,
            severity=Severity.WARNING,
            what=say("Taggarr %(newer)s is out; this is %(version)s.", newer=found, version=version()),
            meaning=_("It may fix a problem that you have."),
            remedy=_("Read its release notes, make a backup, and update."),
        )
