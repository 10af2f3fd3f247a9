"""What a command says of the job of titles that it ran."""

from __future__ import annotations

from core.console import OK, SOME_FAILED, PlainCommand
from jobs.models import ItemState, Job


def tell(command: PlainCommand, job: Job) -> int:
    """Say what came of a job, and what failed; return the exit code."""
    failed = list(job.items.filter(state=ItemState.FAILED))
    command.answer(job.summary, f"{job}: {job.summary}")
    for item in failed:
        command.tell_error(str(item.error))
    return SOME_FAILED if failed else OK
