"""Artwork: the pictures and NFOs beside every title."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Feature


class ArtworkConfig(Feature):
    name = "artwork"
    slug = "artwork"
    title = _("Artwork")
    summary = _("Keeps the pictures and NFO files beside every title, and puts back what an upgrade deletes.")
    default_on = False

    def ready(self) -> None:
        super().ready()
        from artwork.models import ArtSettings
        from history import audit

        audit.watch(ArtSettings)
