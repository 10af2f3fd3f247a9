"""The titles that are not published yet, one after the other: what stands there beside what would."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext as _

from artwork import care, reviewing
from artwork.finding import TITLE_STATES, titles
from artwork.models import Entity
from artwork.pages.slots import Planned, box_of, planned
from artwork.pages.title import entity_at
from artwork.publishing.plan import NFO
from core.words import Phrase
from jobs.models import Job
from storage.models import Stored
from web.access import action, page, user_of
from web.parts import done, errors_shown, number_of

SHOWN = 60
"""Pictures of one title: a series may have hundreds."""


@dataclass(frozen=True, slots=True)
class Change:
    """A picture that would take a place, and the one that has it; an empty digest is none.

    `number` tells those of one type from each other; 0 where there is one.
    """

    entity: int
    art: str
    name: Phrase
    number: int
    of: Phrase
    box: str
    before: str
    after: str
    files: int


@page
def art_review(request: HttpRequest) -> HttpResponse:
    """Show the first title that waits behind the one that `after` names, with what would change."""
    waiting = titles().filter(TITLE_STATES["unpublished"]()).order_by("pk")
    rest = waiting.filter(pk__gt=number_of(request, "after", 0))
    title = rest.select_related("connection", "media__connection").first()
    context: dict[str, Any] = {"title": title, "waiting": waiting.count(), "left": rest.count()}
    if title is not None:
        preview = care.preview(title)
        writes = planned(preview)
        found = changes(writes)
        context |= {
            "media": title.media,
            "changes": found[:SHOWN],
            "more": max(len(found) - SHOWN, 0),
            "nfos": [one for one in writes if one.write.art == NFO],
            "standing": preview.standing,
        }
    return render(request, "artwork/review.html", context)


def changes(writes: Iterable[Planned]) -> list[Change]:
    """Each picture once, whatever names it is written by. A query."""
    found: dict[tuple[int, str, str, str], list[Planned]] = {}
    for one in writes:
        write = one.write
        if write.art != NFO:
            key = (write.entity, write.art, write.before or "", write.digest or "")
            found.setdefault(key, []).append(one)
    digests = {digest for _entity, _art, before, after in found for digest in (before, after)}
    pictures = set(
        Stored.objects.filter(digest__in=digests, width__isnull=False).values_list("digest", flat=True)
    )
    of_type = Counter((entity, art) for entity, art, _before, _after in found)
    numbers: defaultdict[tuple[int, str], Iterator[int]] = defaultdict(lambda: count(1))
    return [
        Change(
            entity,
            art,
            of_slot[0].name,
            next(numbers[entity, art]) if of_type[entity, art] > 1 else 0,
            of_slot[0].of,
            box_of(art),
            before if before in pictures else "",
            after if after in pictures else "",
            len(of_slot),
        )
        for (entity, art, before, after), of_slot in found.items()
    ]


def undo_of(job: Job | None, where: str) -> str:
    """Where a publication is taken back by who goes on at `where`; empty where nothing was published."""
    return f"{resolve_url('art_unpublish', job.pk)}?back={where}" if job else ""


@action
def art_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the title that was looked at, go back to what was published, or put it off; go on."""
    title = entity_at(pk)
    rows = Entity.objects.filter(pk=title.pk)
    where = "inbox" if request.POST.get("back") == "inbox" else "review"
    with errors_shown(request):
        match request.POST.get("do", ""):
            case "discard":
                care.discard(rows, user_of(request))
                done(request, _("%s is back to what was published.") % title)
            case "later":
                reviewing.put_off(rows)
                text = _("%(title)s: you are asked again in %(days)d days.")
                undo = resolve_url("art_ask_again", pk)
                done(request, text % {"title": title, "days": reviewing.NOT_NOW.days}, undo=undo)
            case _:
                job, _number = care.publish(rows, user_of(request))
                done(request, _("%s is being published.") % title, undo=undo_of(job, where))
    return redirect("inbox" if where == "inbox" else f"{resolve_url('art_review')}?after={title.pk}")


@action
def art_ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about a title that was put off."""
    title = entity_at(pk)
    reviewing.ask_again([title.pk])
    done(request, _("%s waits in the inbox again.") % title)
    return redirect("inbox")


@action
def art_unpublish(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what stood there before a job published."""
    job = get_object_or_404(Job, pk=pk)
    with errors_shown(request):
        care.undo_job(job, user_of(request))
        done(request, _("What stood there before is coming back."))
    return redirect("inbox" if request.GET.get("back") == "inbox" else "art_review")
