"""Django and all apps, for a program of ours that is neither server nor worker."""

from __future__ import annotations

import gc
import os


def load() -> None:
    """Import them. Almost all of that stays: to look through it for garbage took two fifths of the time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taggarr.settings")
    gc.disable()
    import django

    django.setup()
    gc.freeze()
    gc.enable()
