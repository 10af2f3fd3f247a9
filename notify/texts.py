"""The text of messages: one template for each topic, whose first line is the title."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from .models import Topic


def render(topic: Topic, context: dict[str, Any]) -> tuple[str, str]:
    """Return title and text of a message."""
    lines = render_to_string(f"notify/{topic.value}.txt", context).strip().splitlines()
    body = "\n".join(lines[1:]).strip()
    return lines[0].strip(), body or lines[0].strip()


def link_to(path: str) -> str:
    """Return the address of a page as people reach it; empty where TAGGARR_PUBLIC_URL is not set."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else ""
