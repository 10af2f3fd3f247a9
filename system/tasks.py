"""Looking at Taggarr itself, now and then. Beat sends these; one that is lost is made good by the next."""

from __future__ import annotations

from celery import shared_task

from . import roots
from .health import watch
from .versions import look_for_newer


@shared_task(name="system.watch_health", ignore_result=True)
def watch_health() -> None:
    """Write down which issues came and went."""
    watch.look()


@shared_task(name="system.look_at_roots", ignore_result=True)
def look_at_roots() -> None:
    """Look whether the root folders are there."""
    roots.look()


@shared_task(name="system.look_for_newer", ignore_result=True)
def look_for_newer_version() -> None:
    """Ask for the newest version, where an address is set."""
    look_for_newer()
