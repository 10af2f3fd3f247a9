"""Which message broker this process talks to."""

from __future__ import annotations

from celery import current_app
from kombu import pools


def use_broker(address: str) -> None:
    """Talk to another broker from now on, through new connections."""
    pools.reset()
    current_app.conf.update(broker_url=address, broker_write_url=address, broker_read_url=address)
    current_app._pool = None  # type: ignore[attr-defined]
    current_app.amqp._producer_pool = None  # type: ignore[attr-defined]
