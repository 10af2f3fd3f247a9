"""Words for what the database and the engine name by a plain string."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs.models import ItemState, JobState, Trigger
from library.models import Verdict

Words = Mapping[str, str | Promise]

JOBS: Words = {
    "scan": _("scan"),
    "reconcile": _("write tags"),
    "backup": _("backup"),
    "cleanup": _("clean-up"),
    "notify": _("notifications"),
}
STEPS: Words = {
    "plan": _("what there is to do"),
    "finish": _("what comes last"),
    "media": _("a series or movie"),
    "send": _("what is sent"),
    "clean": _("clean-up"),
}
MODES: Words = {
    "update": _("what is new or changed"),
    "rewrite": _("everything anew"),
    "remove": _("tags are taken off"),
}
FLAGS: Words = {
    "default": _("default"),
    "forced": _("forced"),
    "commentary": _("commentary"),
    "descriptive": _("audio description"),
    "hearing impaired": _("for the hearing impaired"),
    "original": _("original"),
}
STATES: Words = dict(JobState.choices) | dict(ItemState.choices)
DELIVERIES: Words = {
    "pending": _("Waiting"),
    "claimed": _("On its way"),
    "done": _("Delivered"),
    "skipped": _("Left out"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
}
ACTIONS: Words = {
    "added": _("added"),
    "changed": _("changed"),
    "deleted": _("deleted"),
    "staged": _("chosen to be restored"),
    "unstaged": _("not to be restored after all"),
    "restored": _("restored"),
    "downloaded": _("downloaded"),
    "uploaded": _("uploaded"),
    "exported": _("exported"),
    "signed in": _("signed in"),
    "signed out": _("signed out"),
    "sign-in failed": _("sign-in failed"),
    "ended sessions": _("ended sessions"),
    "refused": _("refused"),
}
TRIGGERS: Words = dict(Trigger.choices)
VERDICTS: Words = dict(Verdict.choices)


def word(words: Words, value: str) -> str:
    """Return the word for a value in the language of the page; the value itself where there is none."""
    return str(words.get(value, value))
