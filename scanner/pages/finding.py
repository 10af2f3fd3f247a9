"""What search finds of the scanner: titles, policies, and scans that can be started."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from connections.models import Connection
from library.models import Media
from scanner.models import Policy
from web.contract import Found, Group, fits


def find(user: User, text: str, most: int) -> Iterator[Found]:
    titles = Media.objects.filter(title__icontains=text).annotate(begins=Q(title__istartswith=text))
    for one in titles.select_related("connection").order_by("-begins", "sort_title", "pk")[:most]:
        year = f"{one.year} · " if one.year else ""
        about = f"{year}{one.connection.name}"
        yield Found(Group.TITLES, one.title, reverse("media", args=[one.pk]), "library", about)
    if user.is_admin:
        for policy in Policy.objects.filter(name__icontains=text)[:most]:
            link = reverse("policy", args=[policy.pk])
            yield Found(Group.SETTINGS, policy.name, link, "settings", _("Policy"))
        for connection in Connection.objects.filter(scan_settings__isnull=False):
            name = _("Scan %(instance)s now") % {"instance": connection.name}
            if fits(text, name):
                link = reverse("instance_scan", args=[connection.pk])
                yield Found(Group.ACTIONS, name, link, "scan", posted=True)
