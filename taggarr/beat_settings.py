"""The settings of beat: it rings, and knows no app but the one whose tables hold what is to be rung."""

from __future__ import annotations

from taggarr.settings import *  # noqa: F403

INSTALLED_APPS = ["django_celery_beat"]
