"""How the collection is set up: libraries and who sees them, and fields of your own. For admins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalogue import libraries, own_fields
from catalogue.models import Library, OwnField, Visibility
from catalogue.pages.forms import NamesField
from catalogue.pages.names import FIELD_TYPES, KIND
from web.access import action, admin_page, user_of
from web.forms import errors_at
from web.parts import done, errors_shown


class LibraryForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=2000, required=False)
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who sees it"),
        choices=Visibility.choices,
        help_text=gettext_lazy("Admins see all libraries."),
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_archived = forms.BooleanField(label=gettext_lazy("Nothing is added to it any more"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        names = User.objects.filter(is_active=True).order_by("username").values_list("username", flat=True)
        self.fields["members"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class FieldForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Of"), choices=[(kind.value, name) for kind, name in KIND.items()]
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    type = forms.ChoiceField(label=gettext_lazy("What goes into it"), choices=list(FIELD_TYPES.items()))
    choices = NamesField(
        label=gettext_lazy("What can be chosen"),
        required=False,
        help_text=gettext_lazy("One in each line; for a choice alone."),
    )


@admin_page
def collection_settings(request: HttpRequest) -> HttpResponse:
    """Show libraries and own fields."""
    context = {
        "libraries": Library.objects.annotate(number=Count("works")).prefetch_related("members"),
        "fields": [(field, own_fields.used(field)) for field in OwnField.objects.all()],
        "tab": "collection",
    }
    return render(request, "catalogue/settings.html", context)


@admin_page
def library_add(request: HttpRequest) -> HttpResponse:
    """Add a library."""
    return _library_page(request, Library(), _("Add a library"))


@admin_page
def library_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a library."""
    library = get_object_or_404(Library, pk=pk)
    return _library_page(request, library, library.name)


@action
def library_usual(request: HttpRequest, pk: int) -> HttpResponse:
    """Have what is added go into this library."""
    library = get_object_or_404(Library, pk=pk)
    with errors_shown(request):
        libraries.make_usual(library, user_of(request))
        done(request, _("What is added goes into %s from now on.") % library)
    return redirect("collection_settings")


@action
def library_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an empty library."""
    library = get_object_or_404(Library, pk=pk)
    with errors_shown(request):
        libraries.remove(library, user_of(request))
        done(request, _("%s is gone.") % library)
        return redirect("collection_settings")
    return redirect("library_edit", pk)


@admin_page
def field_add(request: HttpRequest) -> HttpResponse:
    """Define a field of one's own."""
    return _field_page(request, OwnField(), _("Add a field"))


@admin_page
def field_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a field of one's own."""
    field = get_object_or_404(OwnField, pk=pk)
    return _field_page(request, field, field.name)


@action
def field_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a field go; what stands in it stays."""
    field = get_object_or_404(OwnField, pk=pk)
    with errors_shown(request):
        own_fields.remove(field, user_of(request))
        done(request, _("The field %s is gone from the forms; what was entered in it is kept.") % field.name)
    return redirect("collection_settings")


def _library_page(request: HttpRequest, library: Library, title: str) -> HttpResponse:
    there = library.pk is not None
    initial = {
        "name": library.name,
        "description": library.description,
        "visibility": library.visibility,
        "members": [user.username for user in library.members.all()] if there else [],
        "is_archived": library.archived_at is not None,
    }
    form = LibraryForm(request.POST or None, initial=initial)
    if form.is_valid():
        with errors_at(form):
            libraries.save(library, user_of(request), **form.cleaned_data)
            done(request, _("Saved."))
            return redirect("collection_settings")
    is_empty = there and not library.is_default and not library.works.exists()
    context = {"form": form, "title": title, "remove": is_empty and "library_remove", "pk": library.pk}
    return render(request, "catalogue/setting.html", context)


def _field_page(request: HttpRequest, field: OwnField, title: str) -> HttpResponse:
    initial = {name: getattr(field, name) for name in ("kind", "name", "type", "choices")}
    form = FieldForm(request.POST or None, initial=initial)
    if form.is_valid():
        with errors_at(form):
            own_fields.save(field, user_of(request), **form.cleaned_data)
            done(request, _("Saved."))
            return redirect("collection_settings")
    context = {"form": form, "title": title, "remove": field.pk and "field_remove", "pk": field.pk}
    return render(request, "catalogue/setting.html", context)
