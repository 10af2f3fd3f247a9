"""Settings → Policies, with what a change would do before it is saved."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from jobs.models import Job
from scanner.forms import PolicyForm
from scanner.languages.names import language_choices
from scanner.models import Policy
from scanner.policies import PolicyPreview, delete_policy, preview_policy, save_policy
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
    """Show and change a policy; `preview` says what a change would do, and saves nothing."""
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
    if request.method == "POST" and form.is_valid():
        changed = form.save(commit=False)
        if "preview" not in request.POST:
            return _saved(request, save_policy(changed, user=user_of(request)))
        preview = preview_policy(changed) if known else PolicyPreview()
    context = {
        "form": form,
        "policy": found,
        "known": known,
        "preview": preview,
        "languages": language_choices(),
    }
    if preview is not None:
        context["changes"] = [(*pair, count) for pair, count in preview.changes.most_common()]
    return render(request, "scanner/policy.html", context)


def _saved(request: HttpRequest, job: Job | None) -> HttpResponse:
    if job is None:
        messages.success(request, _("Saved."))
        return redirect("policies")
    messages.success(request, _("Saved. All titles of this policy are decided anew; their tags follow."))
    return redirect("job", job.pk)
