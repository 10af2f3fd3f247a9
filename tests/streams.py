"""Answers that are sent piece by piece."""

from __future__ import annotations

import asyncio
from typing import Any


def sent(answer: Any) -> bytes:
    """All of it."""

    async def collect() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return asyncio.run(collect())
