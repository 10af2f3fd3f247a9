"""What search finds of the platform: pages, connections, users, settings, and jobs that can be started."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from connections.models import Connection
from jobs.models import Schedule
from system.environment import shown_settings
from web.contract import Found, Group, every, fits, menu
from web.templatetags.pages import schedule_name


def find(user: User, text: str, most: int) -> Iterator[Found]:
    yield from _pages(user, text)
    if user.is_admin:
        yield from _settings(text)
        for one in Connection.objects.filter(name__icontains=text)[:most]:
            link = reverse("connection", args=[one.pk])
            yield Found(Group.SETTINGS, one.name, link, "settings", _("Connection"))
        for person in User.objects.filter(username__icontains=text).order_by("username")[:most]:
            link = reverse("user", args=[person.pk])
            yield Found(Group.PEOPLE, person.username, link, "user", person.get_role_display())
        yield from _actions(text)


def _pages(user: User, text: str) -> Iterator[Found]:
    for entry in menu(is_admin=user.is_admin):
        if entry.view != "search" and fits(text, str(entry.text)):
            yield Found(Group.PAGES, entry.text, reverse(entry.view), entry.icon)
    for icon, title, tabs in (
        ("library", _("Library"), every("library")),
        ("wanted", _("Wanted"), every("wanted")),
        ("settings", _("Settings"), every("settings")),
        ("system", _("System"), every("system")),
    ):
        for tab in tabs:
            if fits(text, f"{title} {tab.text}") and (user.is_admin or not tab.admin):
                yield Found(Group.PAGES, tab.text, reverse(tab.view), icon, title)


def _settings(text: str) -> Iterator[Found]:
    for one in shown_settings():
        if fits(text, f"{one.name} {one.about}"):
            yield Found(Group.SETTINGS, one.name, f"{reverse('general')}#{one.name}", "settings", one.about)


def _actions(text: str) -> Iterator[Found]:
    if fits(text, backup := _("Back up now")):
        yield Found(Group.ACTIONS, backup, reverse("backup_make"), "run", posted=True)
    for schedule in Schedule.objects.select_related("connection"):
        name = _("Run now: %(job)s") % {"job": schedule_name(schedule)}
        if fits(text, name):
            yield Found(Group.ACTIONS, name, reverse("schedule_run", args=[schedule.pk]), "run", posted=True)
