"""The addresses of the API, under /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from . import (
    audit,
    backups,
    channels,
    deliveries,
    files,
    history,
    imports,
    instances,
    jobs,
    keys,
    logs,
    media,
    policies,
    settings,
    stats,
    summary,
    system,
    tags,
    tasks,
    users,
)
from .events.views import Events
from .problems import not_found
from .webhooks.views import Webhook, WebhookByPath

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("instances", instances.Instances, basename="instance")
router.register("policies", policies.Policies, basename="policy")
router.register("media", media.AllMedia, basename="media")
router.register("files", files.Files, basename="file")
router.register("tags", tags.Tags, basename="tag")
router.register("labels", tags.Labels, basename="label")
router.register("jobs", jobs.Jobs, basename="job")
router.register("jobs/<int:job_id>/items", jobs.JobItems, basename="job-item")
router.register("history", history.History, basename="event")
router.register("channels", channels.Channels, basename="channel")
router.register("deliveries", deliveries.Deliveries, basename="delivery")
router.register("system/tasks", tasks.Tasks, basename="task")
router.register("system/backups", backups.Backups, basename="backup")
router.register("system/logs", logs.Logs, basename="log")
router.register("system/audit", audit.Audit, basename="audit-entry")
router.register("api-keys", keys.ApiKeys, basename="api-key")
router.register("users", users.Users, basename="user")

urlpatterns = [
    *router.urls,
    path("summary", summary.SummaryView.as_view(), name="summary"),
    path("stats", stats.Stats.as_view(), name="stats"),
    path("system/status", system.Status.as_view(), name="system-status"),
    path("system/restore", backups.Staged.as_view(), name="system-restore"),
    path("import", imports.Import.as_view(), name="import"),
    path("settings", settings.Settings.as_view(), name="settings"),
    path("system/health", system.Health.as_view(), name="system-health"),
    path("webhook/<int:instance>", Webhook.as_view(), name="webhook"),
    path("webhook/<int:instance>/<str:token>", WebhookByPath.as_view()),
    path("events", Events.as_view(), name="events"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path("", not_found),
]
