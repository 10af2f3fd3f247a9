"""Which address of artwork takes large files."""

from __future__ import annotations

from accounts.rights import MANAGE, Allowance, Allowances
from artwork.uploading import MOST

FORM = 1 << 20
"""Bytes of the form around a file."""

BRINGS = Allowances({"/artwork/pictures/upload": Allowance(MANAGE, MOST + FORM)})
