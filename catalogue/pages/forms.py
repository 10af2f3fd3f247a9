"""The forms of the collection. What they hold is checked by the services that take it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue import adding, own_fields, places, values
from catalogue.editing import (
    FILLED,
    LOCKS,
    NUMBERS,
    OWNER,
    PEOPLE,
    PLACE,
    RELEASED,
    TERMS,
    is_kept,
    printed_numbers,
)
from catalogue.filling import origin
from catalogue.models import Copy, Edition, Library, OwnField, Progress, Work
from catalogue.pages.names import KIND, PROGRAMS, ROLES, STATES
from catalogue.pages.names import TERMS as TERM_NAMES
from catalogue.values import Kind, Role, State, TermKind

_ROLES_OF: Mapping[Kind, tuple[Role, ...]] = {
    Kind.MOVIE: (Role.DIRECTOR, Role.ACTOR, Role.WRITER, Role.COMPOSER, Role.PRODUCER),
    Kind.TV: (Role.DIRECTOR, Role.ACTOR, Role.WRITER, Role.PRODUCER),
    Kind.BOOK: (Role.AUTHOR, Role.EDITOR, Role.TRANSLATOR, Role.ILLUSTRATOR, Role.NARRATOR),
    Kind.AUDIO: (Role.ARTIST, Role.COMPOSER, Role.PRODUCER, Role.NARRATOR),
    Kind.GAME: (Role.DEVELOPER,),
    Kind.COMIC: (Role.WRITER, Role.PENCILLER, Role.INKER, Role.COLORIST, Role.LETTERER, Role.COVER_ARTIST),
    Kind.OTHER: (Role.AUTHOR,),
}
"""Who is asked for; whoever else is known of a work is shown too."""

_DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
_PLACE = forms.TextInput(attrs={"list": "places"})
_OWN = "own-"
_LIBRARY = "library"
_KEPT = "kept"


class NamesField(forms.CharField):
    """Several names, each in a line of its own."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class PlainDecimalField(forms.DecimalField):
    """A number without the noughts that its column adds."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class AddForm(forms.Form):
    """What is on a shelf, in as few words as one likes."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, name) for kind, name in KIND.items()])
    title = forms.CharField(label=_("Title"), max_length=1000, required=False)
    code = forms.CharField(
        label=_("ISBN or barcode"),
        max_length=50,
        required=False,
        help_text=_("One of the two is enough: a title, or the number on the back."),
    )
    creators = NamesField(label=_("By"), required=False, help_text=_("One name in each line."))
    year = forms.IntegerField(label=_("Year"), required=False)
    format = forms.CharField(
        label=_("Format"), max_length=200, required=False, help_text=_("Hardcover, Blu-ray, LP…")
    )
    location = forms.CharField(label=_("Place"), max_length=300, required=False, widget=_PLACE)
    is_owned = forms.BooleanField(label=_("A copy of it is here"), required=False, initial=True)

    def __init__(self, *args: Any, libraries: Sequence[Library], **more: Any) -> None:
        super().__init__(*args, **more)
        self._libraries = libraries
        _ask_library(self, libraries, Library.usual())

    @property
    def library(self) -> Library:
        """Where it belongs."""
        return _chosen(self, self._libraries) or Library.usual()

    def entry(self) -> values.Entry:
        """What was entered. Raises FieldError where it is too little, or the number is none."""
        return adding.entered(**{name: self.cleaned_data[name] for name in adding.ENTERED})


def _ask_library(form: forms.Form, libraries: Sequence[Library], now: Library) -> None:
    """Ask for a library, where there is a choice."""
    if len(libraries) > 1:
        choices = [(str(one.pk), one.name) for one in libraries]
        form.fields[_LIBRARY] = forms.ChoiceField(label=_("Library"), choices=choices, initial=str(now.pk))


def _chosen(form: forms.Form, libraries: Sequence[Library]) -> Library | None:
    wanted = form.cleaned_data.get(_LIBRARY)
    return next((one for one in libraries if str(one.pk) == wanted), None)


