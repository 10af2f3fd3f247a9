"""The forms of the pages. What they hold is checked by the services that take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.keys import default_expiry
from accounts.models import Role, Scope
from core.errors import TaggarrError
from core.features import Text
from core.portable import LARGEST
from jobs.rhythm import DAYS, Kind, Rhythm, rhythm_of
from jobs.rhythm import UNITS as SECONDS
from system.retention import LONGEST

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from jobs.models import Schedule


def show_error(form: forms.Form, error: TaggarrError) -> None:
    """Show an error at the field that it names, where the form has it; else above the form."""
    field = getattr(error, "field", "")
    form.add_error(field if field in form.fields else None, error.told)


@contextmanager
def errors_at(form: forms.Form) -> Iterator[None]:
    """Show an error of ours in the form, and go on behind the block."""
    try:
        yield
    except TaggarrError as error:
        show_error(form, error)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a long form shows and does not ask for: `page` is where it is changed."""

    title: Text
    shown: Sequence[Text]
    page: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a long form, for `web/sections.html`.

    `more` is folded, for few need it, unless something of it is wrong; `changed` says how many of these are
    not as they come, `note` anything else. Without `fields` the whole part is folded, under its title.
    """

    slug: str
    title: Text
    fields: Sequence[forms.BoundField] = ()
    more: Sequence[forms.BoundField] = ()
    changed: int = 0
    note: Text = ""
    elsewhere: Sequence[Elsewhere] = ()

    @property
    def is_open(self) -> bool:
        return any(field.errors for field in self.more)


def new_password(*, known: bool = False) -> forms.CharField:
    """A field for a new password; whose account is `known` may leave it empty and keep theirs."""
    return forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        required=not known,
        help_text=_("Leave it empty to keep it.") if known else _("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class FirstAdminForm(forms.Form):
    token = forms.CharField(
        label=_("Token"),
        max_length=100,
        help_text=_(
            "Proves that this installation is yours. The log of the first start has it "
            "(docker compose logs web), and manage.py setup_token prints it again."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("Username"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = new_password()


class UserForm(forms.Form):
    username = forms.CharField(
        label=_("Username"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)
    email = forms.EmailField(label=_("E-mail"), required=False)
    password = new_password()
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            self.fields["password"] = new_password(known=True)


UNITS = {"minutes": _("minutes"), "hours": _("hours"), "days": _("days"), "seconds": _("seconds")}


class DurationWidget(forms.MultiWidget):
    """A number and its unit; a number that comes alone is seconds, as the API has it."""

    def __init__(self) -> None:
        unit = forms.Select(attrs={"aria-label": _("Unit")}, choices=[*UNITS.items()])
        super().__init__(widgets={"": forms.NumberInput(attrs={"min": 0}), "unit": unit})

    def decompress(self, value: Any) -> list[Any]:
        if not isinstance(value, int):
            return [None, "days"]
        rhythm = rhythm_of(value, "") if value else Rhythm(Kind.INTERVAL, number=0, unit="days")
        return [rhythm.number, rhythm.unit]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else ""


class DurationField(forms.MultiValueField):
    """Seconds, asked for in the largest unit that has them in whole numbers."""

    widget = DurationWidget

    def __init__(self, **given: Any) -> None:
        number = forms.IntegerField(min_value=0, max_value=LARGEST)
        unit = forms.ChoiceField(choices=[*UNITS.items()], required=False)
        super().__init__(fields=(number, unit), require_all_fields=False, **given)

    def compress(self, data_list: list[Any]) -> int | None:
        number, unit = data_list or (None, "")
        return None if number is None else number * SECONDS[unit or "seconds"]


RHYTHMS = {
    Kind.INTERVAL: _("At intervals"),
    Kind.DAILY: _("Every day"),
    Kind.WEEKLY: _("Every week"),
    Kind.CRON: _("At other times"),
}


def _when(*kinds: Kind) -> dict[str, str]:
    return {"data-when": "kind", "data-when-values": " ".join(kinds)}


class ScheduleForm(forms.Form):
    """When a job starts by itself. What is asked for depends on the kind; the rest is not looked at."""

    enabled = forms.BooleanField(label=_("Start automatically"), required=False)
    kind = forms.ChoiceField(label=_("How often"), choices=[*RHYTHMS.items()])
    number = forms.IntegerField(
        label=_("Every"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs=_when(Kind.INTERVAL)),
    )
    unit = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=[*UNITS.items()],
        widget=forms.Select(attrs=_when(Kind.INTERVAL)),
    )
    day = forms.ChoiceField(
        label=_("On"),
        required=False,
        choices=[(name, WEEKDAYS[(DAYS.index(name) - 1) % 7]) for name in (*DAYS[1:], DAYS[0])],
        widget=forms.Select(attrs=_when(Kind.WEEKLY)),
    )
    at = forms.TimeField(
        label=_("At"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", **_when(Kind.DAILY, Kind.WEEKLY)}),
    )
    line = forms.CharField(
        label=_("Cron line"),
        max_length=100,
        required=False,
        help_text=_("Minute, hour, day of month, month, day of week: 30 3 1 * * is 3:30 on the first."),
        widget=forms.TextInput(attrs={"spellcheck": "false", **_when(Kind.CRON)}),
    )

    def __init__(self, data: Any, *, schedule: Schedule) -> None:
        super().__init__(
            data, initial={"enabled": schedule.enabled, **asdict(rhythm_of(schedule.every, schedule.cron))}
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        needed = {Kind.INTERVAL: ("number", "unit"), Kind.DAILY: ("at",), Kind.WEEKLY: ("day", "at")}
        asked = (*needed.get(given.get("kind", ""), ("line",)), "kind")
        for name in set(self.errors) - set(asked):
            del self.errors[name]
        for name in asked:
            if not given.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        return given

    def apply_to(self, schedule: Schedule) -> None:
        given = {name: value for name, value in self.cleaned_data.items() if value or name == "line"}
        schedule.enabled = bool(given.pop("enabled", False))
        schedule.every, schedule.cron = Rhythm(**{**given, "kind": Kind(given["kind"])}).written


def _kept(label: _StrPromise, help_text: _StrPromise) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=LONGEST, help_text=help_text)


class RetentionForm(forms.Form):
    keep = _kept(_("Backups"), _("This many are kept."))
    keep_days = _kept(_("Days a backup is kept"), _("The newest always stays."))
    history = _kept(_("Days of history"), _("What changed and why, and the audit log."))
    jobs = _kept(_("Days of jobs"), _("With the messages that were sent."))
    items = _kept(_("Days of job items"), _("Finished items; failed ones stay as long as their job."))
    logs = _kept(_("Days of logs"), _("Rotated log files."))


class ApiKeyForm(forms.Form):
    name = forms.CharField(label=_("Used by"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("Besides reading, it may"),
        choices=[choice for choice in Scope.choices if choice[0] != Scope.READ],
        required=False,
        help_text=_("No key can change users, keys or channels, or download backups and logs."),
        widget=forms.CheckboxSelectMultiple,
    )
    expires_at = forms.DateField(
        label=_("Expires"),
        required=False,
        initial=lambda: timezone.localdate(default_expiry()),
        help_text=_("Leave it empty for a key that never expires."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    networks = forms.CharField(
        label=_("Only from these addresses"),
        max_length=1000,
        required=False,
        help_text=_(
            "Networks such as 192.168.1.0/24, separated by commas. Leave it empty to allow every address."
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )

    def asked(self) -> dict[str, Any]:
        """What `accounts.keys.create_key` takes, of a valid form."""
        given = self.cleaned_data
        day = given["expires_at"]
        return {
            "name": given["name"],
            "scopes": given["scopes"],
            "networks": [text for text in given["networks"].replace(",", " ").split() if text],
            "expires_at": timezone.make_aware(datetime.combine(day, time.max)) if day else None,
        }
