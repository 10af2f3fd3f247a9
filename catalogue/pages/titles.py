"""What the page of a series or movie says of the collection: that it is on a shelf too, and where."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from catalogue import linking, scope
from library.models import Media
from web.contract import TitleLine


def lines_of(user: User, media: Media) -> Iterator[TitleLine]:
    """A line for each work that it is: as what you have it, and where that stands."""
    works = list(linking.works_of(user, media).order_by("pk"))
    if not works:
        return
    told: dict[int, list[str]] = {work.pk: [] for work in works}
    copies = scope.copies(user, list(told)).select_related("edition", "location").order_by("pk")
    for copy in copies:
        names = (copy.edition.format, copy.location.name if copy.location else "")
        told[copy.edition.work_id].append(", ".join(filter(None, names)) or copy.number)
    for work in works:
        shelf = "; ".join(dict.fromkeys(told[work.pk]))
        text = _("On your shelf: %s") % shelf if shelf else _("In your collection, without a copy")
        yield TitleLine(text, reverse("work", args=[work.pk]))
