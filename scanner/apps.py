"""The scanner: which languages every file really holds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Feature


class ScannerConfig(Feature):
    name = "scanner"
    slug = "scanner"
    title = _("Languages")
    summary = _("Reads which languages every file really holds, and writes the verdict as a tag.")

    def ready(self) -> None:
        super().ready()
        from history import audit
        from scanner.models import Policy, ScanSettings

        audit.watch(Policy)
        audit.watch(ScanSettings)
