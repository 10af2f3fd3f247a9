"""The Celery application; its settings are the `CELERY_*` of the Django settings."""

from __future__ import annotations

import gc
import os
import warnings
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taggarr.settings")
# Django's checks are made before any program starts (`manage.py startup`). Here they would import all pages.
os.environ["CELERY_SKIP_CHECKS"] = "true"

# How long a worker process keeps its one database connection, in seconds.
CONNECTION_AGE = 600

# Celery warns of root, and of a group without a name, because a pickled message could run with their rights;
# ours are JSON and hold nothing but ids.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
warnings.filterwarnings("ignore", message="An entry for the specified gid or egid was not found")

app = Celery("taggarr")
app.config_from_object("taggarr.settings:CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Log as every program of ours does. Without a receiver Celery would put its own format in place."""
    from django.conf import settings

    from core import logs

    logs.configure(settings.LOGGING)


ANSWERS = frozenset(
    {"ping", "active_queues", "stats", "conf", "registered", "active", "reserved", "scheduled", "revoked"}
)
"""The remote commands that a worker obeys: questions, of health and of Flower. Whoever can write to Redis can
send one."""


@signals.celeryd_init.connect
def answer_questions_alone(**_: Any) -> None:
    """Forget the commands that stop workers, end tasks, or change what they do."""
    from celery.worker.control import Panel

    for name in set(Panel.data) - ANSWERS:
        del Panel.data[name]


@signals.worker_before_create_process.connect
def keep_pages_shared(**_: Any) -> None:
    """What is loaded stays. Frozen, no collection of a worker process writes to the pages that it shares."""
    from scanner.languages import codes

    # Each process would make these tables when it first looks at a language.
    codes.choices()
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def keep_connection_open(**_: Any) -> None:
    """A worker process runs one task after the other: it keeps its connection for the next one."""
    from django.conf import settings

    settings.DATABASES["default"]["CONN_MAX_AGE"] = CONNECTION_AGE


@signals.task_prerun.connect
def replace_connection(**_: Any) -> None:
    """Give a task a new connection where the old one broke, or got old.

    Celery's own support of Django, as we set it, never looks: without this a worker process whose connection
    PostgreSQL has closed could do nothing that asks the database for the rest of its life.
    """
    from django.db import close_old_connections

    close_old_connections()
