"""Parts of history's sentences that are the platform's own."""

from __future__ import annotations

from core import features
from core.features import Words


def _job(name: str) -> str:
    return str(features.words("jobs").get(name, name))


BRINGS = Words(parts={"job": _job})
