"""Counters of attempts at signing in, one for all web processes: they stand in Redis, as JSON.

While Redis is away every web process counts by itself: nobody is locked out, and guessing stays slow.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds that Redis has for an answer."""

REST = 10.0
"""Seconds without asking, after Redis did not answer."""

_rest_until = 0.0


class Json:
    """Django's own would unpickle what it reads: whoever writes into Redis could then run programs here."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


@lru_cache(maxsize=2)
def _client(address: str, _pid: int) -> RedisCacheClient:
    """The connections of this process: Django would open others for every request."""
    return RedisCacheClient(
        [address],
        serializer=Json,  # type: ignore[arg-type]  # the stubs know Django's own alone
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


class _Shared(RedisCache):
    def __init__(self, address: str, params: dict[str, Any]) -> None:
        super().__init__(address, params)
        self._address = address

    @cached_property
    def _cache(self) -> RedisCacheClient:
        return _client(self._address, os.getpid())

    def clear(self) -> None:
        """Forget what was counted. Django's own would empty all of Redis, with the messages of the jobs."""
        server = self._cache.get_client(write=True)
        for key in list(server.scan_iter(match=f"{self.key_prefix}:*")):
            server.delete(key)


class Attempts(BaseCache):
    """A cache that all web processes share, or while Redis is away one in each of them."""

    def __init__(self, address: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._shared = _Shared(address, params)
        self._own = LocMemCache("attempts", params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._either(lambda cache: cache.add(key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._either(lambda cache: cache.get(key, default, version))

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._either(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._either(lambda cache: cache.touch(key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._either(lambda cache: cache.delete(key, version))

    def clear(self) -> None:
        self._own.clear()
        self._either(lambda cache: cache.clear())

    def _either(self, ask: Callable[[BaseCache], T]) -> T:
        """Ask Redis; where it does not answer, or with what we did not write, what this process counted."""
        global _rest_until  # noqa: PLW0603  (one a process)
        if time.monotonic() >= _rest_until:
            try:
                return ask(self._shared)
            except (RedisError, ValueError) as error:
                _rest_until = time.monotonic() + REST
                logger.warning("attempts at signing in are counted in each web process for now: %s", error)
        return ask(self._own)
