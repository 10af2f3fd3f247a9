"""The delivery of messages, and the look for news at every tick."""

from __future__ import annotations

from jobs.contract import Jobs

from .delivery import NotifyHandler
from .telling import tell_news

BRINGS = Jobs(handlers=(NotifyHandler(),), ticks=(tell_news,))
