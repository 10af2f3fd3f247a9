"""The sign of life that beat leaves, for programs that ask without Django."""

from __future__ import annotations

from pathlib import Path

HEARTBEAT = Path("run") / "beat"
"""A file within TAGGARR_DATA that beat touches at every round, at most five seconds apart."""