class KeepingForm(forms.Form):
    """A form that says of each field where it is from, and asks which of them no import may change."""

    def _ask_kept(self, row: Work | Edition | Copy) -> None:
        names = [name for name in self.base_fields if name in FILLED[type(row)]]
        self._locks = set(row.locks)
        self._kept = {name for name in names if is_kept(row, name)}
        self.fields[_KEPT] = forms.MultipleChoiceField(
            label=_("What imports leave alone"),
            required=False,
            choices=[(name, self._with_origin(row, name)) for name in names],
            initial=sorted(self._kept),
            widget=forms.CheckboxSelectMultiple,
            help_text=_("What you enter is ticked by itself. Untick what lists may correct again."),
        )

    def _with_origin(self, row: Work | Edition | Copy, name: str) -> str:
        """What a field is called, and who wrote it."""
        writer = origin(row.origins, name)
        label = str(self.fields[name].label)
        return f"{label} ({PROGRAMS.get(writer, writer)})" if writer and getattr(row, name) else label

    def _kept_told(self) -> dict[str, Any]:
        """What was ticked and unticked, as `editing` takes it."""
        kept = set(self.cleaned_data[_KEPT])
        locks = [*(self._locks - (self._kept - kept)), *(kept - self._kept)]
        return {LOCKS: locks, RELEASED: sorted(self._kept - kept)}


class OwnForm(KeepingForm):
    """A form with the fields that only this household knows, and room for another one."""

    _own: list[str]

    def _ask_own(self, kind: Kind, own: Mapping[str, str]) -> None:
        defined = {one.name: one for one in own_fields.asked_for(kind, own.keys())}
        self._own = list(dict.fromkeys([*defined, *own]))
        for number, name in enumerate(self._own):
            self.fields[f"{_OWN}{number}"] = _own_field(name, own.get(name, ""), defined.get(name))
        self.fields["new_name"] = forms.CharField(
            label=_("Another field"), max_length=200, required=False, help_text=_("Its name.")
        )
        self.fields["new_value"] = forms.CharField(label=_("What it says"), max_length=10_000, required=False)

    def _own_told(self) -> dict[str, str]:
        """What was entered into them."""
        told = self.cleaned_data
        own = {name: told[f"{_OWN}{number}"] for number, name in enumerate(self._own)}
        if told["new_name"]:
            own[told["new_name"]] = told["new_value"]
        return {name: text for name, text in own.items() if text}


def _own_field(name: str, text: str, field: OwnField | None) -> forms.Field:
    """How a field is asked for; what stands in it already, it takes."""
    about: dict[str, Any] = {"label": name, "initial": text, "required": False}
    kind = field.type if field else OwnField.Type.TEXT
    if field and kind in (OwnField.Type.CHOICE, OwnField.Type.YES_NO):
        named: dict[str, Any] = {one: one for one in field.choices}
        named = named or {own_fields.YES: _("yes"), own_fields.NO: _("no")}
        if text:
            named.setdefault(text, text)
        return forms.ChoiceField(choices=[("", ""), *named.items()], **about)
    types: dict[str, str] = {OwnField.Type.DATE.value: "date", OwnField.Type.LINK.value: "url"}
    attributes = {"type": types[kind]} if kind in types and _is_shown(kind, text) else {}
    if kind == OwnField.Type.NUMBER:
        attributes = {"inputmode": "decimal"}
    return forms.CharField(max_length=10_000, widget=forms.TextInput(attrs=attributes), **about)


def _is_shown(kind: str, text: str) -> bool:
    """Whether a browser shows a text in a field of its own for this: else it would be lost."""
    return kind != OwnField.Type.DATE or not text or re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


