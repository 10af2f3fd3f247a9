"""Every id that the API's own document names: whose it is, whether it is there, and what is no id at all."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.api.conftest import SCOPES, session, with_key
from tests.api.test_matrix import address, kept, world  # noqa: F401

PARAMETER = re.compile(r"\{\w+\}")
ABSENT = {"{name}": "taggarr-20990101-000000.zip"}
NO_IDS = ["0", "-1", "1e3", "1;DROP TABLE x", "9" * 30, "%00", "..%2F..%2Fsecret_key", "%2e%2e", "None"]


@cache
def operations() -> list[tuple[str, str]]:
    """The method and path of every operation whose address names a row, from the schema as it is now."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [(method, path) for path in paths if PARAMETER.search(path) for method in paths[path]]


def ask(client: APIClient, method: str, where: str) -> int:
    answer: Any = getattr(client, method)(where, {}, format="json")
    return int(answer.status_code)


def absent(path: str) -> str:
    return PARAMETER.sub(lambda found: ABSENT.get(found[0], "987654"), path)


def there(method: str, path: str, world: dict[str, Any]) -> str:  # noqa: F811
    return str(address(f"{method.upper()} {path.removeprefix('/api/v1')}", world))


def test_who_may_not_learns_not_even_whether_it_is_there(world, viewer):  # noqa: F811
    stranger, looking = APIClient(), with_key(viewer)
    told: list[str] = []
    asked = operations()
    for method, path in asked:
        known, unknown = there(method, path, world), absent(path)
        if {ask(stranger, method, known), ask(stranger, method, unknown)} != {401}:
            told.append(f"a stranger: {method} {path}")
        found, missed = ask(looking, method, known), ask(looking, method, unknown)
        expected = {200: 404}.get(found, found)
        if found >= 500 or missed != expected or (method != "get" and found not in (401, 403)):
            told.append(f"a viewer: {method} {path} {found} {missed}")

    assert told == []
    assert len(asked) > 50


@pytest.mark.uncounted
@pytest.mark.parametrize("text", NO_IDS)
def test_what_is_no_id_finds_nothing_and_breaks_nothing(text, world, admin):  # noqa: F811
    client = session(admin)
    wrong = [
        f"{method} {path}"
        for method, path in operations()
        if "hook/" not in path
        and ask(client, method, PARAMETER.sub(lambda _: text, path)) not in (404, 405, 422)
    ]

    assert wrong == []


def test_a_part_of_one_thing_is_not_reached_through_another(rows, admin, as_admin):
    from jobs.models import Job

    client = with_key(admin, *SCOPES)
    other = Job.objects.create(name="scan", state="completed")
    first, second = rows.series[:2]

    assert ask(client, "post", f"/api/v1/jobs/{other.pk}/items/{rows.failed_item.pk}/retry") == 404
    assert as_admin.get(f"/media/{first.pk}/files/{rows.file.pk}").status_code == 200
    assert as_admin.get(f"/media/{second.pk}/files/{rows.file.pk}").status_code == 404
    for verb in ("search", "unmonitor"):
        body = {"file": rows.file.pk, "confirm": True}
        answer = client.post(f"/api/v1/media/{second.pk}/{verb}", body, format="json")
        assert "It is no file of this title." in answer.content.decode()


def test_nobody_takes_the_second_factor_or_the_connection_of_somebody_else(admin, viewer):
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    factor = Authenticator.objects.create(user_id=admin.pk, type="webauthn", data={"name": "Key"})
    account = SocialAccount.objects.create(user=admin, provider="sso", uid="1")
    client = Client()
    client.post("/login", {"login": "vera", "password": "correct horse"})
    client.post("/account/reauthenticate/", {"password": "correct horse"})

    for path in ("remove", "edit"):
        assert (
            client.post(f"/account/2fa/webauthn/keys/{factor.pk}/{path}/", {"name": "x"}).status_code == 404
        )
    client.post("/account/connections/", {"account": account.pk})
    assert Authenticator.objects.filter(pk=factor.pk, data={"name": "Key"}).exists()
    assert SocialAccount.objects.filter(pk=account.pk, user=admin).exists()
