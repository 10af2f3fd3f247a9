"""Words for what players name by a plain string."""

from __future__ import annotations

from core.features import Words
from players.clients import words as clients

BRINGS = Words(texts={**clients.TEXTS})
