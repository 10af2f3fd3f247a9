"""Is there a newer Taggarr? Asked of an address that the owner names; without one nothing is ever sent."""

from __future__ import annotations

import logging
import re
from typing import Any

import requests
from django.conf import settings

from core import outbound
from core.words import Phrase
from history.services import record
from system.models import RuntimeSetting
from system.status import version
from system.words import SystemEvent

logger = logging.getLogger(__name__)

LATEST = "latest_version"
TIMEOUT = 10.0
_NUMBER = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?\Z")


def look_for_newer() -> str | None:
    """Ask TAGGARR_RELEASES_URL for the newest release, remember and return it; None: nothing was learned.

    The address answers a JSON object with `tag_name`, as GitHub's `/releases/latest` does. A version that is
    news is written to the history once.
    """
    if not settings.RELEASES_URL:
        return None
    try:
        newest = str(_answer(settings.RELEASES_URL)["tag_name"]).removeprefix("v")
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        logger.info("no answer about newer versions: %s", error)
        return None
    if not _parts(newest):
        logger.info("what %s answers is no version", settings.RELEASES_URL)
        return None
    before = RuntimeSetting.value_of(LATEST)
    RuntimeSetting.put(LATEST, newest)
    if newest != before and is_newer(newest, version()):
        text = Phrase("version.newer", newer=newest, version=version())
        record(SystemEvent.NEW_VERSION, text, after=newest)
    return newest


def known_newer() -> str:
    """Return the newest version that the last look found, where it is newer than this one; else nothing."""
    newest = RuntimeSetting.value_of(LATEST)
    return str(newest) if newest and is_newer(str(newest), version()) else ""


def _answer(url: str) -> Any:
    with outbound.session() as session:
        answer = session.get(url, timeout=TIMEOUT, headers={"Accept": "application/json"})
    answer.raise_for_status()
    return answer.json()


def is_newer(newest: str, than: str) -> bool:
    """Whether a version such as 1.10.0 is newer than another; False where one of them is no version."""
    one, other = _parts(newest), _parts(than)
    return bool(one and other and one > other)


def _parts(text: str) -> tuple[int, ...]:
    found = _NUMBER.match(text)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
