"""Settings → General, System → Audit and About, and when schedules start next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models.signals import pre_save
from django.test import Client

from core import features
from web.words import ACTIONS

KEPT = {"keep": 7, "keep_days": 90, "items": 7, "jobs": 30, "history": 365, "logs": 30}
NOTED = re.compile(r'\bnote(?:_failure)?\(\s*"([^"]+)"')
"""What code writes into the audit log."""


def test_how_long_things_are_kept_is_changed(rows, as_admin):
    from system import retention

    text = as_admin.post("/settings/general", {**KEPT, "history": 100}, follow=True).content.decode()

    assert "Saved." in text
    assert retention.current()["history"] == 100
    assert (
        "Nothing has changed."
        in as_admin.post("/settings/general", {**KEPT, "history": 100}, follow=True).content.decode()
    )


@pytest.mark.parametrize("changes", [{"history": 0}, {"keep": ""}, {"logs": "x"}])
def test_what_cannot_be_kept_so_long_is_told(changes, rows, as_admin):
    from system import retention

    answer = as_admin.post("/settings/general", {**KEPT, **changes})

    assert 'class="small error"' in answer.content.decode()
    assert retention.current() == KEPT


def test_the_rest_names_the_variable_that_sets_it_and_no_secret(rows, as_admin, monkeypatch):
    monkeypatch.setenv("TAGGARR_METRICS_TOKEN", "a token of mine")

    text = as_admin.get("/settings/general").content.decode()

    assert "<code>TAGGARR_AUDIT_LOG_MODE</code>" in text
    assert "<code>TAGGARR_METRICS_TOKEN</code>" in text
    assert "set (secret)" in text
    assert "a token of mine" not in text


@pytest.fixture
def changed(rows, as_admin):
    """An instance and a key were changed by ada, and somebody tried to sign in."""
    as_admin.post(f"/settings/connections/{rows.sonarr.pk}", instance_form(rows, brake_verdicts_percent=50))
    as_admin.post("/settings/keys", {"name": "Widget", "role": "viewer"})
    Client().post("/login", {"login": "eve", "password": "guess"})


def instance_form(rows, **changes):
    return {
        "name": "Sonarr",
        "url": "http://sonarr.lan:80",
        "api_key": "",
        "policy": rows.policy.pk,
        "enabled": "on",
        "facts_from": "auto",
        "brake_verdicts_percent": 20,
        "brake_orphans_percent": 10,
        "deep_scan_every": 604800,
        "art_mode": "hybrid",
        "art_languages": "en",
        "art_country": "US",
        "art_providers": "tmdb",
        "art_profile": "universal",
        "art_adopt": "keep",
        "art_nfo": "off",
        **changes,
    }


def test_the_audit_log_tells_who_changed_what_before_and_after(changed, as_admin):
    text = as_admin.get("/system/audit").content.decode()

    assert "<del>20</del> → <ins>50</ins>" in text
    assert "ada" in text
    assert "Sign-in failed" in text
    assert "k" * 32 not in text


def test_the_audit_log_tells_how_a_switch_stood(rows, as_admin):
    as_admin.post("/settings/features/artwork", {})

    assert "<del>yes</del> → <ins>no</ins>" in as_admin.get("/system/audit").content.decode()


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("actor=ada&action=changed", "brake verdicts percent", "Widget"),
        ("kind=API+key", "Widget", "brake verdicts percent"),
        ("q=widg", "Widget", "brake verdicts percent"),
        ("action=sign-in+failed", "eve", "Widget"),
        ("until=2020-01-01", "No matching entries.", "Widget"),
        ("since=2020-01-01&until=9000-12-31", "Widget", "No matching entries."),
        ("since=nonsense&action=nonsense&until=9999-12-31", "Widget", "No matching entries."),
        ("actor=nobody", "No matching entries.", "Widget"),
    ],
)
def test_the_audit_log_is_filtered(query, there, not_there, changed, as_admin):
    text = as_admin.get(f"/system/audit?{query}").content.decode()
    rows = text.partition('<main id="content"')[2].partition("</form>")[2]

    assert there in rows
    assert not_there not in rows


def test_where_changes_are_not_kept_the_page_says_so(as_admin, settings):
    settings.AUDIT_LOG_MODE = "off"

    assert "TAGGARR_AUDIT_LOG_MODE is set that way" in as_admin.get("/system/audit").content.decode()


def test_about_names_a_newer_version(as_viewer):
    from system.models import RuntimeSetting

    assert "is out; this is" not in as_viewer.get("/system/about").content.decode()
    RuntimeSetting.objects.create(name="latest_version", value="999.0.0")

    text = as_viewer.get("/system/about").content.decode()

    assert "Taggarr 999.0.0 is out" in text
    assert "not endorsed or certified by TMDB" in text
    assert "Data folder" not in text


def test_when_a_schedule_starts_next_is_shown(rows, as_viewer):
    from jobs.schedules import next_starts, save_schedule

    at = next_starts([rows.schedule])[rows.schedule.pk]
    assert f'datetime="{at.isoformat()}"' in as_viewer.get("/system/tasks").content.decode()

    rows.schedule.enabled = False
    save_schedule(rows.schedule)
    assert f'datetime="{at.isoformat()}"' not in as_viewer.get("/system/tasks").content.decode()


def test_every_action_of_the_audit_log_has_a_word():
    root = Path(__file__).resolve().parents[2]
    sources = [
        path
        for app in ("history", "accounts", "system", "notify", "scanner")
        for path in (root / app).rglob("*.py")
    ]
    written = {name for path in sources for name in NOTED.findall(path.read_text(encoding="utf-8"))}

    assert len(written) > 8
    assert written - ACTIONS.keys() == set()


def test_everything_in_the_audit_log_has_a_noun(changed, as_admin):
    from history.models import AuditEntry

    nouns = features.words("audited")
    ours = [model for model in apps.get_models() if model._meta.app_label != "django_celery_beat"]
    watched = [model for model in ours if pre_save.has_listeners(model)]

    assert len(watched) > 8
    assert {str(model._meta.verbose_name) for model in watched} - nouns.keys() == set()
    assert set(AuditEntry.objects.exclude(kind="").values_list("kind", flat=True)) - nouns.keys() == set()
    german = as_admin.get("/system/audit", headers={"Accept-Language": "de"}).content.decode()
    assert "API-Schlüssel" in german
    assert "gültig bis" in german
    assert "expires at" not in german
