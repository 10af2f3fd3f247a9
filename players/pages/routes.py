"""What of a source goes to a player: the form of a route."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.words import Phrase
from players import routes
from players.clients.contract import NEVER_EMPTIED
from players.connections import abilities_of
from players.models import EXAMPLE, LABEL, Route
from players.pages.players import settings_of, without_route
from players.rules.difference import Mode
from players.rules.scenes import USUAL_MODES
from web.access import action, admin_page, user_of
from web.forms import errors_at
from web.parts import done, errors_shown

FORMS = {
    "label": gettext_lazy("Labels"),
    "tag": gettext_lazy("Tags"),
    "genre": gettext_lazy("Genres"),
    "collection": gettext_lazy("Collections"),
}
MODES = {
    Mode.OFF: gettext_lazy("leave it"),
    Mode.FILL: gettext_lazy("fill it while it is empty"),
    Mode.KEEP: gettext_lazy("write it, and keep what people change"),
    Mode.OVERWRITE: gettext_lazy("overwrite whatever stands there"),
}


OWN = ("enabled", "form", "pattern", "seasons", "scan_new")
"""What is asked of every route."""


class RouteForm(forms.Form):
    """A route. Fields are asked for where the source has any; `players.routes` checks what is given."""

    enabled = forms.BooleanField(label=gettext_lazy("Send to this player"), required=False)
    form = forms.ChoiceField(label=gettext_lazy("Show labels as"), required=False)
    pattern = forms.CharField(
        label=gettext_lazy("How a label is written"),
        max_length=100,
        help_text=gettext_lazy("{label} stands for the label; what you write around it is shown with it."),
        widget=forms.TextInput(
            attrs={"spellcheck": "false", "autocomplete": "off", "data-example": f"{{label}}={EXAMPLE}"}
        ),
    )
    seasons = forms.BooleanField(label=gettext_lazy("Label seasons too, each with its own"), required=False)

    scan_new = forms.BooleanField(
        label=gettext_lazy("Have the player look at new and changed files"),
        help_text=gettext_lazy("It looks at their folder alone, not at its whole library."),
        required=False,
    )

    def __init__(self, data: Any, *, route: Route) -> None:
        super().__init__(data, initial={name: getattr(route, name) for name in routes.NAMES})
        abilities = abilities_of(route.player)
        usual = FORMS[next(iter(abilities.forms))]
        names = [("", _("%s: what is usual there") % usual)]
        self.fields["form"].choices = names + [(str(one), FORMS[one]) for one in abilities.forms]  # type: ignore[attr-defined]
        known = abilities.fields.keys() & USUAL_MODES.keys()
        is_stash = route.source.kind == "stash"
        self.details = [name for name in USUAL_MODES if name in known] if is_stash else []
        if is_stash:
            # What it calls tags is shown as labels are; it knows no seasons.
            self.fields["form"].label, self.fields["pattern"].label = (
                _("Show tags as"),
                _("How a tag is written"),
            )
            del self.fields["seasons"]
        for name in self.details:
            label = Phrase(f"detail.{name}").told
            self.fields[f"mode_{name}"] = forms.ChoiceField(
                label=label, choices=[*MODES.items()], initial=route.fields.get(name, Mode.OFF)
            )
            if name in NEVER_EMPTIED:
                continue
            self.fields[f"clear_{name}"] = forms.BooleanField(
                label=_("empty it where the source has nothing: %s") % label,
                required=False,
                initial=name in route.clear,
            )

    def own(self) -> list[forms.BoundField]:
        return [self[name] for name in OWN if name in self.fields]

    def modes(self) -> list[forms.BoundField]:
        """How each field is written, and, where it may be, whether it is emptied."""
        return [self[name] for name in self.fields if name not in OWN]

    def values(self) -> dict[str, Any]:
        """What `routes.change_route` takes, of a valid form."""
        given = self.cleaned_data
        found = {name: given[name] for name in OWN if name in given}
        if self.details:
            found["fields"] = {name: given[f"mode_{name}"] for name in self.details}
            found["clear"] = [name for name in self.details if given.get(f"clear_{name}")]
        return found


@admin_page
def route(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Route.objects.select_related("source", "player"), pk=pk)
    form = RouteForm(request.POST or None, route=found)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            _route, due = routes.change_route(found, form.values(), user_of(request))
            done(request, _saved(due))
            return redirect("player", found.player_id)
    pattern = str(form["pattern"].value() or "")
    context = {
        "route": found,
        "settings": settings_of(found.player_id),
        "form": form,
        "example": pattern.replace(LABEL, EXAMPLE),
    }
    return render(request, "players/route.html", context)


@action
def player_route_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Send to a player what a source has, in the usual form."""
    player = settings_of(pk).connection
    source = get_object_or_404(without_route(pk), pk=request.POST.get("source", "0"))
    with errors_shown(request):
        _route, due = routes.add_route(source, player, {}, user_of(request))
        done(request, _saved(due))
    return redirect("player", pk)


@action
def route_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Route.objects.select_related("source", "player"), pk=pk)
    source, player = found.source, found.player
    with errors_shown(request):
        routes.delete_route(found, user_of(request))
        done(
            request,
            _("%(source)s no longer goes to %(player)s: its labels are taken off there.")
            % {"source": source, "player": player},
        )
    return redirect("player", player.pk)


def _saved(due: int) -> str:
    return ngettext("Saved: %d title is sent.", "Saved: %d titles are sent.", due) % due
