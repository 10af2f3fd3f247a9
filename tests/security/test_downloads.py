"""What leaves as a file: who took which one stands in the audit log."""

from __future__ import annotations

from typing import Any

import pytest

from history.models import AuditEntry
from system.backup import services
from tests.api.conftest import SCOPES, long_ago, session, with_key
from tests.commands import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    """A log and a backup; its name."""
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").write_text("started\n")
    return services.make_backup().name


def taken() -> list[tuple[str, str, str, str]]:
    return list(AuditEntry.objects.values_list("action", "kind", "target", "actor_name").order_by("pk"))


@pytest.mark.parametrize("base", ["/system", "/api/v1/system"])
def test_who_downloads_a_backup_or_a_log_is_noted(base, kept, admin, as_admin):
    client = session(admin) if "api" in base else as_admin
    AuditEntry.objects.all().delete()
    for path in (f"backups/{kept}", "logs/web.log"):
        assert client.get(f"{base}/{path}/download").status_code == 200

    assert taken() == [
        ("downloaded", "backup", kept, "ada"),
        ("downloaded", "log", "web.log", "ada"),
    ]
    assert set(AuditEntry.objects.values_list("address", flat=True)) == {"127.0.0.1"}


@pytest.mark.parametrize("base", ["/system", "/api/v1/system"])
def test_who_may_not_is_noted_as_refused_and_gets_nothing(base, kept, viewer, as_viewer):
    client = with_key(viewer) if "api" in base else as_viewer
    AuditEntry.objects.all().delete()
    for path in (f"backups/{kept}", "logs/web.log"):
        assert client.get(f"{base}/{path}/download").status_code == 403

    assert [action for action, *_ in taken()] == ["refused", "refused"]


@pytest.mark.parametrize("kind", ["backups", "logs"])
def test_a_download_asks_for_a_recent_sign_in(kind, kept, admin, as_admin):
    address = f"/system/{kind}/{kept if kind == 'backups' else 'web.log'}/download"
    long_ago(as_admin)
    told = as_admin.get(address)
    assert (told.status_code, told["Location"]) == (302, f"/account/reauthenticate/?next={address}")
    old = session(admin)
    long_ago(old)
    assert old.get(f"/api/v1{address}").status_code == 403
    assert with_key(admin, *SCOPES).get(f"/api/v1{address}").status_code == 403

    back = as_admin.post(told["Location"], {"password": "correct horse"})
    assert back["Location"] == address
    assert as_admin.get(address).status_code == 200


def test_who_brings_a_backup_in_is_noted(kept, admin):
    content = services.path_of(kept).read_bytes()
    AuditEntry.objects.all().delete()
    client: Any = with_key(admin, *SCOPES)
    answer = client.post("/api/v1/system/backups/upload", content, content_type="application/zip")
    assert ("uploaded", "backup", answer.json()["name"], "ada") in taken()


def test_an_export_of_the_settings_is_noted(tmp_path):
    AuditEntry.objects.all().delete()
    run("export_config", str(tmp_path / "settings.yaml"))

    assert taken() == [("exported", "settings", str(tmp_path / "settings.yaml"), "")]
