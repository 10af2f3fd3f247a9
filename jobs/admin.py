"""Jobs and their items in Django's admin: to be read; to be cancelled and tried again, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from core.admin import ReadOnlyAdmin
from core.subjects import titled

from . import services
from .listing import progress, progress_of
from .models import LIVE_ITEM, Job, JobItem


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
    readonly_fields = ("progress", "took", "its_items")
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

    @admin.display(description="Items")
    def its_items(self, job: Job) -> SafeString:
        address = reverse("admin:jobs_jobitem_changelist")
        return format_html('<a href="{}?job__id__exact={}">Show them</a>', address, job.pk)

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.each(request, queryset, _cancel)

    @admin.action(description="Retry failed items", permissions=["operate"])
    def retry_failed(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.each(request, queryset, _retry_failed)


def _cancel(job: Job) -> str:
    return "cancelled." if services.cancel(job) else "had ended already."


def _retry_failed(job: Job) -> str:
    count = services.retry_failed(job)
    return f"{count} item{'' if count == 1 else 's'} to be tried again."


@admin.register(JobItem)
class JobItemAdmin(ReadOnlyAdmin):
    list_display = (
        "key",
        "job",
        "step",
        "about",
        "state",
        "attempts",
        "due_at",
        "error",
        "took_ms",
        "finished_at",
    )
    list_filter = ("state", "job__name", "step", "queue", "error_kind")
    search_fields = ("key", "error")
    list_select_related = ("job",)
    ordering = ("-id",)
    actions = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobItem]:
        return titled(super().get_queryset(request))

    @admin.display(description="About")
    def about(self, item: JobItem) -> str:
        return str(getattr(item, "subject_title", ""))

    @admin.action(description="Retry", permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[JobItem]) -> None:
        self.each(request, queryset.select_related("job"), _retry)


def _retry(item: JobItem) -> str:
    return "to be tried again." if services.retry_item(item) else "had not failed."
