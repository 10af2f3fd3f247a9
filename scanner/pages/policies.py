"""Settings → Policies, with what a change would do before it is saved."""

from __future__ import annotations

import hashlib
import json

from django.contrib import messages
from django.db.models import Count, ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from jobs.models import Job
from scanner.forms import POLICY_LABELS, PolicyForm
from scanner.languages.names import language_choices
from scanner.models import Policy, PolicyVersion
from scanner.policies import PolicyPreview, delete_policy, former_versions, preview_policy, save_policy
from web.access import action, admin_page, user_of


@admin_page
def policies(request: HttpRequest) -> HttpResponse:
    found = Policy.objects.annotate(instance_count=Count("scan_settings", distinct=True))
    return render(request, "scanner/policies.html", {"policies": found})


@admin_page
def policy_add(request: HttpRequest) -> HttpResponse:
    return _edit(request, Policy())


@admin_page
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change a policy. A change of titles is previewed first, and saved once that was `confirmed`;
    with `version` what going back to that one would do.
    """
    return _edit(request, get_object_or_404(Policy, pk=pk))


@action
def policy_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Policy, pk=pk)
    try:
        delete_policy(found)
    except ProtectedError:
        messages.error(request, _("It is in use: give its instances and titles another policy first."))
        return redirect("policy", pk)
    messages.success(request, _("%s is deleted.") % found.name)
    return redirect("policies")


def _edit(request: HttpRequest, found: Policy) -> HttpResponse:
    known = found.pk is not None
    form = PolicyForm(request.POST or None, instance=found)
    preview: PolicyPreview | None = None
    version = found.versions.filter(pk=_number(request.GET.get("version", ""))).first() if known else None
    if request.method == "GET" and version is not None:
        found = version.applied()
        form = PolicyForm(instance=found)
        preview = preview_policy(found)
    if request.method == "POST" and form.is_valid():
        changed = form.save(commit=False)
        if not known or request.POST.get("confirmed") == _print_of(changed):
            return _saved(request, save_policy(changed, user=user_of(request)))
        preview = preview_policy(changed)
        if not preview and "preview" not in request.POST:
            return _saved(request, save_policy(changed, user=user_of(request)))
    context = {
        "form": form,
        "policy": found,
        "known": known,
        "preview": preview,
        "languages": language_choices(),
        "version": version,
        "versions": [(one, _differs(one, found)) for one in former_versions(found)] if known else [],
    }
    if preview is not None:
        context["changes"] = [(*pair, count) for pair, count in preview.changes.most_common()]
        context["confirmed"] = _print_of(found)
    return render(request, "scanner/policy.html", context)


def _print_of(policy: Policy) -> str:
    """What tells two states of a policy apart: that is saved whose preview was seen."""
    kept = json.dumps([policy.name, policy.values()], sort_keys=True)
    return hashlib.sha256(kept.encode()).hexdigest()


def _differs(version: PolicyVersion, policy: Policy) -> list[str]:
    return [str(POLICY_LABELS[name]) for name in version.differs_from(policy)]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _saved(request: HttpRequest, job: Job | None) -> HttpResponse:
    if job is None:
        messages.success(request, _("Saved."))
        return redirect("policies")
    messages.success(request, _("Saved. All titles of this policy are decided anew; their tags follow."))
    return redirect("job", job.pk)
