"""Small requests that would grow, and addresses that hold a secret."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from core import logs
from core.masking import masked
from history.models import AuditEntry
from library.webhooks import make_token
from system.yaml_documents import YamlError, load_yaml
from tests.api.conftest import SCOPES, with_key
from tests.commands import run


def repeated(levels: int, alias: str) -> str:
    """Few lines that come to ten values to the power of `levels`."""
    lines = [f"{alias}0: &{alias}0 [{', '.join('x' * 10)}]"]
    for level in range(1, levels):
        lines.append(f"{alias}{level}: &{alias}{level} [{', '.join([f'*{alias}{level - 1}'] * 10)}]")
    return "\n".join(lines) + "\n"


BOMBS = [repeated(40, "a"), "[" * 20_000, "a: &a [*a]", "instances: &a\n  tv: *a", "{a: " * 20_000]


@pytest.mark.parametrize(
    "text", BOMBS, ids=["repeated", "deep", "endless", "endless mapping", "deep mapping"]
)
def test_yaml_that_would_fill_the_memory_is_refused(text, admin, tmp_path):
    with pytest.raises(YamlError):
        load_yaml(text)
    body = {"settings": text, "dry_run": True, "connect": False}
    answer = with_key(admin, *SCOPES).post("/api/v1/import", body, format="json")
    assert answer.status_code == 422, answer.content
    (tmp_path / "settings.yaml").write_text(text)
    assert "This is no YAML" in run("import_config", str(tmp_path / "settings.yaml")).err


@pytest.mark.parametrize("text", ["\u00df\x1b", "a: \x00", "a: ["])
def test_what_is_no_yaml_is_told(text, admin):
    body = {"settings": text, "state": "h", "dry_run": True}
    answer = with_key(admin, *SCOPES).post("/api/v1/import", body, format="json")
    assert answer.status_code == 422, answer.content
    with pytest.raises(YamlError, match="This is no YAML"):
        load_yaml(text)


def test_yaml_may_name_again_what_it_wrote_once():
    text = "base: &base {type: sonarr}\ntv: {<<: *base, url: x}\nlist: [*base, *base]"

    assert load_yaml(text)["tv"] == {"type": "sonarr", "url": "x"}


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
def test_json_without_end_is_refused(body, rows, admin):
    token = make_token(rows.sonarr)
    webhook = Client().post(f"/api/v1/webhook/{rows.sonarr.pk}/{token}", body, "application/json")
    policies = with_key(admin, *SCOPES).generic("POST", "/api/v1/policies", body, "application/json")

    assert [webhook.status_code, policies.status_code] == [400, 400]
    assert "nested too deeply" in webhook.content.decode()


@pytest.fixture
def told(settings) -> Iterator[io.StringIO]:
    """What the programs log from debug on, as it is written down."""
    stream = io.StringIO()
    logs.configure(logs.logging_settings("debug", "json"))
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    logs.configure(settings.LOGGING)


def test_the_token_in_the_address_of_a_webhook_is_written_nowhere(rows, told):
    token = make_token(rows.sonarr)
    body = {"eventType": "Test"}
    fits, other = (
        Client().post(f"/api/v1/webhook/{connection.pk}/{token}", body, "application/json").status_code
        for connection in (rows.sonarr, rows.radarr)
    )

    assert (fits, other) == (200, 401)
    refused = AuditEntry.objects.get(action="refused")
    assert refused.target == f"POST /api/v1/webhook/{rows.radarr.pk}/**** (401)"
    assert "/webhook/" in told.getvalue()
    assert token not in told.getvalue()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("POST /api/v1/webhook/7/Abc_d-f HTTP/1.1", "POST /api/v1/webhook/7/**** HTTP/1.1"),
        ("POST /api/v1/players/hook/7/Abc_d-f HTTP/1.1", "POST /api/v1/players/hook/7/**** HTTP/1.1"),
        (
            "path=/taggarr/account/password/reset/key/1-d8x-4f/",
            "path=/taggarr/account/password/reset/key/****/",
        ),
        ("/api/v1/webhook/7", "/api/v1/webhook/7"),
    ],
)
def test_secrets_in_addresses_of_our_own_are_masked(address, shown):
    assert masked(address) == shown
