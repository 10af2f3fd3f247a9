"""Settings → General: what can be changed while Taggarr runs, and what the environment sets."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.errors import ConfigError
from system import log_level, retention
from system.environment import ShownSetting, shown_settings
from web.access import admin_page
from web.forms import RetentionForm


@admin_page
def general(request: HttpRequest) -> HttpResponse:
    form = RetentionForm(request.POST or None, initial=retention.current())
    if request.method == "POST" and form.is_valid():
        try:
            changed = retention.change(form.cleaned_data)
        except ConfigError as error:
            form.add_error(None, error.told)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing has changed."))
            return redirect("general")
    context = {
        "form": form,
        "level": log_level.current(),
        "levels": log_level.LEVELS,
        "groups": _groups(),
    }
    return render(request, "web/general.html", context)


def _groups() -> list[tuple[str, list[ShownSetting], int]]:
    """The settings of the environment by their groups, with how many of each are set."""
    groups = groupby(shown_settings(), key=lambda setting: setting.group)
    listed = [(group, list(settings)) for group, settings in groups]
    return [(group, settings, sum(one.given for one in settings)) for group, settings in listed]
