"""The addresses of the API, under /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from api.routes import backups, channels, connections, history, jobs, system, users

from .contract import mounted
from .events.views import Events
from .problems import not_found

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("jobs", jobs.Jobs, basename="job")
router.register("jobs/<int:job_id>/items", jobs.JobItems, basename="job-item")
router.register("history", history.History, basename="event")
router.register("connections", connections.Connections, basename="connection")
router.register("channels", channels.Channels, basename="channel")
router.register("deliveries", channels.Deliveries, basename="delivery")
router.register("system/tasks", jobs.Tasks, basename="task")
router.register("system/backups", backups.Backups, basename="backup")
router.register("system/logs", system.Logs, basename="log")
router.register("system/audit", history.Audit, basename="audit-entry")
router.register("api-keys", users.ApiKeys, basename="api-key")
router.register("users", users.Users, basename="user")

urlpatterns = [
    *router.urls,
    path("system/status", system.Status.as_view(), name="system-status"),
    path("system/restore", backups.Staged.as_view(), name="system-restore"),
    path("settings", system.Settings.as_view(), name="settings"),
    path("system/health", system.Health.as_view(), name="system-health"),
    path("events", Events.as_view(), name="events"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    *mounted(),
    re_path("", not_found),
]
