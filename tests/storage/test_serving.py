"""Files to browsers: to whom they may go, and with which headers."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from storage import keeping, serving
from storage.models import Stored
from tests.storage.make import poster

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna", password="a long password 1")


@pytest.fixture
def ben():
    return get_user_model().objects.create_user("ben", role="admin")


def browser(user=None) -> Client:
    client = Client(headers={"host": "localhost"})
    if user:
        client.force_login(user)
    return client


def body(response) -> bytes:
    return b"".join(response)


def test_a_public_picture_is_for_everybody_who_is_signed_in_and_never_changes(anna):
    stored = keeping.keep_picture([poster(1)], public=True)
    response = browser(anna).get(serving.address(stored))
    assert response.status_code == 200
    assert body(response) == poster(1)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(stored.size)
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Content-Disposition"].startswith("inline")
    for there in (serving.address(stored), f"/kept/{'0' * 64}"):
        stranger = browser().get(there)
        assert stranger["Location"].startswith("/login?next=")


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_a_large_picture_comes_in_pieces(anna, monkeypatch):
    monkeypatch.setattr(serving, "SMALL", 100)
    monkeypatch.setattr(keeping, "PIECE", 1000)
    stored = keeping.keep_picture([poster(1)], public=True)
    response = browser(anna).get(serving.address(stored))
    assert response.streaming
    assert body(response) == poster(1)
    assert response["Content-Length"] == str(stored.size)


def test_a_browser_that_has_it_gets_it_not_again(anna):
    stored = keeping.keep_picture([poster(1)], public=True)
    client = browser(anna)
    tag = client.get(serving.address(stored))["ETag"]
    again = client.get(serving.address(stored), headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"].endswith("immutable")
    assert client.head(serving.address(stored)).status_code == 200


def test_thumbnails_come_in_few_widths(anna):
    stored = keeping.keep_picture([poster(1)], public=True)
    response = browser(anna).get(serving.address(stored, width=200))
    assert response["Content-Type"] == "image/webp"
    assert body(response)[8:12] == b"WEBP"
    for width in ("201", "0", "-1", "200000", "x", ""):
        assert browser(anna).get(f"/kept/{stored.digest}?w={width}").status_code == 404


def test_of_a_picture_that_was_damaged_since_there_is_no_thumbnail(anna, root):
    stored = keeping.keep_picture([poster(1)], public=True)
    path = root / stored.name
    path.chmod(0o600)
    path.write_bytes(b"no picture")
    assert browser(anna).get(serving.address(stored, width=200)).status_code == 404


def test_what_is_no_picture_is_saved_and_never_shown(anna):
    stored = keeping.keep_file([b"<html><script>alert(1)</script>"])
    Stored.objects.update(public=True)
    response = browser(anna).get(serving.address(stored))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_what_is_private_is_not_there_even_for_an_admin_who_knows_its_digest(anna, ben):
    stored = keeping.keep_picture([poster(1)])
    for user in (anna, ben):
        assert browser(user).get(serving.address(stored)).status_code == 404
    unknown = browser(anna).get(f"/kept/{'0' * 64}")
    known = browser(anna).get(serving.address(stored))
    assert unknown.status_code == known.status_code


def test_a_feature_shows_what_its_own_rule_allows(anna, ben, uses):
    stored = keeping.keep_picture([poster(1)])
    uses(visible=(lambda user, digest: user == anna and digest == stored.digest,))
    response = browser(anna).get(serving.address(stored))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, max-age=3600, must-revalidate"
    assert browser(ben).get(serving.address(stored)).status_code == 404


def test_a_private_address_works_for_whom_it_was_made_alone(anna, ben):
    stored = keeping.keep_picture([poster(1)])
    address = serving.private_address(stored, anna)
    response = browser(anna).get(address)
    assert response.status_code == 200
    assert body(response) == poster(1)
    assert response["Cache-Control"] == "private, max-age=3600, must-revalidate"
    assert browser(ben).get(address).status_code == 404
    assert browser().get(address)["Location"].startswith("/login?next=")
    assert serving.private_address(stored, anna) == address


def test_a_private_address_cannot_be_changed_and_ends(anna, monkeypatch):
    stored = keeping.keep_picture([poster(1)])
    other = keeping.keep_picture([poster(2)])
    address = serving.private_address(stored, anna, width=200)
    _, _, digest, width, expires, token = address.split("/")
    client = browser(anna)
    assert client.get(address).status_code == 200
    for changed in (
        f"/kept/{other.digest}/{width}/{expires}/{token}",
        f"/kept/{digest}/500/{expires}/{token}",
        f"/kept/{digest}/{width}/{int(expires) + 1}/{token}",
        f"/kept/{digest}/{width}/{expires}/{token[:-1]}",
        f"/kept/{digest}/{width}/{expires}/x",
    ):
        assert client.get(changed).status_code == 404
    monkeypatch.setattr("storage.serving.time.time", lambda: float(expires))
    assert client.get(address).status_code == 404


def test_a_new_password_ends_private_addresses(anna):
    stored = keeping.keep_picture([poster(1)])
    address = serving.private_address(stored, anna)
    anna.set_password("another long password 2")
    anna.save()
    assert browser(anna).get(address).status_code == 404


def test_a_store_that_is_away_is_a_sentence_and_no_crash(anna, root):
    stored = keeping.keep_picture([poster(1)], public=True)
    (root / stored.name).unlink()
    response = browser(anna).get(serving.address(stored))
    assert response.status_code == 503
    assert response.content.decode() == "This file cannot be read now: Health says why."
    assert "immutable" not in response.get("Cache-Control", "")


def test_nothing_is_changed_by_it(anna):
    stored = keeping.keep_picture([poster(1)], public=True)
    assert browser(anna).post(serving.address(stored)).status_code == 405
