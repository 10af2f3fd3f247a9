"""What accounts tell health."""

from __future__ import annotations

from core.features import Health

from .password_resets import unsent_mails

BRINGS = Health(stored=(unsent_mails,))
