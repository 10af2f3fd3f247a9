"""The addresses of Taggarr."""

from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from system.metrics import metrics
from system.views import live, ping, ready

admin.autodiscover()

handler500 = "taggarr.error_pages.server_error"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.urls")),
    # Browsers ask for it where a page has not named its icon.
    path("favicon.ico", RedirectView.as_view(url=static("taggarr/icon-32.png"))),
    path("ping", ping, name="ping"),
    path("health/live", live),
    path("health/ready", ready),
    path("metrics", metrics),
    path("account/", include("accounts.urls")),
    path("", include("web.urls")),
]
