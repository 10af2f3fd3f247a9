"""The settings that come from the environment, as people may see them: nothing secret."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

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


def shown_settings() -> list[ShownSetting]:
    return [_shown(setting) for setting in options.ALL if setting not in SCRIPTS]


def _shown(setting: Setting[Any]) -> ShownSetting:
    given = any(os.environ.get(name, "").strip() for name in (setting.name, setting.name + FILE_SUFFIX))
    default = setting.default_text.replace("`", "")
    value = (
        default if setting.secret and not given else "" if setting.secret else _text(setting, setting.read())
    )
    return ShownSetting(
        setting.name, setting.group, value, given, setting.secret, setting.description.replace("`", "")
    )


def _text(setting: Setting[Any], value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if setting is options.UMASK and isinstance(value, int):
        return f"{value:03o}"
    return str(value)
