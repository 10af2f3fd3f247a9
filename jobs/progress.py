"""How far jobs are."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count

from .handlers import FINISH, PLAN
from .models import ItemState, JobItem


def progress_of(job_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many items of each of these jobs are in each state, and `total`, without their plans and finishes.

    One query for all.
    """
    counts = {job_id: dict.fromkeys(["total", *ItemState.values], 0) for job_id in job_ids}
    items = JobItem.objects.filter(job_id__in=counts).exclude(step__in=[PLAN, FINISH]).order_by()
    for job_id, state, number in items.values_list("job_id", "state").annotate(Count("id")):
        counts[job_id][state] = number
        counts[job_id]["total"] += number
    return counts


def progress(job_id: int) -> dict[str, int]:
    """`progress_of` for one job."""
    return progress_of([job_id])[job_id]
