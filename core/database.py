"""The database cannot be reached, or does not answer: what says so, and what people are told then."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

DATABASE_AWAY = (OperationalError, InterfaceError)
"""What Django raises then; also where it is busy, full or just starting. It may be tried again."""

SENTENCE = "The database does not answer now: try again in a moment. /health/ready tells when it is back."

TRY_AGAIN_AFTER = 10
"""Seconds until whoever asked should ask again; an embedded PostgreSQL that was killed is back by then."""
