"""The menu and the tabs of the platform."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from system.health import KEPT
from web.contract import Badge, Card, ListPage, MenuEntry, Nav, Tab, waiting_for_me
from web.finding import find
from web.views.home import backup_card, health_card, jobs_card, waiting_card

BRINGS = Nav(
    search=find,
    lists=(ListPage("activity"), ListPage("history")),
    menu=(
        MenuEntry("home", _("Home"), "home", 0, ("",), in_bar=True),
        MenuEntry("", _("Library"), "library", 10, ("media",), in_bar=True, parent="library"),
        MenuEntry("search", _("Search"), "search", 15, ("search",), in_bar=True),
        MenuEntry(
            "inbox",
            _("Inbox"),
            "inbox",
            20,
            ("inbox",),
            in_bar=True,
            badge=Badge(waiting_for_me, _("waiting"), "inbox"),
        ),
        MenuEntry("", _("Wanted"), "wanted", 30, ("wanted",), parent="wanted"),
        MenuEntry("activity", _("Activity"), "activity", 40, ("activity",)),
        MenuEntry("general", _("Settings"), "settings", 80, ("settings",), admin=True),
        MenuEntry("system", _("System"), "system", 90, ("system",)),
    ),
    settings=(
        Tab("connections", "connections", _("Connections"), 10),
        Tab("channels", "channels", _("Notifications"), 30),
        Tab("users", "users", _("Users"), 40),
        Tab("keys", "api_keys", _("API keys"), 50),
        Tab("general", "general", _("General"), 60),
        Tab("features", "features", _("Features"), 65),
    ),
    system=(
        Tab("status", "system", _("Status"), 0, admin=False),
        Tab("tasks", "tasks", _("Tasks"), 10, admin=False),
        Tab("backups", "backups", _("Backups"), 20),
        Tab("logs", "logs", _("Logs"), 30),
        Tab("audit", "audit", _("Audit"), 40),
        Tab("about", "about", _("About"), 90, admin=False),
    ),
    cards=(
        Card("web/home_health.html", 0, "top", health_card, name="health", live="health", wait=KEPT),
        Card("web/home_waiting.html", 10, "top", waiting_card, name="waiting", live="inbox", wait=2),
        Card("web/home_jobs.html", 20, "top", jobs_card, name="jobs", live="job", poll=5),
        Card("web/home_backup.html", 30, "top", backup_card),
    ),
)
