"""`manage.py export_config`: the settings as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.console import PlainCommand, argument
from core.data_folder import write_private
from core.errors import StorageError
from core.words import Phrase
from history import audit
from system.configuration import export_document


class Command(PlainCommand):
    help = "Export policies, instances, schedules and channels as YAML. Secrets become ${NAME}."
    arguments = (argument("file", nargs="?", default="", help="default: standard output"),)

    def run(self, **options: Any) -> None:
        document = export_document()
        audit.note("exported", kind="settings", target=options["file"] or Phrase("export.printed"))
        if not options["file"]:
            self.stdout.write(document, ending="")
            return
        try:
            write_private(Path(options["file"]), document)
        except OSError as error:
            raise StorageError(f"{options['file']} cannot be written: {error.strerror}.") from None
        self.tell(f"Wrote {options['file']}.")
