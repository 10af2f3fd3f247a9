"""The first steps, signing in, and the theme."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.scanner.build import JPN_ENG, add_series, spec, tags_at, writes_at
from tests.scanner.conftest import root, sonarr  # noqa: F401

ACCOUNT = {"username": "ada", "password": "correct horse"}


def test_the_first_visitor_makes_the_admin_by_the_token_and_is_signed_in(db):
    from accounts import first_admin
    from accounts.models import User

    client = Client()
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/setup"
    answer = client.post("/setup", {**ACCOUNT, "token": first_admin.token().lower()}, follow=True)

    assert answer.redirect_chain[-1][0] == "/setup/instance"
    assert User.objects.get().is_admin
    assert client.get("/setup")["Location"] == "/"
    assert client.get("/setup/instance").status_code == 200


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"token": "AAAA"}, "That is not the token"), ({"password": "short"}, "too short")],
)
def test_without_the_token_or_a_good_password_there_is_no_account(changes, told, db):
    from accounts import first_admin
    from accounts.models import User

    text = Client().post("/setup", {**ACCOUNT, "token": first_admin.token(), **changes}).content.decode()

    assert told in text
    assert not User.objects.exists()


def test_nobody_becomes_admin_once_there_is_one(admin):
    from accounts import first_admin
    from accounts.models import User

    answer = Client().post("/setup", {**ACCOUNT, "username": "eve", "token": first_admin.token()})

    assert answer.status_code == 302
    assert User.objects.count() == 1


def test_the_first_instance_a_dry_run_and_then_for_real(sonarr, root, as_admin):  # noqa: F811
    from demo.arr.state import ArrState
    from jobs.models import Job
    from jobs.services import run_inline
    from scanner.models import Policy

    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    assert as_admin.get("/")["Location"] == "/setup/instance"

    form = {
        "kind": "sonarr",
        "name": "Sonarr",
        "url": sonarr.url,
        "api_key": sonarr.api_key,
        "languages": "English",
    }
    paths = as_admin.post("/setup/instance", form, follow=True)
    assert "✓ Seen" in paths.content.decode()
    assert Policy.objects.get().target_languages == ["eng"]

    running = as_admin.post(
        f"/setup/instance/{Policy.objects.get().scan_settings.get().pk}/dry-run", follow=True
    )
    assert "Nothing is written." in running.content.decode()
    job = Job.objects.get()
    run_inline(job)
    result = as_admin.get(f"/setup/result/{job.pk}").content.decode()
    assert "Would add" in result
    assert '<span class="tag">dub</span> 1' in result
    assert writes_at(sonarr) == []

    as_admin.post(f"/settings/connections/{job.connection_id}/scan")
    run_inline(Job.objects.exclude(pk=job.pk).get())
    assert tags_at(sonarr) == {"Dubbed": {"dub"}}


def test_a_radarr_without_a_name_is_not_called_sonarr(two_movies, as_admin):
    from connections.models import Connection

    form = {"kind": "radarr", "url": two_movies.url, "api_key": two_movies.api_key, "languages": "English"}
    as_admin.post("/setup/instance", form)

    assert Connection.objects.get().name == "Radarr"


@pytest.mark.parametrize("languages", ["Elvish", " , "])
def test_a_language_that_is_none_is_told_before_anything_is_saved(languages, sonarr, as_admin):  # noqa: F811
    from connections.models import Connection
    from scanner.models import Policy

    form = {
        "kind": "sonarr",
        "name": "Sonarr",
        "url": sonarr.url,
        "api_key": sonarr.api_key,
        "languages": languages,
    }
    text = as_admin.post("/setup/instance", form).content.decode()

    assert 'class="small error"' in text
    assert not Policy.objects.exists()
    assert not Connection.objects.exists()


def test_a_disabled_instance_has_no_dry_run(rows, as_admin):
    rows.sonarr.enabled = False
    rows.sonarr.save()

    answer = as_admin.post(f"/setup/instance/{rows.sonarr.pk}/dry-run", follow=True)

    assert "is disabled" in answer.content.decode()


def test_signing_in_and_out(viewer, rows):
    client = Client()
    wrong = client.post("/login", {"login": "vera", "password": "guess"})
    right = client.post("/login", {"login": "vera", "password": "correct horse", "next": "/wanted"})

    assert "The username and/or password you specified are not correct." in wrong.content.decode()
    assert right["Location"] == "/wanted"
    assert client.get("/wanted").status_code == 200

    client.post("/logout")
    assert client.get("/wanted").status_code == 302


def test_the_theme_is_remembered_and_leads_back_to_the_page(viewer):
    client = Client()
    answer = client.post("/theme", {"theme": "dark", "next": "/library?verdict=dub"})

    assert answer["Location"] == "/library?verdict=dub"
    assert 'data-theme="dark"' in client.get("/login").content.decode()


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_theme_leads_to_no_other_site(next_page, db):
    answer = Client().post("/theme", {"theme": "purple", "next": next_page})

    assert answer["Location"] == "/"
    assert "taggarr_theme" not in answer.cookies
