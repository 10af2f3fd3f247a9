"""The addresses of Taggarr."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from system.views import ping

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.urls")),
    path("ping", ping),
    path("", include("web.urls")),
]
