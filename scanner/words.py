"""Words for what the scanner names by a plain string."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words
from scanner.events import ScanEvent
from scanner.languages.names import named
from scanner.models import Verdict
from scanner.verdict.sentences import tell_why

MODES = {
    "update": _("what is new or changed"),
    "rewrite": _("everything anew"),
    "remove": _("tags are taken off"),
}
FLAGS = {
    "default": _("default"),
    "forced": _("forced"),
    "commentary": _("commentary"),
    "descriptive": _("audio description"),
    "hearing impaired": _("for the hearing impaired"),
    "original": _("original"),
}
VERDICTS = dict(Verdict.choices)

BRINGS = Words(
    jobs={
        "scan": _("scan"),
        "look_again": _("look again for files"),
        "reconcile": _("write tags"),
        "decide": _("decide anew"),
        "fetch": _("look up in the app"),
    },
    steps={
        "media": _("a series or movie"),
        "send": _("what is sent"),
        "fetch": _("what is looked up"),
        "part": _("some series or movies"),
    },
    events=dict(ScanEvent.choices),
    parts={"language": named, "verdict": lambda code: str(Verdict(code).label), "why": tell_why},
)
