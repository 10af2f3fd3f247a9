"""Health in templates."""

from __future__ import annotations

from django import template

from system.health import Issue, find_issues

register = template.Library()


@register.simple_tag
def health_issues() -> list[Issue]:
    """What is wrong, as the database tells: a page does not wait for workers or disks."""
    return find_issues(live=False)
