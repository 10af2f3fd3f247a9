"""How a scan is asked for."""

from __future__ import annotations

from rest_framework import serializers

from api.schema import example
from api.strict import Strict
from scanner.scan.starting import MODES


@example({}, {"mode": "update", "deep": True})
class ScanOptions(Strict):
    """How to scan."""

    mode = serializers.ChoiceField(
        choices=MODES,
        default="update",
        help_text="`update`: new and changed media; `rewrite`: everything; `remove`: take our labels off.",
    )
    quick = serializers.BooleanField(default=False, help_text="Only the first file of each season.")
    dry_run = serializers.BooleanField(default=False, help_text="Send and write nothing.")
    deep = serializers.BooleanField(default=False, help_text="Look at every file's size and time.")
