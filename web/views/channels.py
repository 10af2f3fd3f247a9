"""Settings → Notifications: channels, a test message, and what was delivered."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import ConfigError, TaggarrError
from notify.contract import topics
from notify.inputs import take_input
from notify.models import Channel, ChannelKind
from notify.services import delete_channel, save_channel, send_test
from web.access import action, admin_page, personal_action, personal_page
from web.channel_forms import ABOUT_KINDS, ChannelForm
from web.parts import number_of
from web.queries import deliveries as queries
from web.words import DELIVERIES

RECENT = 8


@admin_page
def channels(request: HttpRequest) -> HttpResponse:
    found = list(queries.channels())
    context = {
        "channels": found,
        "names": {channel.pk: channel.name for channel in found},
        "topics": len(topics()),
        "now": timezone.now(),
        "recent": queries.deliveries().rows[:RECENT],
    }
    return render(request, "web/channels.html", context)


@admin_page
def channel_add(request: HttpRequest) -> HttpResponse:
    """Choose what kind of channel to add: what is to be typed depends on it."""
    kinds = [(kind, kind.label, text) for kind, text in ABOUT_KINDS.items()]
    return render(request, "web/channel_kinds.html", {"kinds": kinds})


@personal_page
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in ChannelKind.values:
        raise Http404
    return _edit(request, Channel(kind=kind))


@personal_page
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Channel, pk=pk))


@action
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    _test(request, get_object_or_404(Channel, pk=pk))
    return redirect("channels")


@personal_action
def channel_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Channel, pk=pk)
    delete_channel(found)
    messages.success(request, _("%s is deleted.") % found.name)
    return redirect("channels")


@admin_page
def deliveries(request: HttpRequest) -> HttpResponse:
    names = dict(Channel.objects.values_list("pk", "name"))
    state, chosen = request.GET.get("state", ""), number_of(request, "channel", 0)
    context = {
        "found": queries.deliveries(channel=chosen, state=state, at=request.GET.get("at", "")),
        "names": names,
        "channel": chosen,
        "state": state,
        "states": [(value.value, DELIVERIES[value]) for value in queries.STATES],
    }
    return render(request, "web/deliveries.html", context)


def _edit(request: HttpRequest, found: Channel) -> HttpResponse:
    title = found.name
    form = ChannelForm(request.POST or None, channel=found)
    if request.method == "POST" and form.is_valid() and _save(found, form):
        messages.success(request, _("Saved."))
        if "test" in request.POST:
            _test(request, found)
            return redirect("channel", found.pk)
        return redirect("channels")
    return render(request, "web/channel.html", {"channel": found, "title": title, "form": form})


def _save(found: Channel, form: ChannelForm) -> bool:
    """Save a channel as its form says; False where it cannot be, which the form then tells."""
    data = form.cleaned_data
    for name in ("name", "topics", "always", "enabled"):
        setattr(found, name, data[name])
    try:
        take_input(found, form.typed(), form.forgotten())
        save_channel(found, connections=data["instances"])
    except ConfigError as error:
        form.refuse(getattr(error, "field", ""), error.told)
        return False
    return True


def _test(request: HttpRequest, found: Channel) -> None:
    try:
        answer = send_test(found)
    except TaggarrError as error:
        text = _("The test message did not get through: %s") % error
        messages.error(request, text)
    else:
        messages.success(request, _("The test message is sent. %s") % answer)
