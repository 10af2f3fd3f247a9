"""Jobs in Django's admin: to be read, cancelled and tried again, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from core.admin import ReadOnlyAdmin

from . import services
from .listing import progress, progress_of
from .models import LIVE_ITEM, Job


class JobChangeList(ChangeList):
    """The list of jobs, each with the counts of its items: one query for the whole page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        counts = progress_of([job.pk for job in self.result_list])
        for job in self.result_list:
            job.item_counts = counts[job.pk]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "state",
        "progress",
        "connection",
        "trigger",
        "requested_by",
        "created_at",
        "took",
        "error",
    )
    list_filter = ("state", "name", "trigger", "connection", "created_at")
    search_fields = ("name", "error", "connection__name", "=id")
    list_select_related = ("connection", "requested_by")
    readonly_fields = ("progress", "took")
    actions = ("cancel", "retry_failed")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return JobChangeList

    @admin.display(description="Progress")
    def progress(self, job: Job) -> str:
        counts = getattr(job, "item_counts", None) or progress(job.pk)
        done = counts["total"] - sum(counts[state] for state in LIVE_ITEM)
        failed = f", {counts['failed']} failed" if counts["failed"] else ""
        return f"{done} of {counts['total']}{failed}"

    @admin.display(description="Took")
    def took(self, job: Job) -> str:
        if job.started_at is None:
            return ""
        return str((job.finished_at or now()) - job.started_at).partition(".")[0]

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        said = {True: "cancelled.", False: "had ended already."}
        self.each(request, queryset, lambda job: said[services.cancel(job)])

    @admin.action(description="Retry failed items", permissions=["operate"])
    def retry_failed(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.each(request, queryset, _retry_failed)


def _retry_failed(job: Job) -> str:
    count = services.retry_failed(job)
    return f"{count} item{'' if count == 1 else 's'} to be tried again."
