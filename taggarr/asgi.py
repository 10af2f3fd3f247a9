"""The ASGI entry point: `uvicorn taggarr.asgi:application`."""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taggarr.settings")

from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

# Static files are read by WhiteNoise, whose answers Django calls synchronous: they are small, and that is
# fine.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

# Requests come and go on many threads: they share a few open connections instead of opening one each.
database: dict[str, Any] = settings.DATABASES["default"]
database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 10, "timeout": 10}

application = get_asgi_application()
