"""What of the storage the clean-up deletes."""

from __future__ import annotations

from core.features import Cleaning
from storage.uploads import delete_abandoned

BRINGS = Cleaning({"abandoned_uploads": delete_abandoned})
