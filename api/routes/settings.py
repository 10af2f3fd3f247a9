"""Settings, for admins: those that can be changed while Taggarr runs, and what the environment sets."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import MANAGE
from api.resource import Answering
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from system import log_level, retention
from system.environment import ShownSetting, shown_settings

_KEPT = {"keep": 7, "keep_days": 90, "items": 7, "jobs": 30, "history": 365, "logs": 30}


class EnvironmentSerializer(Shown):
    """A setting of the environment; `given` is whether it was set; the value of a secret is never shown."""

    of = ShownSetting
    value = serializers.CharField(allow_blank=True)


def _days(help_text: str) -> Any:
    return serializers.IntegerField(
        min_value=1, max_value=retention.LONGEST, required=False, help_text=help_text
    )


class RetentionSerializer(Strict):
    """How long things are kept, in days; of backups also how many."""

    keep = _days("Backups: how many.")
    keep_days = _days("Backups.")
    items = _days("Items of jobs that were done.")
    jobs = _days("Jobs that have ended.")
    history = _days("History and audit log.")
    logs = _days("Log files.")


@example(
    {
        "log_level": "info",
        "retention": _KEPT,
        "environment": [
            {
                "name": "TAGGARR_PORT",
                "group": "Web",
                "value": "8484",
                "given": False,
                "secret": False,
                "about": "The port the web server listens on.",
            }
        ],
    },
    {"log_level": "debug", "retention": {"history": 730}},
)
class SettingsSerializer(Strict):
    """The settings of this installation. Those of instances and policies stand with them."""

    log_level = serializers.ChoiceField(
        choices=log_level.LEVELS, required=False, help_text="Followed by every program within ten seconds."
    )
    retention: Any = RetentionSerializer(required=False)
    environment = EnvironmentSerializer(many=True, read_only=True)


class Settings(Answering):
    """What can be changed while Taggarr runs, and what the environment sets."""

    look, change = MANAGE, MANAGE

    @extend_schema(operation_id="settings_retrieve", responses=SettingsSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Show the settings."""
        return Response(SettingsSerializer(_settings()).data)

    @extend_schema(
        operation_id="settings_partial_update", request=SettingsSerializer, responses=SettingsSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change the settings (what is given)."""
        wanted = SettingsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        with transaction.atomic():
            if "log_level" in given:
                log_level.set_level(given["log_level"])
            if given.get("retention"):
                retention.change(given["retention"])
        return Response(SettingsSerializer(_settings()).data)


def _settings() -> dict[str, Any]:
    return {
        "log_level": log_level.current(),
        "retention": retention.current(),
        "environment": shown_settings(),
    }
