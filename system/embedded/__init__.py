"""Real PostgreSQL and Valkey servers from Python wheels, started and stopped with Taggarr. No Django."""

from __future__ import annotations

from .servers import EmbeddedServers

__all__ = ["EmbeddedServers"]
