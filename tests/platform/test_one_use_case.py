"""One use case, one function: all ways in leave the same in history and audit, and refuse the same."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from connections.models import Connection
from history.models import AuditEntry, Event
from jobs import doorbells
from notify.models import Channel
from scanner.models import Policy
from system.configuration import DocumentError, import_document
from tests.commands import run
from tests.policy_form import POLICY_FORM

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"
Way = Callable[[str], str]
"""Makes something of this name; returns what it was told."""


@pytest.fixture(autouse=True)
def no_messages():
    with doorbells.muted():
        yield


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ada", password="four words long enough", role=Role.ADMIN))
    return client


@pytest.fixture
def policy(db: None) -> Policy:
    return Policy.objects.create(name="English", target_languages=["eng"])


def posted(browser: Client, address: str, form: dict[str, Any]) -> str:
    return unescape(browser.post(address, form, follow=True).content.decode())


def sent(browser: Client, address: str, body: dict[str, Any], method: str = "post") -> str:
    answer = getattr(browser, method)(f"/api/v1/{address}", json.dumps(body), content_type="application/json")
    return str(answer.content.decode())


def imported(section: str, **entry: Any) -> str:
    try:
        import_document(json.dumps({"version": 1, section: [entry]}), connect=False, environ={})
    except DocumentError as error:
        return str(error)
    return ""


def traces(name: str) -> list[tuple[Any, ...]]:
    """What the newest lines of history and audit say of something of this name, without the name."""

    def told(value: Any) -> Any:
        return json.loads(json.dumps(value, default=str).replace(name, "…"))

    lines = [(event, json.dumps(event.params)) for event in Event.objects.all()]
    events = [("event", event.kind, event.code, parts) for event, parts in lines if name in parts]
    entries = AuditEntry.objects.filter(target__contains=name)
    audit = [("audit", entry.action, entry.kind, entry.before, entry.after) for entry in entries]
    return [tuple(told(list(line))) for line in events + audit]


def all_the_same(ways: dict[str, Way]) -> list[tuple[Any, ...]]:
    """What every way leaves behind, which is the same for all of them."""
    found = {}
    for way, make in ways.items():
        name = f"By {way}"
        answer = make(name)
        found[way] = traces(name)
        assert found[way], (way, answer)
    first, *others = found.values()
    assert all(other == first for other in others), found
    return first


def connections(browser: Client, policy: Policy, local: str = "/mnt/tv") -> dict[str, Way]:
    url = "http://sonarr.test:8989"
    mapping = [{"remote": "/tv", "local": local}]
    care = {"facts_from": "auto", "deep_scan_every": 60, "brake_verdicts_percent": 20}
    form = {"url": url, "api_key": KEY, "policy": policy.pk, "path_mappings": f"/tv = {local}", **care}
    values = {"api_key": KEY, "policy": policy.pk, "path_mappings": mapping, "deep_scan_every": 60}
    more = {"policy": "English", "path_mappings": mapping, "deep_scan_every": 60, "enabled": False}
    return {
        # What is not enabled is not connected to.
        "page": lambda name: posted(
            browser,
            "/settings/connections/add/sonarr",
            {**form, "name": name, "brake_orphans_percent": 10},
        ),
        "API": lambda name: sent(
            browser,
            "connections",
            {"kind": "sonarr", "name": name, "url": url, "enabled": False, "values": values},
        ),
        "YAML": lambda name: imported("connections", kind="sonarr", name=name, url=url, api_key=KEY, **more),
    }


def test_connections_are_added_alike(browser, policy):
    first = all_the_same(connections(browser, policy))
    kinds = {("audit", "added", "connection"), ("audit", "added", "scan settings")}
    assert {line[:3] for line in first} == kinds
    rows = Connection.objects.values_list("scan_settings__deep_scan_every", "path_mappings__local_prefix")
    assert list(rows) == [(60, "/mnt/tv")] * 3


def test_connections_are_refused_alike(browser, policy, tmp_path):
    sentence = "Enter the full path of the folder here: it begins with /."
    answers = {way: make(f"By {way}") for way, make in connections(browser, policy, "mnt").items()}
    (tmp_path / "key").write_text(KEY)
    answers["command"] = run(
        *("add_connection", "TV", "--kind", "sonarr", "--url", "http://sonarr.test:8989"),
        *("--set", "policy=English", "--set", "path_mappings=/tv=mnt"),
        *("--secret-file", f"api_key={tmp_path / 'key'}"),
    ).err
    assert [way for way, answer in answers.items() if sentence not in answer] == []
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--set", "policy"), "“policy” names no field: write FIELD=VALUE."),
        (("--set", "polciy=English"), "There is no field polciy: did you mean policy?"),
        (("--set", "policy=English"), "Give the API key: with --secret-file api_key=FILE."),
    ],
)
def test_a_field_that_the_command_does_not_know_or_lacks_is_told(policy, arguments, told, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    added = run("add_connection", "TV", "--kind", "sonarr", "--url", "http://sonarr.test:8989", *arguments)
    assert (added.code, told in added.err) == (2, True), added.err


def test_at_a_terminal_the_command_asks_for_the_secret_without_showing_it(policy, monkeypatch):
    asked = []

    def typed(prompt: str) -> str:
        asked.append(prompt)
        return "wrong"

    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("getpass.getpass", typed)
    address = ("--url", "http://127.0.0.1:9")
    added = run("add_connection", "TV", "--kind", "sonarr", *address, "--set", "policy=English")
    assert asked == ["API key (it is not shown): "]
    assert "nothing answers" in added.err


def test_policies_are_added_alike(browser):
    first = all_the_same(
        {
            "page": lambda name: posted(
                browser, "/settings/policies/add", {**POLICY_FORM, "name": name, "target_languages": "en"}
            ),
            "API": lambda name: sent(browser, "policies", {"name": name, "target_languages": ["en"]}),
            "YAML": lambda name: imported("policies", name=name, target_languages=["en"]),
        }
    )
    assert [line[:3] for line in first] == [("audit", "added", "policy")]


def channels(browser: Client, topics: list[str]) -> dict[str, Way]:
    to = "https://192.168.1.9/hook"
    return {
        "page": lambda name: posted(
            browser,
            "/settings/notifications/add/webhook",
            {"name": name, "to_url": to, "topics": topics, "enabled": "on"},
        ),
        "API": lambda name: sent(
            browser, "channels", {"kind": "webhook", "name": name, "values": {"url": to}, "topics": topics}
        ),
        "YAML": lambda name: imported("channels", kind="webhook", name=name, address=to, topics=topics),
    }


def test_channels_are_added_alike_and_refused_alike(browser):
    first = all_the_same(channels(browser, ["wrong_dub"]))
    assert [line[:3] for line in first] == [("audit", "added", "channel")]
    long = "x" * 101
    for way, make in channels(browser, ["wrong_dub"]).items():
        assert any(told in make(long) for told in ("shorter name", "at most 100", "100 characters")), way
    assert Channel.objects.count() == 3


def users(browser: Client) -> dict[str, Way]:
    told = {"role": "viewer", "password": "four words long enough"}
    return {
        "page": lambda name: posted(
            browser, "/settings/users", {**told, "username": name.replace(" ", ""), "is_active": "on"}
        ),
        "API": lambda name: sent(browser, "users", {**told, "username": name.replace(" ", "")}),
    }


def test_users_are_refused_alike(browser):
    for way, make in users(browser).items():
        assert "Enter a valid username" in make("a/b"), way
        assert make("good"), way
    assert set(User.objects.values_list("username", flat=True)) == {"ada", "good"}


@pytest.mark.parametrize("model", ["connection", "channel"])
def test_page_api_and_admin_delete_alike(browser, policy, model):
    at = {
        "connection": ("connections/connection", "settings/connections", "connections"),
        "channel": ("notify/channel", "settings/notifications", "channels"),
    }[model]
    made = connections(browser, policy) if model == "connection" else channels(browser, ["wrong_dub"])
    rows: Any = Connection if model == "connection" else Channel
    left = {}
    for way in ("page", "API", "admin"):
        name = f"By {way}"
        made["API"](name)
        pk = rows.objects.get(name=name).pk
        Event.objects.all().delete()
        AuditEntry.objects.all().delete()
        if way == "page":
            browser.post(f"/{at[1]}/{pk}/delete")
        elif way == "API":
            browser.delete(f"/api/v1/{at[2]}/{pk}")
        else:
            browser.post(f"/admin/{at[0]}/{pk}/delete/", {"post": "yes"})
        left[way] = traces(name)
        assert {entry.actor_name for entry in AuditEntry.objects.all()} == {"ada"}
    assert not rows.objects.exists()
    assert left["page"] == left["API"] == left["admin"]
    assert ("audit", "deleted", model) in {line[:3] for line in left["page"]}
