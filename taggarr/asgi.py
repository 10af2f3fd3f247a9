"""The ASGI entry point: `taggarr.serve` serves it."""

from __future__ import annotations

import gc
import os
import warnings
from importlib import import_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taggarr.settings")

from typing import Any

from django.conf import settings

from taggarr import pool
from taggarr.front_door import front_door

# Static files are read by WhiteNoise, whose answers Django calls synchronous: they are small, and that is
# fine.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

# Requests come and go on many threads: they share a few open connections instead of opening one each.
database: dict[str, Any] = settings.DATABASES["default"]
database["OPTIONS"]["pool"] = pool.OPTIONS
pool.look_at_all_when_one_is_broken()

application = front_door()

# What is loaded stays: a full collection that walked it again would hold up all requests for 80 ms, and comes
# with every hundredth list of media. The addresses import all views.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
gc.enable()
