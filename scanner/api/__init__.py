"""The API of the scanner."""

from __future__ import annotations

from django.urls import path

from api.contract import Api, Route

from . import files, instances, media, policies, scans, stats, tags, webhooks

BRINGS = Api(
    job_params={"scan": scans.ScanOptions},
    routes=(
        Route("connections", instances.Instances, "instance"),
        Route("policies", policies.Policies, "policy"),
        Route("media", media.AllMedia, "media"),
        Route("files", files.Files, "file"),
        Route("tags", tags.Tags, "tag"),
        Route("labels", tags.Labels, "label"),
    ),
    paths=(
        path("stats", stats.Stats.as_view(), name="stats"),
        path("summary", stats.SummaryView.as_view(), name="summary"),
        path("webhook/<int:instance>", webhooks.Webhook.as_view(), name="webhook"),
        path("webhook/<int:instance>/<str:token>", webhooks.WebhookByPath.as_view()),
    ),
)
