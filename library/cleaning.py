"""What of the library the clean-up deletes."""

from __future__ import annotations

from core.features import Cleaning
from library.changes import delete_old

BRINGS = Cleaning({"changes": delete_old})
