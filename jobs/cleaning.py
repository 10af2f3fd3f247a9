"""What the clean-up deletes beside jobs, history and logs: every app names what grows old among its own."""

from __future__ import annotations

from collections.abc import Callable

Cleaner = Callable[[], int]
_cleaners: dict[str, Cleaner] = {}


def register_cleaner(name: str, cleaner: Cleaner) -> None:
    """Have something deleted at every clean-up; `cleaner` returns how many things it deleted.

    Use it in `AppConfig.ready`.
    """
    _cleaners[name] = cleaner


def registered_cleaners() -> dict[str, Cleaner]:
    """Return what apps have registered, by name."""
    return dict(_cleaners)
