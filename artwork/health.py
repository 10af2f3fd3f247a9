"""What is wrong with artwork."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from artwork import second_writers
from artwork.models import ArtSettings, Entity, PublishedFile
from artwork.publishing.journal import notices
from artwork.undoing import left
from connections.health import to_connection
from core.features import Health
from core.issues import Action, Issue, Severity, grouped, named
from core.words import Phrase


def held() -> Iterator[Issue]:
    """Yield an issue for every connection of which much waits to be published."""
    rows = ArtSettings.objects.filter(held_since__isnull=False, connection__enabled=True)
    for settings in rows.select_related("connection").order_by("connection__name"):
        yield Issue(
            source=settings.connection.name,
            severity=Severity.WARNING,
            what=settings.held_reason,
            meaning=_("Nothing is published by itself until a person has looked."),
            remedy=_("See the titles, then publish them from the inbox."),
            action=Action(_("Open the inbox"), "inbox"),
            since=settings.held_since,
        )


def written_twice() -> Iterator[Issue]:
    """Yield an issue for every program that writes files beside titles, where artwork does as well."""
    published = PublishedFile.objects.filter(title__connection=OuterRef("connection"))
    rows = ArtSettings.objects.exclude(writers=[]).filter(Exists(published), connection__enabled=True)
    for writer in second_writers.those_of(rows.order_by("connection__name")):
        yield Issue(
            source=writer.connection.name,
            severity=Severity.WARNING,
            what=writer.what,
            meaning=_("It replaces what you chose by files of its own; Taggarr does not fight it."),
            remedy=writer.remedy,
            action=to_connection(writer.connection.pk),
        )


def troubled() -> Iterator[Issue]:
    """Yield an issue for every connection with titles whose files could not be written."""
    meaning = _("The files beside their videos are missing, or not as they should be.")
    yield from _told("artwork.troubled", meaning, _titles().exclude(notices()))


def noticed() -> Iterator[Issue]:
    """Yield an issue for every connection with titles that were published, and look otherwise in a player."""
    meaning = _("A player may not show what you chose.")
    yield from _told("artwork.noticed", meaning, _titles().filter(notices()))


def _titles() -> QuerySet[Entity]:
    return Entity.objects.filter(title=None, media__isnull=False).exclude(problem="")


def _told(code: str, meaning: str, titles: QuerySet[Entity]) -> Iterator[Issue]:
    for group in grouped(titles, ("connection_id", "connection__name"), "name"):
        connection, name = group.key
        of_one = titles.filter(connection=connection).order_by("name", "pk")
        problem = Phrase.of(of_one.values_list("problem", flat=True)[0])
        told = {"number": group.total, "titles": named(group.first, group.total), "problem": problem}
        yield Issue(
            source=name,
            severity=Severity.WARNING,
            what=Phrase(code, **told),
            meaning=meaning,
            remedy=_("Do what it says, then publish them again."),
            action=Action(_("Show these titles"), "artwork", query=f"?state=problem&instance={connection}"),
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


BRINGS = Health(stored=(held, written_twice, troubled, noticed, unfinished))
