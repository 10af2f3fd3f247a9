"""Keeping secrets out of logs: values that this process has seen, and what looks like one. No Django."""

from __future__ import annotations

import re

MASK = "****"
ENDS_FROM = 12
"""Of a secret that is as long its end may be shown; of a shorter one it would give away too much."""

SHORTEST = 8
"""A shorter value could be any word."""

LONGEST_WORD = 16
"""A part of an address that is as long, and is no host name, is taken for a token."""

MOST = 1000

_seen: set[str] = set()
_NAMED = re.compile(
    r"(?i)\b((?:x-)?api[-_]?key|apikey|access[-_]?token|token|password|passwd|secret|authorization)"
    r"(['\"]?\s?[:=]\s?['\"]?)(?:(?:bearer|basic)\s+)?(?!\*{4})[^\s'\"&,;)}\]]{4,}"
)
_USER = re.compile(r"(\w://)[^\s/@:]*:[^\s/@]+@")
_SHAPES = re.compile(r"\bgAAAAA[\w-]{20,}={0,2}|\btgr_[\w-]{8,}")
_IN_PATHS = re.compile(r"(/(?:web)?hook/\d+/|/reset/key/)[^\s/?&'\"]+")
"""The token of a hook, and the key of a mailed link, end an address of ours."""

_PARTS = re.compile(r"[/@:?&=,\s]+")


def remember(value: str) -> None:
    """Have a secret masked wherever this process logs it; of an address its tokens too."""
    if len(_seen) > MOST:
        _seen.clear()
    if len(value) >= SHORTEST:
        _seen.add(value)
    if "://" in value:
        parts = _PARTS.split(value.partition("://")[2])
        _seen.update(part for part in parts if len(part) >= LONGEST_WORD and "." not in part)


def masked(text: str) -> str:
    for secret in sorted(_seen, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, MASK)
    text = _SHAPES.sub(MASK, text)
    text = _IN_PATHS.sub(rf"\1{MASK}", text)
    text = _USER.sub(rf"\1{MASK}@", text)
    return _NAMED.sub(rf"\1\2{MASK}", text)


def masked_but_end(secret: str) -> str:
    """What may be shown of a secret to who may change it: its end, where that gives little away."""
    return f"{MASK}{secret[-4:]}" if len(secret) >= ENDS_FROM else MASK
