"""What every page needs: the navigation, the theme and the languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

THEMES = ("system", "light", "dark")
THEME_COOKIE = "taggarr_theme"


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One entry: the name of its page, its text and icon, and the first part of the addresses below it."""

    view: str
    text: str | Promise
    icon: str
    prefix: str
    admin: bool = False


NAVIGATION = (
    NavigationEntry("dashboard", _("Dashboard"), "gauge", ""),
    NavigationEntry("library", _("Library"), "library", "library"),
    NavigationEntry("wanted", _("Wanted"), "wanted", "wanted"),
    NavigationEntry("activity", _("Activity"), "activity", "activity"),
    NavigationEntry("instances", _("Settings"), "settings", "settings", admin=True),
    NavigationEntry("system", _("System"), "system", "system"),
)


def pages(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation with the entry we are in, the theme, and whether the user may change things."""
    user = request.user if hasattr(request, "user") else None
    is_admin = bool(getattr(user, "is_admin", False))
    return {
        "navigation": [entry for entry in NAVIGATION if is_admin or not entry.admin],
        "here": _here(request.path_info),
        "theme": theme_of(request),
        "is_admin": is_admin,
        "page_languages": settings.LANGUAGES,
    }


def theme_of(request: HttpRequest) -> str:
    """Return the theme that the visitor chose, else `system`."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else "system"


def _here(path: str) -> str:
    first = path.strip("/").split("/")[0]
    return "library" if first == "media" else first
