"""The form of a connection, made from what its kind and the apps beside it declare (`connections.fields`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from connections import fields, kinds
from connections.kinds import ConnectionKind
from connections.models import Connection
from connections.services import values_of
from core.features import Text
from web.forms import DurationField, Elsewhere, Section

FORGET = "forget_"
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class ConnectionForm(forms.Form):
    """A connection, new or known. Its stored secrets are never shown; left empty, they stay. What was typed
    stands in the field still where another is wrong.

    What is typed is checked by `connections.services.check`, which names the field that is wrong.
    """

    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(max_length=500, widget=forms.TextInput(attrs={"spellcheck": "false"}))
    enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)

    def __init__(self, *args: Any, kind: ConnectionKind, known: Connection | None = None) -> None:
        super().__init__(*args)
        self._asked = [field for field in kinds.fields_of(kind) if not field.page]
        self.fields["url"].label = str(kind.address_title)
        self.fields["url"].help_text = str(kind.address_help)
        there: dict[str, Any] = {}
        self.initial = {"name": kind.title, "url": kind.default_url}
        if known is not None:
            self.initial = {"name": known.name, "url": known.url, "enabled": known.enabled}
            there = values_of(known)
        for field in self._asked:
            value = there.get(field.name, field.default)
            self.fields[field.name] = form_field(field, known=known is not None, value=value)
            if known is not None and isinstance(field, fields.SecretField) and not field.required:
                label = _("Remove the stored value")
                self.fields[FORGET + field.name] = forms.BooleanField(label=label, required=False)
        self.order_fields(["name", "url"])
        self._kind, self._known, self._there = kind, known, there

    @property
    def sections(self) -> list[Section]:
        """What is asked of every connection and of its kind, and what apps keep beside it."""
        beside = [(one.title, one.fields(self._kind.slug)) for one in kinds.beside(self._kind.slug)]
        taken = {field.name for _title, declared in beside for field in declared}
        own = [self[name] for name in self.fields if name not in taken and name != "enabled"]
        sections = [self._section(place, *one) for place, one in enumerate(beside)]
        return [Section("own", _("Connection"), [*own, self["enabled"]]), *sections]

    def _section(self, place: int, title: Text, declared: Sequence[fields.Field]) -> Section:
        asked = [field for field in declared if not field.page]
        rare = [field for field in declared if field.rare]
        changed = [field for field in rare if not field.is_usual(self._there.get(field.name, field.default))]
        elsewhere = [field for field in declared if field.page]
        return Section(
            f"beside-{place}",
            title,
            [self[field.name] for field in asked if not field.rare],
            [self[field.name] for field in asked if field.rare],
            len(changed),
            elsewhere=[self._elsewhere(self._known, field) for field in elsewhere] if self._known else (),
        )

    def _elsewhere(self, known: Connection, field: fields.Field) -> Elsewhere:
        shown = field.shown(self._there.get(field.name, field.default))
        return Elsewhere(field.title, shown, f"{resolve_url(field.page)}?of={known.pk}")

    def given(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        for field in self._asked:
            name = field.name
            if isinstance(field, fields.MappingsField):
                found[name] = field.from_text(found[name])
            if found.pop(FORGET + name, False):
                found[name] = None
            if not field.is_asked(found):
                # It was hidden, with what it held before.
                found.pop(name)
        return found


def form_field(field: fields.Field, *, known: bool, value: Any) -> forms.Field:
    needed = field.required and not (known and isinstance(field, fields.SecretField)) and field.when is None
    common: dict[str, Any] = {"label": field.title, "help_text": field.help, "required": needed}
    common["initial"] = value
    made: forms.Field
    match field:
        case fields.SecretField():
            if known:
                common["help_text"] = _("Leave it empty to keep it; a new address needs it again.")
            made = forms.CharField(**common, widget=forms.PasswordInput(attrs=PLAIN, render_value=True))
        case fields.DurationField():
            made = DurationField(**common)
            made.required = True
        case fields.NumberField():
            made = forms.IntegerField(**common, min_value=field.least, max_value=field.most)
            made.required = field.required or field.default is not None
        case fields.ChoiceField():
            made = forms.ChoiceField(**common, choices=field.choices)
        case fields.SwitchField():
            made = forms.BooleanField(**{**common, "required": False})
        case fields.MappingsField():
            common["initial"] = field.to_text(value)
            made = forms.CharField(**common, widget=forms.Textarea(attrs={"rows": 3, **PLAIN}))
        case fields.RowField():
            made = forms.ModelChoiceField(**common, queryset=field.rows(), empty_label=None)
        case _:
            made = forms.CharField(**common, widget=forms.TextInput(attrs=PLAIN))
    if field.when is not None:
        # Every page works without scripts: then it is shown, and not looked at where it is not asked for.
        name, values = field.when
        made.widget.attrs |= {"data-when": name, "data-when-values": " ".join(map(str, values))}
    return made
