"""The files of a small installation: a log, and a backup that says what it holds but cannot be restored."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

LOG = """\
2026-01-15T03:00:00.000000Z [info     ] started scan #1                [jobs.services]
2026-01-15T03:00:01.000000Z [warning  ] the disk is away               [library.sync] password=hunter22
2026-01-15T03:00:02.000000Z [error    ] unexpected error               [jobs.runner]
Traceback (most recent call last):
ValueError: nobody expected this
2026-01-15T03:00:03.000000Z [info     ] scan #1 ended                  [jobs.runner]
"""


def make_files(data: Path) -> None:
    (data / "logs").mkdir()
    (data / "logs" / "web.log").write_text(LOG)
    (data / "backups").mkdir()
    manifest = {
        "product": "taggarr",
        "format": 1,
        "version": "0.1.0",
        "created_at": "2026-01-15T03:00:00+00:00",
        "postgresql": "18.0",
        "migrations": [],
        "tables": {"library_media": {"columns": ["id"], "rows": 4711, "sha256": "0" * 64}},
        "secrets": "encrypted",
    }
    with zipfile.ZipFile(data / "backups" / "taggarr-20260115-030000.zip", "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
