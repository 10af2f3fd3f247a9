"""`manage.py catalogue_undo`: take an import back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from catalogue.imports import services, undoing
from catalogue.models import Import
from core.console import OK, SOME_FAILED, PlainCommand, argument
from core.errors import ConfigError
from jobs.models import JobState
from jobs.services import run_inline


class Command(PlainCommand):
    help = "Take an import back, here and now: what somebody changed since stays as it is."
    arguments = (
        argument("number", type=int, help="the number of the import, as catalogue_import says it"),
        argument("--preview", action="store_true", help="only say what would become of it"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        of = Import.objects.filter(pk=options["number"]).first()
        if of is None:
            raise ConfigError("catalogue.no-import", number=options["number"])
        if options["preview"]:
            services.may_be_undone(of)
            document = asdict(undoing.foreseen(of))
            self.answer(document, f"{of}: {document}")
            return OK
        job = run_inline(services.undo(of, None))
        self.answer(job.summary, f"{job}: {job.summary}")
        return OK if job.state == JobState.COMPLETED else SOME_FAILED
