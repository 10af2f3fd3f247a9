"""How pictures are chosen, with what other rules would change in the whole library before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _

from artwork import care, jobs
from artwork.choice.rules import write_rule
from artwork.choice.scoring import Key
from artwork.connections import FIELDS, values_of
from artwork.foreseeing import SETTINGS, Foreseen, settings_with
from artwork.models import ArtSettings, Candidate
from artwork.names import ArtType
from artwork.pages.picker import Choice, choices_of
from artwork.pages.rule_fields import fields_of, names_of, rule_of
from artwork.picking import key_of
from artwork.rechecks import TITLES
from artwork.rule_words import rule_told
from connections import services
from connections.models import Connection
from core.words import Phrase
from jobs.models import LIVE_JOB, ItemState, Job, JobItem, JobState
from web.access import admin_page, user_of
from web.connection_forms import form_field
from web.forms import Section, errors_at
from web.parts import done, live_part, number_of

ASKED = tuple(field for field in FIELDS if field.name.removeprefix("art_") in SETTINGS and not field.page)


class RulesForm(forms.Form):
    """What a choice depends on, with the values of these settings to begin with."""

    def __init__(self, *args: Any, settings: ArtSettings) -> None:
        super().__init__(*args)
        there = values_of(settings)
        self.fields.update({one.name: form_field(one, known=True, value=there[one.name]) for one in ASKED})
        self._rules = {art: settings.rules.get(art, {}) for art in ArtType}
        for art, rule in self._rules.items():
            self.fields.update(fields_of(art, rule))

    @property
    def sections(self) -> list[Section]:
        """What holds for all pictures, and what else for those of each type."""
        every = Section("every", _("All pictures"), [self[field.name] for field in ASKED])
        return [every, *(self._of_type(art, rule) for art, rule in self._rules.items())]

    def _of_type(self, art: ArtType, rule: Mapping[str, Any]) -> Section:
        note = ", ".join(one.told for one in rule_told(rule)) or _("as usual")
        return Section(art, Phrase(f"art.{art}"), more=[self[name] for name in names_of(art)], note=note)

    def given(self) -> dict[str, Any]:
        """The values, as `connections.services.check` takes them. Raises FieldError."""
        rules = {art: rule_of(art, self.cleaned_data) for art in ArtType}
        pairs = [{"type": art.value, "rule": write_rule(rule)} for art, rule in rules.items() if rule]
        return {**{field.name: self.cleaned_data[field.name] for field in ASKED}, "art_rules": pairs}


@admin_page
def art_rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of a connection (`of`); `job` is the one that says what others would change."""
    sources = list(Connection.objects.filter(source__isnull=False, enabled=True).order_by("name"))
    asked = number_of(request, "of", 0)
    of = next((one for one in sources if one.pk == asked), sources[0] if sources else None)
    if of is None:
        return render(request, "artwork/rules.html", {"sources": []})
    job = Job.objects.filter(pk=number_of(request, "job", 0), name=jobs.FORESEE, connection=of).first()
    changed = job.params["settings"] if job is not None else {}
    form = RulesForm(request.POST or None, settings=settings_with(of, changed))
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            return _answer(request, of, form.given())
    found = Foreseen.of(job.summary) if job is not None and job.state == JobState.COMPLETED else None
    context = {
        "sources": sources,
        "of": of,
        "form": form,
        "job": job,
        "is_live": job is not None and job.state in LIVE_JOB,
        "found": found,
        "pictures": [(Phrase(f"art.{art}"), number) for art, number in found.pictures.most_common()]
        if found
        else [],
        "examples": _examples(found) if found else [],
    }
    return render(request, "artwork/rules.html", context)


@admin_page
def art_rules_live(request: HttpRequest) -> HttpResponse:
    """Show how far a preview is, as a part of its page; in the end the whole page is loaded anew."""
    job = Job.objects.filter(pk=number_of(request, "job", 0), name=jobs.FORESEE, state__in=LIVE_JOB).first()
    items = JobItem.objects.filter(job=job, step=TITLES)
    ended = items.filter(state=ItemState.DONE).count()
    context = {"job": job, "is_live": job is not None, "total": items.count(), "ended": ended}
    return live_part(request, "artwork/rules_live.html", context, ended=job is None)


@dataclass(frozen=True, slots=True)
class Example:
    """A picture that a title would have; `choice` is None where none would come, or it is gone."""

    title: str
    media: int | None
    what: Phrase
    score: Phrase | None
    choice: Choice | None


def _examples(found: Foreseen) -> list[Example]:
    """The first that would change, with the pictures that would come. Three queries."""
    addresses = {what.params.get("address", "") for _title, _media, what in found.examples}
    rows = Candidate.objects.filter(address__in=addresses - {""})
    known = {key_of(one.candidate): one for one in choices_of(list(rows))}
    return [_example(title, media, what, known) for title, media, what in found.examples]


def _example(title: str, media: int | None, what: Phrase, known: Mapping[Key, Choice]) -> Example:
    slot, chosen = _named(Phrase.of(what.params["what"])), what.params
    if "address" not in chosen:
        return Example(title, media, Phrase(what.code, what=slot), None, None)
    choice = known.get((chosen["source"], chosen["address"]))
    return Example(title, media, slot, Phrase.of(chosen["score"]), choice)


def _named(slot: Phrase) -> Phrase:
    """A slot as commands name it, by the name that pages have for its pictures."""
    if art := slot.params.get("art"):
        return Phrase(slot.code, **{**slot.params, "art": Phrase(f"art.{art}")})
    return Phrase(f"art.{slot.code}")


def _answer(request: HttpRequest, of: Connection, given: dict[str, Any]) -> HttpResponse:
    address = f"{resolve_url('art_rules')}?of={of.pk}"
    if request.POST.get("do") == "save":
        services.edit(of, connect=False, user=user_of(request), **given)
        done(request, _("The rules of %s are saved: its titles are prepared anew.") % of)
        return redirect(address)
    return redirect(f"{address}&job={care.foresee(of, given, user_of(request)).pk}")
