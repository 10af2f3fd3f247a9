"""The address of the import from the original tool."""

from __future__ import annotations

from django.urls import path

from original.pages import import_settings

urlpatterns = [path("settings/import", import_settings, name="import")]
