"""The job of the providers: asking once a day what changed, so that nothing else is asked for again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from connections.models import Connection
from core.errors import ConfigError
from jobs import services
from jobs.contract import Default, Jobs, Startable
from jobs.handlers import OneStep
from jobs.models import Job, Queue
from jobs.runner import ItemRun
from providers.answers import follow_changes
from providers.connections import PROVIDERS, provider_for

CHANGES = "provider_changes"


class ChangesHandler(OneStep):
    name = CHANGES
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        connection = run.job.connection
        if connection is None:
            return {}
        return asdict(follow_changes(connection, provider_for(connection)))


def start_changes(*, connection: Connection, params: dict[str, Any], **asked: Any) -> tuple[Job, bool]:
    if params:
        raise ConfigError("provider.no-params", job=CHANGES)
    if connection.kind not in PROVIDERS:
        raise ConfigError("provider.is-none", kind=connection.kind)
    return services.start(CHANGES, connection=connection, dedupe_key=f"{CHANGES}:{connection.pk}", **asked)


BRINGS = Jobs(
    handlers=(ChangesHandler(),),
    startable=(Startable(CHANGES, start_changes, of_connection=True),),
    schedules=(Default(CHANGES, every=24 * 3600, kinds=PROVIDERS),),
)
