"""Channels and messages in Django's admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.admin import ReadOnlyAdmin
from core.errors import TaggarrError

from .contract import default_topics, topic_choices, with_hidden
from .kinds import FORMS, LONGEST, Field, take_input
from .models import Channel, ChannelKind, Message
from .sending import check_address
from .services import send_test


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A channel's settings. What was typed for its address is never shown; left empty, it stays."""

    kind: ChannelKind
    topics = forms.MultipleChoiceField(
        label="Tell of", choices=topic_choices, initial=default_topics, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Channel
        fields = ("name", "enabled", "topics", "always", "connections")

    def clean_topics(self) -> list[str]:
        """What was chosen, and what is stored of features that are switched off."""
        return with_hidden(self.cleaned_data["topics"], self.instance.topics if self.instance.pk else ())

    def clean(self) -> dict[str, Any]:
        """Make the address of what was typed, and refuse one that nothing could be sent to."""
        data = super().clean() or self.cleaned_data
        typed = {field.name: data.get(_input(field), "") for field in FORMS[self.kind].fields}
        if self.errors or (self.instance.pk and not any(typed.values())):
            return data
        self.instance.kind = self.kind
        try:
            take_input(self.instance, typed)
            check_address(self.kind, self.instance.address.reveal())
        except TaggarrError as error:
            self.add_error(None, str(error))
        return data


def _input(field: Field) -> str:
    return f"to_{field.name}"


def form_of(kind: ChannelKind, *, known: bool) -> type[ChannelForm]:
    """Return the form of a kind of channel; what it is `known` by may then be left empty."""
    inputs: dict[str, Any] = {}
    for field in FORMS[kind].fields:
        widget = (
            forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False) if field.secret else None
        )
        text = "Leave all of these empty to keep what is stored." if known else field.help
        inputs[_input(field)] = forms.CharField(
            label=field.label, required=False, help_text=text, widget=widget, max_length=LONGEST
        )
    return type(f"{kind.name.title()}Form", (ChannelForm,), {**inputs, "kind": kind})


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "enabled", "last_sent_at", "failures", "last_error")
    readonly_fields = ("last_sent_at", "failures", "last_error", "failing_since", "paused_until")
    filter_horizontal = ("connections",)
    actions = ("test",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        found: QuerySet[Channel] = super().get_queryset(request)
        return found

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for the kind first: what is to be typed depends on it."""
        if request.GET.get("kind") in ChannelKind.values:
            return super().add_view(request, form_url, extra_context)
        context = {**self.admin_site.each_context(request), "kinds": ChannelKind.choices, "opts": self.opts}
        return TemplateResponse(request, "admin/notify/channel/choose_kind.html", context)

    def get_form(
        self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any
    ) -> type[Any]:
        kind = ChannelKind(obj.kind if obj else request.GET["kind"])
        form = form_of(kind, known=obj is not None)
        fields = [*ChannelForm.Meta.fields[:1], *(_input(field) for field in FORMS[kind].fields)]
        kwargs["fields"] = [*fields, *ChannelForm.Meta.fields[1:]]
        found: type[Any] = super().get_form(request, obj, change=change, **{**kwargs, "form": form})
        return found

    def get_fields(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        kind = ChannelKind(obj.kind if obj else request.GET["kind"])
        inputs = [_input(field) for field in FORMS[kind].fields]
        known = list(self.readonly_fields) if obj else []
        return ["name", *inputs, *ChannelForm.Meta.fields[1:], *known]

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        """Save; its failures are forgotten, so that messages go out at once."""
        obj.forget_failures()
        super().save_model(request, obj, form, change)

    @admin.action(description="Send a test message", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            try:
                answer = send_test(channel)
            except TaggarrError as error:
                self.message_user(request, f"{channel}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{channel}: {answer}", messages.SUCCESS)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was told; its delivery is a job."""

    list_display = ("created_at", "topic", "title", "connection", "delivery")
    list_filter = ("topic", "connection", "created_at")
    search_fields = ("title", "text")
    list_select_related = ("connection", "delivery")
