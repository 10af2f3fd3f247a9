"""The connections to PostgreSQL that the threads of the web server share."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool

TIMEOUT = 10.0
"""Seconds that a request waits for a connection."""

OPTIONS = {"min_size": 1, "max_size": 10, "timeout": TIMEOUT}


def look_at_all_when_one_is_broken() -> None:
    """Have the pool find out at once that PostgreSQL was restarted.

    A request would else find one broken connection after the other, with a pause after each that doubles
    (psycopg_pool): after the fourth its time is over. Django passes the check of its own, and knows
    no option for another.
    """
    pool: ConnectionPool[Connection[Any]] = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's has one

    def check(one: Connection[Any]) -> None:
        try:
            ConnectionPool.check_connection(one)
        except Error:
            pool.check()
            raise

    pool._check = check
