"""Places: the tree of them, what stands where, and arranging them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import places
from catalogue.models import Location
from core.numbers import number_in
from web.access import member_action, member_page, page, user_of
from web.forms import errors_at
from web.parts import done, errors_shown


class PlaceForm(forms.Form):
    """A place: what it is called, and what it is in; of one that is there, not in itself."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    parent = forms.ChoiceField(label=gettext_lazy("Inside"), required=False)

    def __init__(self, *args: Any, place: Location | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parent"].choices = [("", _("No other place")), *_others(place)]  # type: ignore[attr-defined]

    @property
    def parent_place(self) -> Location | None:
        return Location.objects.filter(pk=number_in(self.cleaned_data["parent"]) or 0).first()


@page
def collection_places(request: HttpRequest) -> HttpResponse:
    """Show all places, and how many copies stand at each."""
    user = user_of(request)
    context = {"nodes": places.tree(user), "form": PlaceForm() if user.may_add else None}
    return render(request, "catalogue/place_list.html", context)


@member_page
def place_add(request: HttpRequest) -> HttpResponse:
    """Add a place."""
    return _form_page(request, Location(), PlaceForm(request.POST or None), _("Add a place"))


@member_page
def place_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a place otherwise, put it into another, have its copies stand at another one, or remove it."""
    place = get_object_or_404(Location, pk=pk)
    form = PlaceForm(
        request.POST or None, place=place, initial={"name": place.name, "parent": place.parent_id or ""}
    )
    return _form_page(request, place, form, place.name)


@member_action
def place_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Have all that stands at a place stand at another one."""
    place = get_object_or_404(Location, pk=pk)
    into = Location.objects.filter(pk=number_in(request.POST.get("into", "")) or 0).first()
    if into is None:
        return redirect("place_edit", pk)
    with errors_shown(request):
        name = place.name
        places.merge(place, into, user_of(request))
        done(
            request, _("What stood at %(place)s stands at %(into)s now.") % {"place": name, "into": into.name}
        )
        return redirect("collection_places")
    return redirect("place_edit", pk)


@member_action
def place_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a place at which nothing stands."""
    place = get_object_or_404(Location, pk=pk)
    with errors_shown(request):
        name = place.name
        places.remove(place, user_of(request))
        done(request, _("%s is gone.") % name)
        return redirect("collection_places")
    return redirect("place_edit", pk)


def _form_page(request: HttpRequest, place: Location, form: PlaceForm, title: str) -> HttpResponse:
    if form.is_valid():
        with errors_at(form):
            places.save(place, user_of(request), name=form.cleaned_data["name"], parent=form.parent_place)
            done(request, _("Saved."))
            return redirect("collection_places")
    is_empty = bool(place.pk) and not (place.parts.exists() or place.copies.filter(deleted_at=None).exists())
    context = {
        "form": form,
        "place": place,
        "title": title,
        "others": _others(place) if place.pk else [],
        "is_empty": is_empty,
    }
    return render(request, "catalogue/place.html", context)


def _others(place: Location | None) -> list[tuple[int, str]]:
    """All places but this one and those in it."""
    named = places.paths()
    if place is None or place.pk not in named:
        return list(named.items())
    own = named[place.pk]
    inside = own + places.STEP
    return [(pk, path) for pk, path in named.items() if pk != place.pk and not path.startswith(inside)]
