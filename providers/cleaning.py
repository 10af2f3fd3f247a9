"""What of the providers the clean-up deletes."""

from __future__ import annotations

from core.features import Cleaning
from providers.answers import delete_old

BRINGS = Cleaning({"old_answers": delete_old})
