"""What holds for the whole API: keys, problems, pages, secrets, conditional requests."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.keys import create_key, find_key
from accounts.models import ApiKey, User
from connections.models import Connection
from library.models import Media
from tests.api.conftest import PASSWORD, SCOPES

pytestmark = pytest.mark.django_db


def is_problem(answer, status):
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["type"]) == (status, status, "about:blank")
    return body


# Keys


def test_a_key_opens_in_both_headers(admin):
    _, text = create_key(admin, "k", scopes=SCOPES, expires_at=None)
    client = APIClient()

    assert client.get("/api/v1/media", headers={"X-Api-Key": text}).status_code == 200
    assert client.get("/api/v1/media", headers={"Authorization": f"Bearer {text}"}).status_code == 200


@pytest.mark.parametrize("name", ["apikey", "api_key", "X-Api-Key", "token"])
def test_a_key_in_the_query_opens_nothing(admin, name):
    _, text = create_key(admin, "k", scopes=SCOPES, expires_at=None)

    assert APIClient().get("/api/v1/media", {name: text}).status_code == 401


def test_a_key_is_kept_as_a_digest_with_a_prefix(admin):
    key, text = create_key(admin, "k", scopes=SCOPES, expires_at=None)

    stored = ApiKey.objects.values().get(pk=key.pk)
    assert text not in str(stored)
    assert text.startswith(stored["prefix"])
    assert len(text) - len(stored["prefix"]) > 30


def test_an_expired_key_opens_nothing(admin):
    key, text = create_key(admin, "k", scopes=SCOPES, expires_at=timezone.now() + timedelta(hours=1))
    assert find_key(text) == key

    ApiKey.objects.update(expires_at=timezone.now())

    answer = APIClient().get("/api/v1/media", headers={"X-Api-Key": text})
    assert "expired" in is_problem(answer, 401)["detail"]
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("text", ["", "x", "tgr_" + "a" * 43, "a" * 5000, "ünï"])
def test_a_wrong_key_is_refused_not_looked_past(admin, text):
    client = APIClient()
    assert client.login(username="ada", password=PASSWORD)

    # Also with a session: whoever sends a key means the key.
    is_problem(client.get("/api/v1/media", HTTP_X_API_KEY=text.encode().decode("latin-1")), 401)


def test_the_key_of_somebody_who_may_not_sign_in_opens_nothing(admin, viewer, looking):
    User.objects.filter(pk=viewer.pk).update(is_active=False)

    assert looking.get("/api/v1/media").status_code == 401


def test_an_admins_key_shrinks_with_its_owner(api, admin):
    admin.role = "viewer"
    admin.save()

    assert api.get("/api/v1/users").status_code == 403
    assert api.get("/api/v1/media").status_code == 200


def test_the_last_use_is_remembered_to_the_minute(admin, django_assert_num_queries):
    key, text = create_key(admin, "k", expires_at=None)
    client = APIClient()
    client.get("/api/v1/media", headers={"X-Api-Key": text})
    key.refresh_from_db()
    first = key.last_used_at
    client.get("/api/v1/media", headers={"X-Api-Key": text})
    key.refresh_from_db()

    assert first is not None
    assert key.last_used_at == first


def test_a_made_key_is_shown_once(in_person):
    made = in_person.post("/api/v1/api-keys", {"name": "Homepage"}, format="json").json()

    assert (made["scopes"], made["networks"], made["owner"]) == (["read"], [], "ada")
    in_a_year = timezone.now() + timedelta(days=365)
    assert abs(datetime.fromisoformat(made["expires_at"]) - in_a_year) < timedelta(minutes=5)
    assert APIClient().get("/api/v1/media", headers={"X-Api-Key": made["key"]}).status_code == 200
    assert "key" not in in_person.get(f"/api/v1/api-keys/{made['id']}").json()


@pytest.mark.parametrize(
    "wanted",
    [
        {"owner": "vera", "scopes": ["write"]},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"scopes": ["god"]},
        {"networks": ["everywhere"]},
        {"owner": "nobody"},
    ],
)
def test_a_key_that_cannot_be_is_refused(in_person, viewer, wanted):
    answer = in_person.post("/api/v1/api-keys", {"name": "k", **wanted}, format="json")

    assert is_problem(answer, 422)["errors"]


def test_a_key_may_live_for_ever_where_that_is_asked_for(in_person):
    made = in_person.post("/api/v1/api-keys", {"name": "k", "expires_at": None}, format="json").json()

    assert made["expires_at"] is None


def test_keys_are_found_by_their_scopes(api, viewer):
    create_key(viewer, "only looks", expires_at=None)

    assert api.get("/api/v1/api-keys?scope=read").json()["count"] == 2
    assert [key["name"] for key in api.get("/api/v1/api-keys?scope=write").json()["results"]] == ["test"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("192.168.1.7", 200),
        ("::ffff:192.168.1.7", 200),
        ("2001:db8::1", 200),
        ("192.168.2.7", 401),
        ("2001:db9::1", 401),
        ("", 401),
    ],
)
def test_a_key_opens_only_from_its_networks(admin, address, status):
    networks = ["192.168.1.0/24", "2001:db8::/32"]
    _, text = create_key(admin, "k", networks=networks, expires_at=None)
    answer = APIClient().get("/api/v1/media", headers={"X-Api-Key": text}, REMOTE_ADDR=address)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("api-keys", {"name": "longer", "expires_at": None}),
        ("users", {"username": "eve", "password": PASSWORD, "role": "admin"}),
    ],
)
def test_a_key_makes_neither_keys_nor_users(api, path, body):
    answer = api.post(f"/api/v1/{path}", body, format="json")

    assert "No API key opens this" in is_problem(answer, 403)["detail"]
    assert ApiKey.objects.count() == 1
    assert User.objects.count() == 1


def test_a_key_sets_nobodys_password(api, viewer):
    before = viewer.password
    answer = api.patch(f"/api/v1/users/{viewer.pk}", {"password": "some other phrase"}, format="json")

    assert answer.status_code == 403
    viewer.refresh_from_db()
    assert viewer.password == before


# Sessions


def test_a_session_changes_nothing_without_the_token_of_its_forms(admin):
    client = APIClient(enforce_csrf_checks=True)
    assert client.login(username="ada", password=PASSWORD)

    assert client.get("/api/v1/policies").status_code == 200
    answer = client.post("/api/v1/policies", {"name": "P", "target_languages": ["eng"]}, format="json")
    assert "CSRF" in is_problem(answer, 403)["detail"]


# Problems


def test_every_wrong_field_is_named(api):
    answer = api.post(
        "/api/v1/policies", {"target_languages": ["Klingonese"], "quick": "maybe"}, format="json"
    )

    errors = {error["field"]: error["message"] for error in is_problem(answer, 422)["errors"]}
    assert errors.keys() == {"name", "target_languages", "quick"}
    assert "Klingonese" in errors["target_languages"]


def test_the_only_wrong_field_is_the_detail(api):
    answer = api.post("/api/v1/policies", {"name": "P", "target_languages": ["xxyyzz"]}, format="json")

    body = is_problem(answer, 422)
    assert body["detail"] == body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ('{"name": NaN}', "application/json", 400),
        ("[]", "application/json", 422),
        ("null", "application/json", 422),
        ('{"name": "\\u0000", "target_languages": ["eng"]}', "application/json", 422),
        ('{"name": "\\ud800", "target_languages": ["eng"]}', "application/json", 422),
        ("<a/>", "application/xml", 415),
    ],
)
def test_bad_input_is_never_an_error_of_ours(api, body, kind, status):
    is_problem(api.post("/api/v1/policies", body, content_type=kind), status)


def test_an_address_that_is_none_is_a_problem(api):
    is_problem(api.get("/api/v1/nothing/here"), 404)
    is_problem(api.get("/api/v1/media/99999999999999999999999"), 404)


def test_a_wrong_method_is_a_problem(api):
    is_problem(api.delete("/api/v1/media"), 405)
    is_problem(api.trace("/api/v1/media"), 405)
    # Nobody is told of parameters that another method has.
    is_problem(api.trace("/api/v1/media?q=a"), 405)


def test_what_nobody_expected_is_logged_and_told_without_its_trace(api, monkeypatch, caplog):
    def fail():
        raise RuntimeError("secret inside")

    monkeypatch.setattr("scanner.api.stats.statistics", fail)

    body = is_problem(api.get("/api/v1/stats"), 500)

    assert "secret inside" not in str(body)
    assert "secret inside" in caplog.text


# Lists


@pytest.fixture
def shelf(make_media):
    return [make_media(f"Title {number:02}") for number in range(7)]


def test_lists_come_in_pages(api, shelf):
    first = api.get("/api/v1/media?page_size=3").json()
    last = api.get("/api/v1/media?page_size=3&page=3").json()

    assert (first["count"], len(first["results"]), first["previous"]) == (7, 3, None)
    assert [media["title"] for media in last["results"]] == ["Title 06"]
    assert last["next"] is None
    assert api.get(first["next"]).json()["results"][0]["title"] == "Title 03"
    assert api.get(last["previous"]).json()["previous"].endswith("page=1&page_size=3")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=-1", "page_size=0", "page_size=501", "page_size=²", "page="]
)
def test_a_page_that_is_no_number_is_refused(api, query):
    is_problem(api.get(f"/api/v1/media?{query}"), 422)


def test_there_is_no_page_behind_the_last(api, shelf):
    is_problem(api.get("/api/v1/media?page=2"), 404)


@pytest.mark.parametrize(
    "query", ["verdit=dub", "ordering=path", "verdict=good", "format=xml", "instance=x", "instance=1.5"]
)
def test_a_filter_or_order_that_is_none_is_refused(api, query):
    assert is_problem(api.get(f"/api/v1/media?{query}"), 422)["errors"]


def test_a_list_that_has_not_changed_is_a_bare_304(api, shelf):
    first = api.get("/api/v1/media")
    again = api.get("/api/v1/media", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    Media.objects.filter(pk=shelf[0].pk).update(title="Another")

    assert api.get("/api/v1/media", headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert "private" in first["Cache-Control"]
    assert "X-Api-Key" in first["Vary"]


def test_the_number_of_queries_does_not_depend_on_the_page(api, make_media, django_assert_max_num_queries):
    for number in range(30):
        make_media(f"Title {number}", ["jpn"], ["eng"])
    for name in ("media", "files", "history", "jobs", "tags", "connections"):
        with django_assert_max_num_queries(7):
            assert api.get(f"/api/v1/{name}?page_size=500").status_code == 200


# Secrets


def test_a_stored_key_is_masked(api, looking, plain_instance):
    assert api.get(f"/api/v1/connections/{plain_instance.pk}").json()["values"]["api_key"] == "****last"
    assert looking.get(f"/api/v1/connections/{plain_instance.pk}").json()["values"]["api_key"] == "****"
    assert "k" * 28 not in api.get("/api/v1/connections").content.decode()


def test_a_new_address_needs_the_key_again(api, plain_instance):
    address = f"/api/v1/connections/{plain_instance.pk}"

    for key in ({}, {"api_key": ""}, {"api_key": "****last"}):
        answer = api.patch(address, {"url": "http://127.0.0.1:10", "values": key}, format="json")
        assert is_problem(answer, 422)["errors"][0]["field"] == "values.api_key"

    plain_instance.refresh_from_db()
    assert plain_instance.url == "http://127.0.0.1:9"


def test_a_mask_that_is_sent_back_leaves_the_key(api, plain_instance):
    address = f"/api/v1/connections/{plain_instance.pk}"
    shown = api.get(address).json()
    wanted = {name: shown[name] for name in ("name", "kind", "url")}
    values = {**shown["values"], "deep_scan_every": 60}

    answers = [api.put(address, {**wanted, "values": values}, format="json") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    plain_instance.refresh_from_db()
    assert plain_instance.reveal("api_key") == "k" * 28 + "last"
    assert plain_instance.scan_settings.deep_scan_every == 60


def test_the_kind_of_an_instance_stays(api, plain_instance):
    answer = api.patch(f"/api/v1/connections/{plain_instance.pk}", {"kind": "radarr"}, format="json")

    assert is_problem(answer, 422)["errors"][0]["field"] == "kind"


def test_an_instance_is_added_once_it_answers(api, policy, sonarr):
    wanted = {"name": "New", "kind": "sonarr", "url": sonarr.url}

    refused, added = (
        api.post(
            "/api/v1/connections", {**wanted, "values": {"api_key": key, "policy": policy.pk}}, format="json"
        )
        for key in ("wrong", sonarr.api_key)
    )

    assert is_problem(refused, 422)["errors"][0]["field"] == "values.api_key"
    assert added.status_code == 201
    assert Connection.objects.get().version == added.json()["app_version"] != ""


def test_a_policy_in_use_stays(api, plain_instance):
    answer = api.delete(f"/api/v1/policies/{plain_instance.scan_settings.policy_id}")

    assert "in use" in is_problem(answer, 409)["detail"]


def test_a_policy_that_nothing_uses_is_deleted_and_the_audit_names_who_did_it(api, admin):
    from history.models import AuditEntry, Event
    from scanner.models import Policy

    policy = Policy.objects.create(name="Spare", target_languages=["deu"])

    assert api.delete(f"/api/v1/policies/{policy.pk}").status_code == 204
    line = AuditEntry.objects.latest("pk")
    assert (line.action, line.target, line.actor) == ("deleted", "Spare", admin)
    assert not Event.objects.exists(), "told once"


def test_the_last_admin_stays(in_person, admin):
    address = f"/api/v1/users/{admin.pk}"
    for change in ({"role": "viewer"}, {"is_active": False}):
        assert "only admin" in is_problem(in_person.patch(address, change, format="json"), 422)["detail"]

    assert "only admin" in is_problem(in_person.delete(address), 409)["detail"]


def test_a_list_may_be_ordered_by_nothing(api):
    assert api.get("/api/v1/media?ordering=").status_code == 200


def test_an_instance_that_is_not_held_cannot_be_released(api, plain_instance):
    answer = api.post(f"/api/v1/connections/{plain_instance.pk}/release")

    assert "not held" in is_problem(answer, 409)["detail"]


def test_a_weak_password_is_refused(in_person):
    answer = in_person.post("/api/v1/users", {"username": "new", "password": "12345"}, format="json")

    assert is_problem(answer, 422)["errors"][0]["field"] == "password"
    assert not User.objects.filter(username="new").exists()


def test_an_admin_may_leave_where_another_one_stays(in_person, admin):
    other = in_person.post(
        "/api/v1/users", {"username": "olga", "password": PASSWORD, "role": "admin"}, format="json"
    )
    assert other.status_code == 201
    assert "password" not in other.json()

    assert in_person.delete(f"/api/v1/users/{admin.pk}").status_code == 204


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api):
    text = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)

    answer = api.post("/api/v1/policies", {"name": text}, format="json")

    assert "larger than" in is_problem(answer, 413)["detail"]


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("2026-01-15T12:00:00Z", 200),
        ("0768-11-30T08:42:13.46+21:48", 200),
        ("9999-12-31T23:59:59-23:59", 422),
        ("0001-01-01T00:00:00+23:59", 422),
        ("yesterday", 422),
    ],
)
def test_a_time_of_any_zone_is_understood(api, since, status):
    for path in ("history", "system/audit"):
        assert api.get(f"/api/v1/{path}", {"since": since}).status_code == status
