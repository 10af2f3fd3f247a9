"""What the collection shows on the home page, and what search finds of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from catalogue import scope, search
from catalogue.facets import counts_of
from catalogue.pages.collection_rows import rows_of
from catalogue.pages.names import KIND, KINDS
from catalogue.query import parse
from catalogue.values import Kind
from web.access import user_of
from web.contract import Found, Group, fits

NEWEST = 5


def collection_card(request: HttpRequest) -> dict[str, Any]:
    """How much there is of each kind, and what came last."""
    user = user_of(request)
    works = scope.works(user).order_by()
    counts = counts_of(works, "kind")
    newest = works.order_by("-pk").values_list("pk", flat=True)[:NEWEST] if counts else []
    return {
        "kinds": [(kind.value, name, counts[kind]) for kind, name in KINDS.items() if counts.get(kind)],
        "total": sum(counts.values()),
        "newest": rows_of(user, list(newest)),
        "may_add": user.may_add,
    }


def find(user: User, text: str, most: int) -> Iterator[Found]:
    if (query := parse(text)).words:
        works = search.find(user, query).order_by("sort_title", "pk")[:most]
        for work in works:
            about = f"{KIND[Kind(work.kind)]} {work.year or ''}".strip()
            link = reverse("work", args=[work.pk])
            yield Found(Group.TITLES, work.title or _("Without a title"), link, "collection", about)
    bring = _("Import a list")
    if user.may_add and fits(text, bring):
        yield Found(Group.PAGES, bring, reverse("collection_imports"), "upload", _("Collection"))
