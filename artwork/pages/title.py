"""The tab "Artwork" of a series or movie, the pictures of one of its slots, and what is done about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from artwork import by_hand, care, jobs, second_writers, undoing
from artwork.choice.locking import WHOLE, slot_name
from artwork.finding import STANDINGS, Pictures, name_of, standing
from artwork.models import ArtSettings, Candidate, Entity, Publication
from artwork.names import SLOTS, ArtType, Kind
from artwork.pages import slots
from artwork.rechecks import VERIFY
from core.words import Phrase, told
from jobs.models import LIVE_JOB, Job
from library.models import MEDIA, Media
from web.access import action, page, user_of
from web.parts import done, errors_shown, live_part, number_of

SHOWN_PUBLICATIONS = 10
SHOWN_WRITES = 50
FOLLOWED = (jobs.PREPARE, jobs.FETCH, jobs.PUBLISH, undoing.UNDO, jobs.SCAN, VERIFY)
"""The jobs that a title's page waits for."""


@page
def media_artwork(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the pictures of a title; `part` in the query opens a season or episode of it."""
    media = get_object_or_404(Media.objects.select_related("connection"), pk=pk)
    title = Entity.objects.filter(media=media).select_related("connection").first()
    context: dict[str, Any] = {"media": media, "tab": "artwork", "title": title, "live": _live(media)}
    if title is not None:
        context |= _title(title, number_of(request, "part", 0))
    return render(request, "artwork/title.html", context)


def _title(title: Entity, opened: int) -> dict[str, Any]:
    parts = list(Entity.objects.filter(title=title).order_by("season", "pk"))
    for one in parts:
        one.title = title
    shown = next((one for one in parts if one.pk == opened), title)
    pictures = Pictures.of_entities([title.pk, *(one.pk for one in parts)])
    unpublished = sum(one.wanted != one.published for one in parts)
    preview = care.preview(title)
    writes = slots.planned(preview)
    publications = Publication.objects.filter(title=title).select_related("user")
    settings = ArtSettings.of(title.connection)
    return {
        "shown": shown,
        "matches": [slots.Match.of(one) for one in title.matches],
        "said": slots.Match.of(title.identified["match"]) if title.identified else None,
        "writers": list(second_writers.those_of([settings])) if publications else [],
        "shown_name": name_of(shown),
        "is_whole": WHOLE in shown.locks,
        "fields": slots.fields_of(shown),
        "slots": slots.slots_of(shown, pictures, settings),
        "seasons": slots.seasons_of(parts, pictures),
        "standing": standing(title, unpublished),
        "state": STANDINGS[standing(title, unpublished)],
        "is_unpublished": bool(unpublished) or title.wanted != title.published,
        "writes": writes[:SHOWN_WRITES],
        "more_writes": max(len(writes) - SHOWN_WRITES, 0),
        "standing_files": preview.standing,
        "shadows": [one for one in preview.shadows if one != title.problem],
        "publications": [slots.Published(one) for one in publications[:SHOWN_PUBLICATIONS]],
    }


@page
def media_artwork_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whether something is done about a title; when that ends, the whole page is loaded anew."""
    media = get_object_or_404(Media, pk=pk)
    live = _live(media)
    return live_part(request, "artwork/doing.html", {"media": media, "live": live}, ended=live is None)


def _live(media: Media) -> Job | None:
    of_title = Q(subject_kind=MEDIA, subject_id=media.pk)
    of_item = Q(items__subject_kind=MEDIA, items__subject_id=media.pk)
    live = Job.objects.filter(of_title | of_item, name__in=FOLLOWED, state__in=LIVE_JOB)
    return live.order_by("-pk").first()


@action
def art_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a picture be the one of its slot; with `add` one more of its type."""
    candidate = candidate_at(pk)
    chosen = candidate.entity.candidates.filter(art=candidate.art, rank__isnull=False)
    with errors_shown(request):
        job = care.choose(candidate, user_of(request), chosen.count() if "add" in request.POST else 0)
        name = told(Phrase(f"art.{candidate.art}"))
        chosen_now = _("%s: chosen and locked. Publish the title to have it in its folder.")
        done(request, (_("%s: it is being fetched, then chosen and locked.") if job else chosen_now) % name)
    return _back(candidate.entity)


@action
def art_leave_out(request: HttpRequest, pk: int, art: str) -> HttpResponse:
    """Show no picture of a type."""
    entity = entity_at(pk)
    with errors_shown(request):
        by_hand.leave_out(entity, art, user_of(request))
        name = told(Phrase(f"art.{art}"))
        done(request, _("%s: none is wanted, and that is locked.") % name)
    return _back(entity)


@action
def art_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock or unlock one type of picture, or the whole of an entity."""
    entity, art = entity_at(pk), request.POST.get("art", "")
    name = slot_name(ArtType(art)) if art in SLOTS[Kind(entity.kind)] else WHOLE
    locks = [one for one in entity.locks if one != name]
    is_locked = request.POST.get("locked") == "1"
    with errors_shown(request):
        by_hand.set_locks(entity, [*locks, name] if is_locked else locks, user_of(request))
        what = told(Phrase(f"art.{art}") if name != WHOLE else name_of(entity))
        done(request, (_("%s is locked.") if is_locked else _("%s is unlocked.")) % what)
    return _back(entity)


@action
def art_identify(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which title of a provider it is."""
    entity = entity_at(pk)
    with errors_shown(request):
        care.identify(entity, request.POST.get("provider", ""), request.POST.get("id", ""), user_of(request))
        undo = resolve_url("art_identify_undo", pk)
        where = "?back=inbox" if request.POST.get("back") == "inbox" else ""
        done(request, _("The providers are being asked about %s.") % entity, undo=f"{undo}{where}")
    return redirect("inbox") if request.POST.get("back") == "inbox" else _back(entity)


@action
def art_identify_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a title be any of its matches again."""
    entity = entity_at(pk)
    with errors_shown(request):
        care.take_identity_back(entity, user_of(request))
        done(request, _("%s: choose again which one it is.") % entity)
    return redirect("inbox") if request.GET.get("back") == "inbox" else _back(entity)


@action
def art_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what is told of an entity."""
    entity = entity_at(pk)
    given = {name: request.POST[name] for name in by_hand.fields_of(entity) if name in request.POST}
    values = {name: text.splitlines() if name in by_hand.LISTS else text for name, text in given.items()}
    with errors_shown(request):
        by_hand.edit(entity, values, user_of(request))
        done(
            request, _("Saved. What you entered stays; what you emptied is filled from the providers again.")
        )
    return _back(entity)


def _button(act: Callable[[QuerySet[Entity], User], object], text: Any) -> Callable[..., HttpResponseBase]:
    """A view that does something about a title, says so, and goes back to its page."""

    @action
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        entity = entity_at(pk)
        with errors_shown(request):
            act(Entity.objects.filter(pk=pk), user_of(request))
            done(request, str(text) % entity.root)
        return _back(entity)

    return view


art_publish = _button(care.publish, gettext_lazy("%s is being published."))
art_verify = _button(care.verify, gettext_lazy("The files of %s are being checked."))
art_discard = _button(care.discard, gettext_lazy("%s is back to what was published."))
art_prepare = _button(care.prepare, gettext_lazy("The providers are being asked about %s."))


@action
def media_artwork_look(request: HttpRequest, pk: int) -> HttpResponse:
    """See what lies beside a title now."""
    media = get_object_or_404(Media.objects.select_related("connection"), pk=pk)
    with errors_shown(request):
        care.look(media, user_of(request))
        done(request, _("The folder of %s is being looked at.") % media)
    return redirect("media_artwork", pk)


@action
def art_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what stood there before a publication."""
    publication = get_object_or_404(Publication.objects.select_related("title"), pk=pk)
    with errors_shown(request):
        care.undo(publication, user_of(request))
        done(request, _("What stood there before is coming back."))
    return _back(publication.title)


_ROOT = ("connection", "media__connection", "title__media__connection")


def entity_at(pk: int) -> Entity:
    return get_object_or_404(Entity.objects.select_related(*_ROOT), pk=pk)


def candidate_at(pk: int) -> Candidate:
    return get_object_or_404(Candidate.objects.select_related("entity__title"), pk=pk)


def _back(entity: Entity) -> HttpResponse:
    """To the page of the title, with the part open that this was about."""
    if entity.root.media_id is None:
        return redirect("artwork")
    address = resolve_url("media_artwork", entity.root.media_id)
    return redirect(f"{address}?part={entity.pk}" if entity.title_id else address)
