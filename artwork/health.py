"""What is wrong with artwork."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from artwork.jobs import left
from artwork.models import Entity
from connections.health import to_connection
from core.features import Health
from core.issues import Issue, Severity, grouped, named
from core.words import Phrase


def troubled() -> Iterator[Issue]:
    """Yield an issue for every connection with titles whose files could not be written."""
    titles = Entity.objects.filter(title=None, media__isnull=False).exclude(problem="")
    for group in grouped(titles, ("connection_id", "connection__name"), "name"):
        connection, name = group.key
        of_one = titles.filter(connection=connection).order_by("name", "pk")
        problem = Phrase.of(of_one.values_list("problem", flat=True)[0])
        told = {"number": group.total, "titles": named(group.first, group.total), "problem": problem}
        yield Issue(
            source=name,
            severity=Severity.WARNING,
            what=Phrase("artwork.troubled", **told),
            meaning=_("What should stand beside their videos does not, or not as it should."),
            remedy=_("Do what it says, then publish them again."),
            action=to_connection(connection),
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
            action=to_connection(publication.title.connection_id),
            since=publication.started_at,
        )


BRINGS = Health(stored=(troubled, unfinished))
