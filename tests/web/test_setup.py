"""The first steps, signing in, and the theme."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.words import Phrase
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


@pytest.fixture
def tagged(sonarr, root):  # noqa: F811
    """A Sonarr with a tag of ours on a title that should not carry it."""
    from demo.arr.state import ArrState

    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG)]})
    add_series(state, root, "Native", {1: [spec("jpn")]}, tags=["dub"])
    sonarr.load(state)
    return sonarr


def connect(client, app):
    form = {"kind": "sonarr", "name": "Sonarr", "url": app.url, "api_key": app.api_key}
    return client.post("/setup/instance", form, follow=True)


def looked(client, pk):
    """The folders of an instance after a worker has looked for them."""
    from jobs.models import Job
    from jobs.services import run_inline

    for job in Job.objects.filter(name="check_roots", state="queued"):
        run_inline(job)
    return client.get(f"/setup/{pk}/roots").content.decode()


def test_the_first_run_goes_from_the_app_to_written_tags_and_writes_nothing_before(tagged, root, as_admin):  # noqa: F811
    from connections.models import Connection
    from jobs.models import Job
    from jobs.services import run_inline
    from scanner.models import Policy

    assert as_admin.get("/")["Location"] == "/setup/instance"
    assert "Import its settings and tags" in as_admin.get("/setup/instance").content.decode()
    folders = connect(as_admin, tagged)
    pk = Connection.objects.get().pk
    assert folders.redirect_chain[-1][0] == f"/setup/{pk}/folders"
    assert "A worker is looking for the folders…" in folders.content.decode()
    assert "Its folders:" not in folders.content.decode()
    assert "✓ Seen" in looked(as_admin, pk)
    assert "Go on with the set-up" in as_admin.get("/inbox").content.decode()

    tags = as_admin.post(f"/setup/{pk}/folders", {"remote": str(root), "local": str(root)}, follow=True)
    assert tags.redirect_chain[-1][0] == f"/setup/{pk}/tags"
    assert "1 title that carries one of them has no verdict yet" in tags.content.decode()

    adopted = {"label": "dub", "back": "setup"}
    languages = as_admin.post(f"/settings/connections/{pk}/adopt", adopted, follow=True)
    assert languages.redirect_chain[-1][0] == f"/setup/{pk}/languages"
    running = as_admin.post(f"/setup/{pk}/languages", {"languages": "English, German"}, follow=True)
    assert "Nothing is written." in running.content.decode()
    assert [(one.name, one.target_languages) for one in Policy.objects.all()] == [
        ("English + German", ["eng", "deu"])
    ]
    assert as_admin.post(f"/setup/{pk}/languages", {"languages": "English"}).status_code == 302
    job = Job.objects.get(name="scan")
    page, part = f"/setup/result/{job.pk}", {"HX-Request": "true"}
    assert "HX-Refresh" not in as_admin.get(page, headers=part)
    run_inline(job)
    assert as_admin.get(page, headers=part)["HX-Refresh"] == "true"
    result = as_admin.get(page).content.decode()
    assert "Would add" in result
    assert '<span class="tag">dub</span> 1' in result
    assert "Would remove" in result
    for late in Job.objects.exclude(pk=job.pk):
        run_inline(late)
    assert writes_at(tagged) == []

    as_admin.post(f"/setup/{pk}/write")
    run_inline(Job.objects.filter(name="scan").latest("pk"))
    assert tags_at(tagged) == {"Dubbed": {"dub"}, "Native": set()}
    assert "Nothing waits for you" in as_admin.get("/inbox").content.decode()


def test_files_that_are_not_mounted_are_told_at_each_step_and_in_health(tagged, root, as_admin):  # noqa: F811
    from connections.models import Connection
    from jobs.models import Job
    from jobs.services import run_inline
    from system.health import find_issues

    root.rename(root.with_name("elsewhere"))
    told = "The files of 2 titles are not mounted here: what Sonarr says of them is all that is known."
    connect(as_admin, tagged)
    pk = Connection.objects.get().pk
    assert told in looked(as_admin, pk)
    as_admin.post(f"/setup/{pk}/languages", {"languages": "English"})
    job = Job.objects.get(name="scan")
    run_inline(job)
    result = as_admin.get(f"/setup/result/{job.pk}").content.decode()
    assert "The files of 2 titles are not read here: what Sonarr says of them is all that is known." in result
    assert "These tags stood there before" in result
    assert told in [issue.what for issue in find_issues(live=False)]


def test_where_folders_lie_is_found_and_saved(tagged, root, as_admin, settings):  # noqa: F811
    from connections.models import Connection
    from library.models import PathMapping

    there = root.with_name("elsewhere")
    root.rename(there)
    settings.MEDIA_FOLDERS = [there.parent]
    connect(as_admin, tagged)
    pk = Connection.objects.get().pk
    assert f'value="{there}"' in looked(as_admin, pk)
    form = {"remote": str(root), "local": str(there), "check": "1"}
    as_admin.post(f"/setup/{pk}/folders", form)
    assert "✓ Seen" in looked(as_admin, pk)
    assert PathMapping.objects.get().local_prefix == str(there)
    wrong = as_admin.post(f"/setup/{pk}/folders", {"remote": str(root), "local": "here"}, follow=True)
    assert "begins with /" in wrong.content.decode()
    assert PathMapping.objects.get().local_prefix == str(there)


def test_what_a_worker_saw_a_moment_ago_is_shown_again_until_folders_lie_elsewhere(tagged, as_admin):
    from connections.models import Connection
    from jobs.models import Job
    from library.models import PathMapping
    from scanner.root_asking import asked

    connect(as_admin, tagged)
    found = Connection.objects.get()
    looked(as_admin, found.pk)
    first = Job.objects.get(name="check_roots")

    assert asked(found) == first
    again = asked(found, anew=True)
    assert asked(found) == again != first
    PathMapping.objects.create(connection=found, remote_prefix="/tv", local_prefix="/elsewhere")
    assert asked(found) not in (first, again)
    old = Job.objects.latest("pk")
    Job.objects.filter(pk=old.pk).update(state="completed", finished_at=timezone.now() - timedelta(hours=1))
    assert asked(found) != old


def test_a_question_that_no_worker_takes_up_or_that_fails_says_so(tagged, as_admin):
    from connections.models import Connection
    from jobs.models import Job

    connect(as_admin, tagged)
    pk = Connection.objects.get().pk
    Job.objects.filter(name="check_roots").update(created_at=timezone.now() - timedelta(minutes=1))
    assert "No worker has taken this up yet" in as_admin.get(f"/setup/{pk}/roots").content.decode()
    Job.objects.filter(name="check_roots").update(
        state="failed", finished_at=timezone.now(), error=Phrase("root.silent", folder="/tv")
    )
    assert 'class="message error"' in as_admin.get(f"/setup/{pk}/roots").content.decode()


def test_a_radarr_without_a_name_is_not_called_sonarr(two_movies, as_admin):
    from connections.models import Connection

    form = {"kind": "radarr", "url": two_movies.url, "api_key": two_movies.api_key, "languages": "English"}
    as_admin.post("/setup/instance", form)

    assert Connection.objects.get().name == "Radarr"


@pytest.mark.parametrize("languages", ["Elvish", " , "])
def test_a_language_that_is_none_is_told_and_no_dry_run_is_started(languages, tagged, as_admin):
    from connections.models import Connection
    from jobs.models import Job

    connect(as_admin, tagged)
    pk = Connection.objects.get().pk
    text = as_admin.post(f"/setup/{pk}/languages", {"languages": languages}).content.decode()

    assert 'class="small error"' in text
    assert not Job.objects.filter(name="scan").exists()


def test_an_app_that_does_not_answer_is_not_saved(as_admin):
    from connections.models import Connection
    from scanner.models import Policy

    form = {"kind": "sonarr", "name": "Sonarr", "url": "http://127.0.0.1:1", "api_key": "k" * 32}
    assert as_admin.post("/setup/instance", form).status_code == 200
    assert not Policy.objects.exists()
    assert not Connection.objects.exists()


def test_a_disabled_instance_has_no_dry_run(rows, as_admin):
    rows.sonarr.enabled = False
    rows.sonarr.save()

    answer = as_admin.post(f"/setup/{rows.sonarr.pk}/dry-run", follow=True)

    assert "is disabled" in answer.content.decode()


def test_signing_in_and_out(viewer, rows):
    client = Client()
    wrong = client.post("/login", {"login": "vera", "password": "guess"})
    right = client.post("/login", {"login": "vera", "password": "correct horse", "next": "/wanted"})

    assert "The username or the password is wrong." in wrong.content.decode()
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
