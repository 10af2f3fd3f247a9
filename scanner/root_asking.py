"""Asking a worker whether the titles of an instance lie where they should: the workers have the mounts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from connections.models import Connection
from core.fields import loaded, stored
from jobs import services as jobs
from jobs.handlers import OneStep, RetryPolicy
from jobs.models import Job, Queue
from jobs.runner import ItemRun
from library.root_check import RootCheck, check_roots

if TYPE_CHECKING:
    from accounts.models import User

FRESH = timedelta(minutes=1)
"""An older answer is asked for anew."""

PATIENCE = timedelta(seconds=20)
"""Where nobody has taken the question up for so long, there may be no worker."""


class CheckRootsHandler(OneStep):
    name = "check_roots"
    queue = Queue.INTERACTIVE
    retry = RetryPolicy(attempts=1)

    def do(self, run: ItemRun) -> dict[str, Any]:
        assert run.job.connection is not None  # noqa: S101  (`asked` starts none without)
        return {
            "roots": [
                {**asdict(root), "trouble": stored(root.trouble)} for root in check_roots(run.job.connection)
            ]
        }


def asked(connection: Connection, *, user: User | None = None, anew: bool = False) -> Job:
    """The question that a worker answers or has answered a moment ago; else, and `anew`, a new one.

    One from before the folders were said to lie elsewhere is no answer.
    """
    pairs = connection.path_mappings.order_by("pk").values_list("remote_prefix", "local_prefix")
    about = {"mappings": [list(pair) for pair in pairs]}
    last = Job.objects.filter(name=CheckRootsHandler.name, connection=connection).order_by("-pk").first()
    if last and last.params == about and not anew and (last.is_live or _is_fresh(last)):
        return last
    digest = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
    key = f"{CheckRootsHandler.name}:{connection.pk}:{digest}"
    return jobs.start(CheckRootsHandler.name, params=about, connection=connection, user=user, dedupe_key=key)[
        0
    ]


def answer_of(job: Job) -> list[RootCheck]:
    """What the worker saw; nothing while it has not answered."""
    return [
        RootCheck(**{**root, "trouble": loaded(root["trouble"])}) for root in job.summary.get("roots", ())
    ]


def nobody_answers(job: Job) -> bool:
    return job.started_at is None and job.is_live and timezone.now() - job.created_at > PATIENCE


def _is_fresh(job: Job) -> bool:
    return job.finished_at is not None and timezone.now() - job.finished_at < FRESH
