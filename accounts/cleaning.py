"""What of accounts the clean-up deletes."""

from __future__ import annotations

from core.features import Cleaning

from .keys import delete_expired
from .sessions import delete_ended

BRINGS = Cleaning({"api_keys": delete_expired, "signed_in": delete_ended})
