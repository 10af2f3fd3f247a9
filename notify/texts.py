"""The text of messages: one template for each topic, whose first line is the title."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from .contract import topics


def render(topic: str, context: dict[str, Any]) -> tuple[str, str]:
    lines = render_to_string(topics(also_off=True)[topic].template, context).strip().splitlines()
    body = "\n".join(lines[1:]).strip()
    return lines[0].strip(), body or lines[0].strip()


def link_to(page: str, *place: object, **query: object) -> str:
    """Return the address of a page, by its name, as people reach it; empty without TAGGARR_PUBLIC_URL."""
    if not settings.PUBLIC_URL:
        return ""
    path = reverse(page, args=place) + (f"?{urlencode(query)}" if query else "")
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
