"""The form of a channel: the fields of its kind, and what it is told of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from notify.contract import default_topics, topic_choices, with_hidden
from notify.inputs import LONGEST, is_from_elsewhere, shown_secrets, shown_values
from notify.kinds import FORMS, Field
from notify.models import Channel, ChannelKind

ABOUT_KINDS: dict[ChannelKind, str | Promise] = {
    ChannelKind.DISCORD: _("A webhook for a channel on your server."),
    ChannelKind.TELEGRAM: _("A bot that writes to a chat or a channel."),
    ChannelKind.EMAIL: _("Through any mail server."),
    ChannelKind.PUSHOVER: _("To the Pushover app on your phone."),
    ChannelKind.GOTIFY: _("To your own Gotify server."),
    ChannelKind.NTFY: _("To a topic at ntfy.sh or at your own server."),
    ChannelKind.APPRISE: _(
        "Slack, Matrix, Signal, Home Assistant and everything else that Apprise supports."
    ),
    ChannelKind.WEBHOOK: _("The message as JSON for programs, signed if you like."),
}
"""What every kind is, in one line."""

FORGET = "forget_"
INPUT = "to_"


class ChannelForm(forms.Form):
    """A channel, new or known. What is secret of it is never shown; left empty, it stays."""

    name = forms.CharField(label=_("Name"), max_length=100)
    topics = forms.MultipleChoiceField(
        label=_("Notify about"),
        choices=topic_choices,
        initial=default_topics,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    always = forms.BooleanField(
        label=_("Report every finished scan, even if it changed nothing"), required=False
    )
    instances = forms.ModelMultipleChoiceField(
        label=_("For these instances"),
        queryset=Connection.objects.order_by("name"),
        required=False,
        help_text=_("Choose none for all of them."),
        widget=forms.CheckboxSelectMultiple,
    )
    enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_topics = channel.topics if channel.pk else []
        self.inputs = FORMS[ChannelKind(channel.kind)].fields
        self.from_elsewhere = bool(channel.address) and is_from_elsewhere(channel)
        shown, secrets = shown_values(channel), shown_secrets(channel)
        for field in self.inputs:
            self.fields[INPUT + field.name] = self._input(field, shown, secrets)
            if field.name in secrets and not field.required:
                self.fields[FORGET + field.name] = forms.BooleanField(
                    label=_("Remove the stored value"), required=False
                )
        if channel.pk:
            for name in ("name", "topics", "always", "enabled"):
                self.initial.setdefault(name, getattr(channel, name))
            self.initial.setdefault("instances", list(channel.connections.values_list("pk", flat=True)))

    def _input(self, field: Field, shown: dict[str, str], secrets: dict[str, str]) -> forms.CharField:
        stored = field.name in secrets
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        if stored:
            attributes["placeholder"] = secrets[field.name]
        return forms.CharField(
            label=str(field.label),
            max_length=LONGEST,
            initial=shown.get(field.name, ""),
            required=field.required and not stored and not self.from_elsewhere,
            help_text=_("Leave it empty to keep the stored value.") if stored else str(field.help),
            widget=forms.PasswordInput(attrs=attributes, render_value=True)
            if field.secret
            else forms.TextInput(attrs=attributes),
        )

    def clean_topics(self) -> list[str]:
        """What was chosen, and what is stored of features that are switched off."""
        return with_hidden(self.cleaned_data["topics"], self.stored_topics)

    def input_fields(self) -> list[forms.BoundField]:
        """The fields of the kind, each with its box to forget what is stored where it has one."""
        return [self[name] for name in self.fields if name.startswith((INPUT, FORGET))]

    def typed(self) -> dict[str, str]:
        return {field.name: self.cleaned_data[INPUT + field.name] for field in self.inputs}

    def forgotten(self) -> list[str]:
        return [field.name for field in self.inputs if self.cleaned_data.get(FORGET + field.name)]

    def refuse(self, field: str, sentence: str) -> None:
        named = (name for name in (INPUT + field, field) if name in self.fields)
        self.add_error(next(named, None), sentence)
