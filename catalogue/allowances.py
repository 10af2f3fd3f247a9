"""Which addresses of the collection take large files."""

from __future__ import annotations

from accounts.rights import ADD, Allowance, Allowances
from catalogue import pictures
from catalogue.imports.services import MOST, MOST_OF_ADMINS

FORM = 1 << 20
"""Bytes of the form around a file."""

BRINGS = Allowances(
    {
        "/collection/imports/upload": Allowance(ADD, MOST + FORM, MOST_OF_ADMINS + FORM),
        "/collection/pictures/upload": Allowance(ADD, pictures.MOST + FORM),
    }
)
