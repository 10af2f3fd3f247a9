"""The seasons of a series: added and changed by hand, and how far the visitor is with each."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import editing, scope, seasons
from catalogue.models import Season
from web.access import member_action, member_page, own_action, user_of
from web.forms import errors_at
from web.parts import done, errors_shown


class SeasonForm(forms.Form):
    number = forms.IntegerField(
        label=gettext_lazy("Season"), help_text=gettext_lazy("Its number; 0 is for specials.")
    )
    name = forms.CharField(label=gettext_lazy("Its name"), max_length=seasons.LONGEST_NAME, required=False)
    available = forms.IntegerField(label=gettext_lazy("Episodes that are here"), required=False)
    expected = forms.IntegerField(
        label=gettext_lazy("Episodes that it has"),
        required=False,
        help_text=gettext_lazy("When as many are here, it is complete."),
    )


@member_page
def work_season_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a season to a work, the one after its last."""
    work = get_object_or_404(scope.changeable_works(user_of(request)), pk=pk)
    last = work.seasons.order_by("number").last()
    return _form_page(request, Season(work=work, number=last.number + 1 if last else 1))


@member_page
def season_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a season."""
    works = scope.changeable_works(user_of(request))
    return _form_page(
        request, get_object_or_404(Season.objects.select_related("work"), pk=pk, work__in=works)
    )


def _form_page(request: HttpRequest, season: Season) -> HttpResponse:
    initial = {name: getattr(season, name) for name in seasons.FIELDS}
    form = SeasonForm(request.POST or None, initial=initial)
    if form.is_valid():
        with errors_at(form):
            seasons.save(season, user_of(request), form.cleaned_data)
            done(request, _("Saved."))
            return redirect("work", season.work_id)
    title = _("Season %(number)d of %(work)s") if season.pk else _("Add a season to %(work)s")
    told = {"number": season.number, "work": season.work}
    context = {"form": form, "work": season.work, "season": season, "title": title % told}
    return render(request, "catalogue/edit.html", context)


@member_action
def season_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a season off its work."""
    user = user_of(request)
    season = get_object_or_404(Season.objects.filter(work__in=scope.changeable_works(user)), pk=pk)
    with errors_shown(request):
        seasons.remove(season, user)
        done(request, _("Season %(number)d is no longer there.") % {"number": season.number})
    return redirect("work", season.work_id)


@own_action
def season_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how far the visitor is with a season."""
    user = user_of(request)
    season = get_object_or_404(seasons.seen(user).select_related("work"), pk=pk)
    with errors_shown(request):
        editing.note_progress(season.work, user, {"state": request.POST.get("state", "")}, season=season)
        done(request, _("Noted."))
    return redirect("work", season.work_id)
