"""Django behind its front door, as the settings say: what the web server serves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

from taggarr.front import FrontDoor


def front_door() -> FrontDoor:
    """Return the whole application, with the settings as they are now."""
    django: Any = get_asgi_application()
    # It imports models, which may be done only now.
    from api.uploads import allowance

    return FrontDoor(
        django,
        proxies=settings.TRUSTED_PROXIES,
        base_path=settings.BASE_PATH,
        identity_header=settings.FORWARD_AUTH_HEADER,
        uploads=allowance,
    )
