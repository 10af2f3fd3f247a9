"""What is wrong with artwork."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from artwork.jobs import left
from artwork.models import Entity
from core.features import Health
from core.issues import Action, Issue, Severity
from core.words import Phrase


def troubled() -> Iterator[Issue]:
    """Yield an issue for every title whose files could not be written."""
    titles = Entity.objects.filter(title=None, media__isnull=False).exclude(problem="")
    for title in titles.select_related("connection").order_by("name", "pk"):
        yield Issue(
            source=title.connection.name,
            severity=Severity.WARNING,
            what=Phrase("artwork.troubled", title=str(title), problem=Phrase.of(title.problem)),
            meaning=_("What should stand beside its video does not, or not as it should."),
            remedy=_("Do what it says, then publish the title again."),
            action=Action(_("Open the title"), "media", (title.media_id,)),
        )


def unfinished() -> Iterator[Issue]:
    """Yield an issue for every publication that a crash left and that could not be finished since."""
    for publication in left():
        yield Issue(
            source=publication.title.connection.name,
            severity=Severity.ERROR,
            what=Phrase("artwork.unfinished", title=str(publication.title)),
            meaning=_("Its folder may hold some of the new files and some of the old ones."),
            remedy=_("Check that its disk is mounted and writable: it is finished within a minute."),
            action=Action(_("Open the title"), "media", (publication.title.media_id or 0,)),
            since=publication.started_at,
        )


BRINGS = Health(stored=(troubled, unfinished))
