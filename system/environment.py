"""The settings that come from the environment, as people may see them: nothing secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core import options
from core.env import FILE_SUFFIX, Setting

SCRIPTS = (options.PYTHON, options.NEW_API_KEY)
"""What a running Taggarr does not read."""


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting: its value as text, none of a secret that is set; `given` tells it from a default."""

    name: str
    group: str
    value: str
    given: bool
    secret: bool
    about: str


def texts() -> set[str]:
    """What is said of the settings, in English."""
    return {text for setting in _settings() for text in _said(setting) if text}


def shown_settings() -> list[ShownSetting]:
    return [_shown(setting) for setting in _settings()]


def _settings() -> Iterator[Setting[Any]]:
    return (setting for setting in options.ALL if setting not in SCRIPTS)


def _said(setting: Setting[Any]) -> tuple[str, str, str]:
    """Its group, what it is for, and what a secret is unless somebody sets it."""
    return setting.group, setting.description, setting.default_text if setting.secret else ""


def _shown(setting: Setting[Any]) -> ShownSetting:
    given = any(os.environ.get(name, "").strip() for name in (setting.name, setting.name + FILE_SUFFIX))
    group, about, default = (text and _(text).replace("`", "") for text in _said(setting))
    value = _text(setting, setting.read()) if not setting.secret else "" if given else default
    return ShownSetting(setting.name, group, value, given, setting.secret, about)


def _text(setting: Setting[Any], value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if setting is options.UMASK and isinstance(value, int):
        return f"{value:03o}"
    return str(value)
