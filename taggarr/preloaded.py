"""What the web server and every worker import: `system.nursery` imports it once for all of them."""

from __future__ import annotations

from celery.app import amqp, control, events  # noqa: F401
from celery.apps import worker  # noqa: F401
from celery.concurrency import prefork, thread  # noqa: F401
from celery.worker import autoscale, components, consumer, loops, pidbox, request  # noqa: F401
from kombu.transport import redis  # noqa: F401

from scanner.languages import codes
from taggarr.celery import app

# Django, the apps, and all that tasks need.
app.loader.import_default_modules()
app.finalize()

# Tables that every one of them makes when it first looks at a language: 4 MiB.
codes.choices()
