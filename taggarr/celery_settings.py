"""What Celery is given: the `CELERY_*` of the Django settings under its own names, and nothing else.

Celery shows all the settings it has to whoever may look at workers (Flower, `celery inspect conf`), and
sends them through Redis for that. Django's settings hold passwords that it would not know as such.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

SETTINGS: dict[str, Any] = {
    name.removeprefix("CELERY_").lower(): getattr(settings, name)
    for name in dir(settings)
    if name.startswith("CELERY_")
}
# Celery's support of Django asks for this one alone by its old name.
SETTINGS["CELERY_DB_REUSE_MAX"] = SETTINGS.pop("db_reuse_max")
