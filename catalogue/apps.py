"""The catalogue: what the household owns, has read, seen, heard and played."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Feature


class CatalogueConfig(Feature):
    name = "catalogue"
    slug = "catalogue"
    title = _("Collection")
    summary = _("Lists the movies, books, music, games and comics you own, from the files of other programs.")
    default_on = False

    def ready(self) -> None:
        super().ready()
        from catalogue.models import Library
        from history import audit

        audit.watch(Library)
