"""Settings → Import: the original Taggarr's settings, pasted, and its state, uploaded."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import TaggarrError
from original.files import read_texts
from original.importing import Report, import_original
from web.access import admin_page


class ImportForm(forms.Form):
    settings = forms.CharField(
        label=gettext_lazy("Its settings"),
        strip=False,
        max_length=200_000,
        help_text=gettext_lazy(
            "The text of taggarr.yaml, docker-compose.yml or .env, with keys in place of variables."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocomplete": "off"}),
    )
    state = forms.FileField(
        label=gettext_lazy("Its taggarr.json"),
        required=False,
        help_text=gettext_lazy("In the folder of your series or movies: it tells which tags are its own."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
    )
    connect = forms.BooleanField(label=gettext_lazy("Test addresses and keys"), required=False, initial=True)


@admin_page
def import_settings(request: HttpRequest) -> HttpResponse:
    """Show the form; say what an import would do (`preview`), or do it."""
    form = ImportForm(request.POST or None, request.FILES or None)
    report: Report | None = None
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        preview = "preview" in request.POST
        try:
            report = _import(form, preview=preview)
        except TaggarrError as error:
            problems = error.told.splitlines()
        if report is not None and not preview:
            messages.success(request, _("The settings are taken over. Next: a scan as a dry run."))
            return redirect("connections")
    template = "original/import_report.html" if request.headers.get("HX-Request") else "original/import.html"
    return render(request, template, {"form": form, "report": report, "problems": problems})


def _import(form: ImportForm, *, preview: bool) -> Report:
    """Read what was sent. No variable is filled in: the environment of this process is not theirs to read."""
    file = form.cleaned_data["state"]
    state = file.read().decode("utf-8", "replace") if file else ""
    found = read_texts(form.cleaned_data["settings"], state, str(file.name) if file else "")
    return import_original(found, connect=form.cleaned_data["connect"], dry_run=preview)
