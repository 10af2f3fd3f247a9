"""What of artwork waits for a person: the first publication that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from artwork import care
from artwork.models import ArtSettings
from connections.models import Connection
from core.words import told
from web.access import action, user_of
from web.contract import InboxEntry, InboxKind
from web.parts import done, errors_shown


def _held() -> QuerySet[ArtSettings]:
    return ArtSettings.objects.filter(held_since__isnull=False, connection__enabled=True)


def _count(_user: User) -> int:
    return _held().count()


def _entries(_user: User, most: int) -> Sequence[InboxEntry]:
    rows = _held().select_related("connection").order_by("-held_since")
    return [
        InboxEntry(
            f"{row.connection}: {told(row.held_reason)}",
            row.held_since,
            f"{reverse('artwork')}?state=unpublished&instance={row.pk}",
            "artwork/inbox_held.html",
            {"connection": row.connection},
        )
        for row in rows[:most]
    ]


@action
def art_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish what waits, and hold nothing more."""
    connection = get_object_or_404(Connection, pk=pk)
    with errors_shown(request):
        care.release(connection, user_of(request))
        done(request, _("The artwork of %s is being published.") % connection)
    return redirect("inbox")


INBOX = (InboxKind("artwork", gettext_lazy("Artwork"), "picture", 30, _count, _entries),)
