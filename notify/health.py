"""What is wrong with channels."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.features import Health
from core.issues import Action, Issue
from core.words import Phrase
from notify.models import Channel


def failing_channels() -> Iterator[Issue]:
    for channel in Channel.objects.filter(enabled=True, failures__gt=0):
        yield Issue(
            source=source_of(channel.name),
            what=Phrase("channel.failing", channel=channel.name, error=channel.last_error),
            meaning=_("No news goes out through it; Taggarr tries it less and less often."),
            remedy=_("Correct its settings and send a test message; then retry the failed deliveries."),
            action=Action(_("Open the channel"), "channel", (channel.pk,)),
            since=channel.failing_since,
        )


def source_of(channel_name: str) -> str:
    return f"Channel {channel_name}"


BRINGS = Health(stored=(failing_channels,))