class WorkForm(OwnForm):
    title = forms.CharField(label=_("Title"), max_length=1000)
    original_title = forms.CharField(label=_("Original title"), max_length=1000, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, name) for kind, name in KIND.items()])
    year = forms.IntegerField(label=_("Year"), required=False)
    series = forms.CharField(label=_("In the series"), max_length=500, required=False)
    position = forms.CharField(label=_("Number in the series"), max_length=50, required=False)
    language = forms.CharField(label=_("Language"), max_length=100, required=False)
    runtime_min = forms.IntegerField(label=_("Minutes"), required=False)
    audience_rating = forms.CharField(label=_("Age rating"), max_length=50, required=False)
    overview = forms.CharField(
        label=_("What it is about"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, data: QueryDict | None, *, work: Work, libraries: Sequence[Library] = ()) -> None:
        people = _grouped((one.role, one.person.name) for one in work.contributions.select_related("person"))
        terms = _grouped((one.term.kind, one.term.name) for one in work.terms.select_related("term"))
        initial = {name: getattr(work, name) for name in self.base_fields}
        super().__init__(data, initial={**initial, **people, **terms})
        roles = dict.fromkeys((*_ROLES_OF[Kind(work.kind)], *map(Role, people)))
        for role in roles:
            self.fields[role.value] = NamesField(label=str(ROLES[role]), required=False)
        for kind in TermKind:
            self.fields[kind.value] = NamesField(label=str(TERM_NAMES[kind]), required=False)
        self._ask_own(Kind(work.kind), work.own)
        self._ask_kept(work)
        self._libraries = libraries
        _ask_library(self, libraries, work.library)

    @property
    def library(self) -> Library | None:
        """Where it shall be; None where nobody was asked."""
        return _chosen(self, self._libraries)

    def changes(self) -> dict[str, Any]:
        """The fields as they were entered, as `editing.edit_work` takes them."""
        told = self.cleaned_data
        plain = {name: told[name] for name in (*self.base_fields, *PEOPLE, *TERMS) if name in told}
        return {**plain, "own": self._own_told(), **self._kept_told()}


class EditionForm(KeepingForm):
    name = forms.CharField(label=_("Edition"), max_length=500, required=False)
    format = forms.CharField(label=_("Format"), max_length=500, required=False)
    publisher = forms.CharField(label=_("Publisher"), max_length=500, required=False)
    published_on = forms.DateField(label=_("Published"), required=False, widget=_DATE)
    region = forms.CharField(label=_("Region"), max_length=100, required=False)
    resolution = forms.CharField(label=_("Resolution"), max_length=100, required=False)
    pages = forms.IntegerField(label=_("Pages"), required=False)
    discs = forms.IntegerField(label=_("Discs"), required=False)
    numbers = NamesField(label=_("ISBN or barcodes"), required=False, help_text=_("One number in each line."))
    is_set = forms.BooleanField(label=_("It is a box that holds several"), required=False)

    def __init__(self, data: QueryDict | None, *, edition: Edition) -> None:
        initial = {name: getattr(edition, name) for name in self.base_fields if name != NUMBERS}
        super().__init__(data, initial={**initial, NUMBERS: printed_numbers(edition)})
        self._ask_kept(edition)

    def changes(self) -> dict[str, Any]:
        """The fields as they were entered, as `editing.edit_edition` takes them."""
        return {**{name: self.cleaned_data[name] for name in self.base_fields}, **self._kept_told()}


class CopyForm(OwnForm):
    location = forms.CharField(label=_("Place"), max_length=300, required=False, widget=_PLACE)
    condition = forms.CharField(label=_("Condition"), max_length=200, required=False)
    condition_note = forms.CharField(label=_("More about the condition"), max_length=2000, required=False)
    acquired_on = forms.DateField(label=_("Bought"), required=False, widget=_DATE)
    price = PlainDecimalField(label=_("Price"), required=False)
    currency = forms.CharField(label=_("Currency"), max_length=10, required=False)
    from_where = forms.CharField(label=_("Where it is from"), max_length=500, required=False)
    quantity = forms.IntegerField(label=_("How many"), required=False)
    lent_to = forms.CharField(label=_("Lent to"), max_length=200, required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    is_private = forms.BooleanField(
        label=_("Nobody else sees it"), required=False, help_text=_("Not even an admin.")
    )
    notes = forms.CharField(
        label=_("Remarks"), required=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: QueryDict | None, *, copy: Copy) -> None:
        initial = {name: getattr(copy, name) for name in self.base_fields if name not in (PLACE, OWNER)}
        named = {PLACE: places.paths().get(copy.location_id or 0, ""), OWNER: str(copy.owner or "")}
        super().__init__(data, initial={**initial, **named})
        people = User.objects.filter(Q(is_active=True) | Q(pk=copy.owner_id)).order_by("username")
        choices = [(name, name) for name in people.values_list("username", flat=True)]
        self.fields[OWNER].choices = [("", _("The household")), *choices]  # type: ignore[attr-defined]
        self._ask_own(Kind(copy.edition.work.kind), copy.own)
        self._ask_kept(copy)

    def changes(self) -> dict[str, Any]:
        """The fields as they were entered, as `editing.edit_copy` takes them."""
        plain = {name: self.cleaned_data[name] for name in self.base_fields}
        return {**plain, "own": self._own_told(), **self._kept_told()}


class MineForm(forms.Form):
    state = forms.ChoiceField(
        label=_("How far you are"),
        required=False,
        choices=[("", _("Nothing noted")), *((state.value, STATES[state]) for state in State)],
    )
    rating = PlainDecimalField(label=_("Your rating, of 10"), required=False)
    is_wanted = forms.BooleanField(label=_("I want it"), required=False)
    finished_on = forms.DateField(label=_("Finished on"), required=False, widget=_DATE)
    review = forms.CharField(
        label=_("Your review"), required=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: QueryDict | None, *, progress: Progress | None) -> None:
        names = ("state", "rating", "is_wanted", "review")
        initial = {name: getattr(progress, name) for name in names} if progress else {}
        super().__init__(data, initial=initial)


def _grouped(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, name in named:
        found.setdefault(kind, []).append(name)
    return found
