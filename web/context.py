"""What every page needs: the navigation, the theme and the languages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from web.contract import MenuEntry, every, menu

THEMES = ("system", "light", "dark")
THEME_COOKIE = "taggarr_theme"


def pages(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation with the entry we are in, the theme, and whether the user may change things."""
    user = request.user if hasattr(request, "user") else None
    is_admin = bool(getattr(user, "is_admin", False))
    return {
        "navigation": SimpleLazyObject(lambda: _navigation(request, is_admin=is_admin)),
        "library_tabs": SimpleLazyObject(lambda: every("library")),
        "wanted_tabs": SimpleLazyObject(lambda: every("wanted")),
        "settings_tabs": SimpleLazyObject(lambda: every("settings")),
        "system_tabs": SimpleLazyObject(lambda: every("system")),
        "title_tabs": SimpleLazyObject(lambda: every("title_tabs")),
        "here": request.path_info.strip("/").split("/")[0],
        "theme": theme_of(request),
        "is_admin": is_admin,
        "page_languages": settings.LANGUAGES,
    }


def _navigation(request: HttpRequest, *, is_admin: bool) -> list[tuple[MenuEntry, int]]:
    """The entries of the menu, each with the number on its badge."""
    return [(one, one.badge.count(request) if one.badge else 0) for one in menu(is_admin=is_admin)]


def theme_of(request: HttpRequest) -> str:
    """Return the theme that the visitor chose, else `system`."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else "system"
