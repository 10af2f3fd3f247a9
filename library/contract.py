"""What a feature brings to the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connections.models import Connection
from core.features import Brings, contribution


@dataclass(frozen=True, slots=True)
class Heard:
    """What an app told by webhook: the event as it names it, and its id of the series or movie, if any.

    It is a hint only: the truth is fetched from the app, by a job.
    """

    connection: Connection
    event: str
    arr_id: int | None


@contribution
@dataclass(frozen=True)
class Receivers(Brings):
    """Who hears of webhooks. A receiver calls nobody: the app waits for the answer meanwhile."""

    MODULE = "receivers"

    webhooks: tuple[Callable[[Heard], object], ...] = ()
