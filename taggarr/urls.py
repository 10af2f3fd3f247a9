"""The addresses of Taggarr."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from system.metrics import metrics
from system.views import live, ping, ready

admin.autodiscover()

handler500 = "taggarr.error_pages.server_error"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.urls")),
    path("ping", ping, name="ping"),
    path("health/live", live),
    path("health/ready", ready),
    path("metrics", metrics),
    path("account/", include("accounts.urls")),
    path("", include("web.urls")),
]
