"""The audit log: who changed what, secrets masked, refusals bounded, modes obeyed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import ApiKey, User
from connections import breaker
from connections.models import Connection
from core.errors import ApiTransientError
from history import audit
from history.models import AuditEntry
from jobs.models import Schedule
from jobs.schedules import save_schedule
from system.switches import switch
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(policy) -> Connection:
    return make_connection(
        name="TV", kind="sonarr", url="http://s.test", api_key="the-first-key", policy=policy
    )


@pytest.fixture
def admin(client):
    user = User.objects.create_superuser("admin", password="a password of mine")
    client.force_login(user)
    AuditEntry.objects.all().delete()
    return client


def last() -> Any:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry


def test_a_change_tells_before_and_after_of_what_changed(policy):
    policy.quick = True
    policy.save()
    entry = last()
    assert (entry.action, entry.kind, entry.target) == ("changed", "policy", "English")
    assert (entry.before, entry.after) == ({"quick": False}, {"quick": True})
    assert entry.address == "command line"


def test_what_is_secret_stands_masked(connection):
    added: Any = AuditEntry.objects.get(kind="connection", action="added")
    assert added.after["secret"] == "****"
    connection.keep_secrets({"api_key": "the-second-key"})
    connection.save()
    entry = last()
    assert (entry.before, entry.after) == ({"secret": "****"}, {"secret": "****"})
    assert not AuditEntry.objects.filter(after__icontains="the-second-key").exists()


def test_a_save_that_changes_nothing_is_no_line(connection):
    before = AuditEntry.objects.count()
    connection.save()
    breaker.record_failure(connection, ApiTransientError("away", counts_for_breaker=True))
    assert AuditEntry.objects.count() == before


def test_a_deletion_tells_what_was(connection):
    connection.delete()
    entry: Any = AuditEntry.objects.filter(kind="connection", action="deleted").get()
    assert entry.before["url"] == "http://s.test"
    assert entry.before["secret"] == "****"


def test_an_old_secret_that_does_not_decrypt_does_not_keep_it_from_being_replaced(connection, settings):
    from cryptography.fernet import Fernet

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    connection.keep_secrets({"api_key": "typed anew"})
    connection.save()
    entry = last()
    assert (entry.action, entry.before, entry.after) == ("changed", {"secret": "****"}, {"secret": "****"})


def test_who_did_it_and_from_where(admin, policy):
    form = {"username": "viewer", "password": "correct horse battery", "role": "viewer", "is_active": "on"}
    assert admin.post(reverse("users"), form).status_code == 302
    entry: Any = AuditEntry.objects.get(action="added", kind="user")
    assert (entry.actor_name, entry.address, entry.target) == ("admin", "127.0.0.1", "viewer")
    assert entry.after["password"] == "****"
    assert "correct horse" not in str(entry.after)


def test_failed_sign_ins_and_refusals_are_kept(client):
    assert not client.login(username="admin", password="wrong")
    entry = last()
    assert (entry.action, entry.target) == ("sign-in failed", "admin")
    assert client.get("/metrics").status_code == 403
    assert (last().action, last().target) == ("refused", "GET /metrics (403)")


def test_a_sign_in_that_fails_on_the_page_is_kept_with_its_address_and_without_the_password(client):
    User.objects.create_superuser("admin", password="a password of mine")
    assert client.post("/login", {"login": "admin", "password": "my-guess"}).status_code == 200
    entry: Any = AuditEntry.objects.get(action="sign-in failed")
    assert (entry.target, entry.address) == ("admin", "127.0.0.1")
    assert "my-guess" not in str(AuditEntry.objects.values())


def test_a_wrong_api_key_is_kept(client):
    answer = client.get("/api/v1/system/status", headers={"x-api-key": "tgr_of-somebody-else"})
    assert answer.status_code in (401, 403)
    assert last().target == f"GET /api/v1/system/status ({answer.status_code})"


def test_an_attack_does_not_fill_the_disk(client):
    for _ in range(audit.MOST_A_MINUTE + 20):
        client.get("/metrics")
    assert AuditEntry.objects.filter(action="refused").count() == audit.MOST_A_MINUTE


@pytest.mark.parametrize(
    ("mode", "actions"),
    [
        ("off", set()),
        ("failures", {"refused", "sign-in failed"}),
        ("mutations", {"refused", "sign-in failed", "changed"}),
        ("all", {"refused", "sign-in failed", "changed", "signed in", "signed out"}),
    ],
)
def test_the_mode_says_what_is_kept(client, settings, policy, mode, actions):
    user = User.objects.create_superuser("admin", password="a password of mine")
    AuditEntry.objects.all().delete()
    settings.AUDIT_LOG_MODE = mode
    client.get("/metrics")
    client.post("/login", {"login": "admin", "password": "a guess"})
    policy.quick = True
    policy.save()
    client.force_login(user)
    client.logout()
    assert set(AuditEntry.objects.values_list("action", flat=True)) == actions


def test_schedules_channels_and_keys_are_watched(connection):
    from accounts.keys import create_key
    from notify.models import Channel

    user = User.objects.create_superuser("admin", password="a password of mine")
    save_schedule(Schedule(job="scan", connection=connection, every=600))
    Channel.objects.create(name="Hook", kind="webhook", address="http://hook.test/token", topics=[])
    _, text = create_key(user, "widget", expires_at=None)
    kinds = set(AuditEntry.objects.values_list("kind", flat=True))
    assert {"schedule", "channel", "API key", "connection", "policy", "user"} <= kinds
    shown = str(list(AuditEntry.objects.values_list("after", flat=True)))
    assert "hook.test" not in shown
    assert text not in shown


def test_what_goes_with_an_instance_is_kept_too(connection):
    save_schedule(Schedule(job="scan", connection=connection, every=600))
    connection.delete()
    deleted = AuditEntry.objects.filter(action="deleted").values_list("target", flat=True)
    assert set(deleted) == {"TV", "schedule.of"}


def test_a_target_is_told_in_the_language_of_the_page(connection, admin):
    save_schedule(Schedule(job="cleanup", every=86400))
    save_schedule(Schedule(job="scan", connection=connection, every=600))
    switch("scanner", on=False)
    told = {str(entry.called) for entry in AuditEntry.objects.all()}
    german = admin.get(reverse("audit"), headers={"Accept-Language": "de"}).content.decode()

    assert told == {"clean-up", "scan: TV", "Languages"}
    for text in ("Aufräumen", "Scan: TV", "Sprachen"):
        assert f"<br>{text}<" in german


def test_values_are_told_in_the_language_of_the_page(admin, connection, policy):
    save_schedule(Schedule(job="cleanup", every=86400))
    with translation.override("de"):
        User.objects.create_user("ute", role="viewer")
    assert last().kind == "user"
    policy.target_languages = ["jpn"]
    policy.save()
    ApiKey.objects.create(
        owner=User.objects.get(username="admin"),
        name="widget",
        expires_at=datetime(2026, 5, 4, 3, 2, tzinfo=UTC),
    )
    german = admin.get(reverse("audit"), headers={"Accept-Language": "de"}).content.decode()

    for text in ("Sonarr", "Aufräumen", "Betrachter", "<ins>Japanisch</ins>", "04.05.2026 03:02"):
        assert text in german
    for code in ("<dd>cleanup", "<dd>viewer", "<dd>sonarr", "jpn", "2026-05-04"):
        assert code not in german


@pytest.mark.parametrize("name", ["scan of TV", "beat.silent", "log-level.name", ""])
def test_a_name_is_shown_as_it_is_also_where_it_reads_like_a_code(admin, name):
    AuditEntry.objects.create(action="sign-in failed", target=name)

    assert f"<br>{name}<" in admin.get(reverse("audit")).content.decode()


@pytest.mark.parametrize(("text", "found"), [("tv", 1), ("scan", 1), ("params", 0), ("job.name", 1)])
def test_an_entry_is_found_by_the_parts_of_its_phrase(connection, admin, text, found):
    save_schedule(Schedule(job="scan", connection=connection, every=600))

    assert AuditEntry.objects.filter(audit.search(text), kind="schedule").count() == found


def test_admins_read_it_and_nobody_changes_it(admin, client, policy):
    page = admin.get(reverse("admin:history_auditentry_changelist"))
    assert page.status_code == 200
    assert admin.get(reverse("admin:history_auditentry_add")).status_code == 403
    entry = AuditEntry.objects.create(action="changed")
    assert admin.post(reverse("admin:history_auditentry_delete", args=[entry.pk])).status_code == 403
    assert AuditEntry.objects.filter(pk=entry.pk).exists()
