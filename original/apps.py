"""The import from the original tool."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Feature


class OriginalConfig(Feature):
    name = "original"
    slug = "original"
    title = _("Coming from the original Taggarr")
    summary = _("Takes over the settings and tags of the original tool.")
