"""Which addresses of the platform take large files."""

from __future__ import annotations

from accounts.rights import MANAGE, Allowance, Allowances
from system.backup.services import LARGEST_UPLOAD

BRINGS = Allowances({"/system/backups/upload": Allowance(MANAGE, LARGEST_UPLOAD)})
