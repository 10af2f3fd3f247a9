"""The addresses of Taggarr."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from system.views import ping

urlpatterns = [
    path("admin/", admin.site.urls),
    path("ping", ping),
]
