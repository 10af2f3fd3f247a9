"""Settings → Features: what can be switched on and off while the programs run."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import flags
from core.features import features as all_features
from system.switches import switch
from web.access import action, admin_page
from web.parts import errors_shown


@admin_page
def features(request: HttpRequest) -> HttpResponse:
    slugs = {feature.slug for feature in all_features()}
    others = [(flag, flags.is_on(flag.key)) for flag in flags.declared() if flag.key not in slugs]
    return render(request, "web/features.html", {"features": all_features(), "flags": others})


@action
def feature_switch(request: HttpRequest, key: str) -> HttpResponse:
    with errors_shown(request):
        on = switch(key, request.POST.get("on") == "on")
        messages.success(request, _("Switched on.") if on else _("Switched off."))
    return redirect("features")
