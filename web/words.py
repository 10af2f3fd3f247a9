"""Words for what the database and the engine name by a plain string."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.features import Words
from jobs.models import ItemState, JobState, Trigger

Table = Mapping[str, str | Promise]

STATES: Table = dict(JobState.choices) | dict(ItemState.choices)
DELIVERIES: Table = {
    "pending": _("Waiting"),
    "claimed": _("On its way"),
    "done": _("Delivered"),
    "skipped": _("Left out"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
}
ACTIONS: Table = {
    "added": _("added"),
    "changed": _("changed"),
    "deleted": _("deleted"),
    "staged": _("chosen to be restored"),
    "unstaged": _("not to be restored after all"),
    "restored": _("restored"),
    "downloaded": _("downloaded"),
    "uploaded": _("uploaded"),
    "exported": _("exported"),
    "imported": _("imported"),
    "signed in": _("signed in"),
    "signed out": _("signed out"),
    "sign-in failed": _("sign-in failed"),
    "ended sessions": _("ended sessions"),
    "refused": _("refused"),
}
LEVELS: Table = {
    "debug": _("debugging"),
    "info": _("information"),
    "warning": _("warning"),
    "error": _("error"),
    "critical": _("serious error"),
}
PROGRAMS: Table = {
    "web": _("Pages and API"),
    "worker-bulk": _("Worker for scans"),
    "worker-interactive": _("Worker for what somebody waits for"),
    "worker-io": _("Worker for backups and notifications"),
    "workers": _("Workers"),
    "beat": _("Scheduler (beat)"),
    "flower": _("Flower"),
    "postgres": _("Database (PostgreSQL)"),
    "valkey": _("Broker (Valkey)"),
}
LOGGED: Table = {
    "request_id": _("Request"),
    "job": _("Job"),
    "job_name": _("Kind of job"),
    "item": _("Item"),
    "took_ms": _("Milliseconds"),
}
"""What the lines of logs carry beside their messages."""
TRIGGERS: Table = dict(Trigger.choices)


def word(words: Table, value: str) -> str:
    """Return the word for a value in the language of the page; the value itself where there is none."""
    return str(words.get(value, value))


TEXTS = {
    "list.unknown": _("There is no list %(name)s."),
    "view.no-name": _("Give the view a name."),
    "view.long-name": _("Choose a shorter name for the view: %(most)s characters fit."),
    "view.long-query": _("These filters are too long to keep."),
    "view.too-many": _("You keep %(most)s views of this list already: delete one first."),
}

BRINGS = Words(steps={"plan": _("Plan"), "finish": _("Finish")}, texts=TEXTS)
