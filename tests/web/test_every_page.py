"""What holds of every page: who may open it, how many queries it takes, and what it may load."""

from __future__ import annotations

import re

import pytest
from django.core.cache import caches
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.query_counts import compare
from web.contract import every

from . import pages

pytestmark = pytest.mark.uncounted

MOST_QUERIES = 18
"""Beside the one that each kind of the inbox takes for the badge in the menu."""


def test_whoever_is_not_signed_in_is_sent_to_the_login(rows, admin):
    told = {}
    for name in set(pages.names()) - pages.PUBLIC:
        where = pages.address(name, rows, user=admin.pk)
        answer = Client().post(where) if name in pages.ACTIONS else Client().get(where)
        told[name] = answer.status_code, answer.get("Location", "").partition("=")[0]

    assert told == dict.fromkeys(told, (302, "/login?next"))


def test_a_viewer_cannot_open_settings(rows, as_viewer, viewer):
    told, right = {}, {}
    for name in pages.FOR_ADMINS:
        where = pages.address(name, rows, user=viewer.pk)
        told[name] = as_viewer.get(where).status_code, as_viewer.post(where).status_code
        right[name] = 403, 405 if name in pages.DOWNLOADS else 403

    assert told == right


def test_a_viewer_can_change_nothing(rows, as_viewer, viewer):
    told = {
        name: as_viewer.post(pages.address(name, rows, user=viewer.pk)).status_code
        for name in pages.ACTIONS - pages.PUBLIC - pages.OWN
    }

    assert told == dict.fromkeys(told, 403)


def test_what_changes_something_is_not_done_by_a_link(rows, as_admin, admin):
    told = {
        name: as_admin.get(pages.address(name, rows, user=admin.pk)).status_code for name in pages.ACTIONS
    }

    assert told == dict.fromkeys(told, 405)


def test_forms_of_other_sites_are_refused(rows, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    told = {name: client.post(pages.address(name, rows, user=admin.pk)).status_code for name in pages.ACTIONS}

    assert told == dict.fromkeys(told, 403)


def test_a_viewer_sees_no_form_that_would_be_refused(rows, as_viewer):
    for name in set(pages.shown()) - pages.FOR_ADMINS:
        text = as_viewer.get(pages.address(name, rows)).content.decode()

        posted = set(re.findall(r'<form method="post" action="([^"]+)"', text))
        # Their own matter: what they chose of a list, and how they stand to a work.
        posted = {one for one in posted if not (one.startswith("/lists/") or one.endswith("/mine"))}
        assert posted <= {"/logout", "/theme", "/language"}, name
        assert 'href="/settings' not in text, name


def test_every_page_takes_the_queries_of_the_table_and_loads_only_our_own_files(rows, as_admin, admin):
    counts = {}
    for name in pages.shown():
        if name == "instance_files":
            continue  # it asks the instance for files: see test_settings.py
        for kept in caches.all():
            kept.clear()
        with CaptureQueriesContext(database) as queries:
            answer = as_admin.get(pages.address(name, rows, user=admin.pk))

        assert answer.status_code == 200, name
        assert "no-store" in answer["Cache-Control"], name
        assert_loads_only_our_own(answer)
        counts[name] = len(queries)

    compare("pages", counts)
    del counts["health"], counts["home"]  # they run the checks
    assert max(counts.values()) <= MOST_QUERIES + len(every("inbox"))


@pytest.mark.parametrize("name", ["login", "setup"])
def test_pages_before_the_login_load_only_our_own_files(name, db):
    assert_loads_only_our_own(Client().get(f"/{name}", follow=True))


LED_TO = r"sonarr\.lan|radarr\.lan|plex\.lan|www\.themoviedb\.org|thetvdb\.com|fanart\.tv"
"""Where links lead: the programs of the household, and whose work is used."""


def assert_loads_only_our_own(answer):
    policy, text = answer["Content-Security-Policy"], answer.content.decode()
    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self';" in f"{policy};"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", text)
    assert not re.search(rf'(src|href)="(https?:)?//(?!{LED_TO})', text)


def test_a_part_that_is_asked_for_after_the_session_ended_sends_the_whole_page_to_the_login(rows):
    answer = Client().get(pages.address("activity_live", rows), headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login"


def test_queries_do_not_grow_with_the_library(rows, as_admin):
    from .rows import make_media

    counts: dict[str, list[int]] = {}
    for size in (0, 30):
        for number in range(size):
            make_media(rows.sonarr, 100 + number, "wrong-dub", seasons=3)
        caches["process"].clear()
        for name in ("home", "library", "media", "wanted_list", "history", "failed"):
            with CaptureQueriesContext(database) as queries:
                as_admin.get(pages.address(name, rows))
            counts.setdefault(name, []).append(len(queries))

    assert all(few == many for few, many in counts.values()), counts
