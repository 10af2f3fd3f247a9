"""What every program of ours imports that reads no setting, and so holds no key: for `system.nursery`."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

import cron_descriptor  # type: ignore[import-untyped]  # noqa: F401  (of the models of django_celery_beat)
import django.contrib.admin
import django.db.backends.postgresql.base
import django.views.debug  # noqa: F401  (of its logging)
import yaml  # noqa: F401
from celery.app import amqp, control, events, task  # noqa: F401
from celery.apps import beat  # noqa: F401
from celery.backends import base  # noqa: F401
from celery.contrib.django import task as django_task  # noqa: F401
from celery.fixups import django as fixup  # noqa: F401
from kombu.transport import redis  # noqa: F401

from core import keys, logs, options, servers  # noqa: F401
from taggarr import front, sign_in  # noqa: F401

ZONES = [ZoneInfo(name) for name in available_timezones()]
"""The model of a cron line holds them all, 5 MiB. Python gives it these, as long as somebody holds them."""
