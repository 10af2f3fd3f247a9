"""Jobs with their progress, what failed, and history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import features
from jobs import services
from jobs.listing import progress, seconds_left
from jobs.models import ItemState, Job, JobItem
from web.access import action, page
from web.contract import report_of
from web.lists import Filter, Toolbar, opened_with
from web.parts import errors_shown, live_part, number_of
from web.queries import activity as queries
from web.templatetags.pages import job_name


@page
def activity(request: HttpRequest) -> HttpResponse:
    if usual := opened_with(request, "activity"):
        return redirect(usual)
    filters = queries.JobFilters.of(request.GET.dict())
    kinds = sorted(((name, job_name(name)) for name in features.words("jobs")), key=lambda kind: kind[1])
    states = [(state, state.label) for state in queries.ENDED]
    choices = [
        Filter("kind", _("Job"), [("", _("Any job")), *kinds], filters.kind),
        Filter.of_connections(filters.instance),
        Filter("state", _("State"), [("", _("Any state")), *states], filters.state),
    ]
    toolbar = Toolbar.of(request, "activity", label=_("Job or instance"), q=filters.q, filters=choices)
    return render(request, "web/activity.html", {**_activity(request), "toolbar": toolbar})


@page
def activity_live(request: HttpRequest) -> HttpResponse:
    return render(request, "web/activity_live.html", _activity(request))


@page
def job(request: HttpRequest, pk: int) -> HttpResponse:
    found = _job(pk)
    state = request.GET.get("state", "")
    context = {**_job_context(found), "state": state}
    context["found"] = queries.items_of(found, state, request.GET.get("at", ""))
    counts = queries.counts_of(found)
    context["states"] = [(value, text, counts.get(value, 0)) for value, text in ItemState.choices]
    context["all"] = sum(counts.values())
    return render(request, "web/job.html", context)


@page
def job_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a job is, as a part of its page; when it ends, the whole page is loaded anew."""
    found = _job(pk)
    return live_part(request, "web/job_live.html", _job_context(found), ended=not found.is_live)


@action
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    if services.cancel(_job(pk)):
        messages.success(request, _("Cancelled: waiting items will not be done."))
    else:
        messages.info(request, _("It had already ended."))
    return redirect("job", pk)


@action
def retry_job(request: HttpRequest, pk: int) -> HttpResponse:
    with errors_shown(request):
        count = services.retry_failed(_job(pk))
        messages.success(request, ngettext("Retrying %d item.", "Retrying %d items.", count) % count)
    return redirect("job", pk)


@action
def retry_item(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(JobItem.objects.select_related("job"), pk=pk)
    with errors_shown(request):
        done = services.retry_item(item)
        messages.success(request, _("Retrying it.") if done else _("It had not failed."))
    return (
        redirect("deliveries") if request.POST.get("back") == "deliveries" else redirect("job", item.job_id)
    )


@page
def failed(request: HttpRequest) -> HttpResponse:
    found = queries.failed_items(request.GET.get("at", ""))
    return render(request, "web/failed.html", {"found": found})


@page
def history(request: HttpRequest) -> HttpResponse:
    if usual := opened_with(request, "history"):
        return redirect(usual)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "")
    connection = number_of(request, "instance", 0)
    kinds = sorted(features.words("events").items(), key=lambda kind: str(kind[1]))
    found = queries.events(kind=kind, text=text, connection=connection, at=request.GET.get("at", ""))
    return render(
        request,
        "web/history.html",
        {
            "found": found,
            "toolbar": Toolbar.of(
                request,
                "history",
                label=_("Title or kind"),
                q=text,
                filters=[
                    Filter("kind", _("Kind"), [("", _("Everything")), *kinds], kind),
                    Filter.of_connections(connection),
                ],
            ),
        },
    )


def _activity(request: HttpRequest) -> dict[str, Any]:
    filters = queries.JobFilters.of(request.GET.dict())
    live = queries.live_jobs(filters)
    return {
        "live": live,
        "found": queries.ended_jobs(filters, request.GET.get("at", "")),
        "filters": filters,
        "at_work": queries.at_work() if live else [],
    }


def _job(pk: int) -> Job:
    return get_object_or_404(Job.objects.select_related("connection", "requested_by"), pk=pk)


def _job_context(found: Job) -> dict[str, Any]:
    counts = progress(found.pk)
    live = counts[ItemState.PENDING] + counts[ItemState.CLAIMED]
    return {
        "job": found,
        "progress": counts,
        "done": counts["total"] - live,
        "left": seconds_left(found, counts),
        **_report(found),
    }


def _report(job: Job) -> dict[str, Any]:
    """What the app of a job says it came to, and the template that shows it."""
    known = report_of(job.name)
    return {"report": known.report(job), "report_template": known.template} if known else {}
