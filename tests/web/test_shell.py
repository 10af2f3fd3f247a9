"""The shell of the pages: what search finds for whom, and what is told of an act."""

from __future__ import annotations

import gzip
import re

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.test import Client, RequestFactory
from django.urls import reverse

from system import switches
from web.contract import fits, search_all
from web.parts import done


def found(user, text):
    return {str(one.text): one.link for _, rows in search_all(user, text) for one in rows}


def test_search_finds_titles_pages_settings_people_and_actions(rows, admin):
    title = rows.series[0]

    assert found(admin, title.title.upper())[title.title] == f"/media/{title.pk}"
    assert found(admin, "back")["Back up now"] == reverse("backup_make")
    assert found(admin, "api keys")["API keys"] == reverse("api_keys")
    assert found(admin, "LOG_LEVEL")["TAGGARR_LOG_LEVEL"].startswith("/settings/general#")
    assert found(admin, "ada")["ada"] == reverse("user", args=[admin.pk])
    assert found(admin, "scan sonarr now")["Scan Sonarr now"] == reverse(
        "instance_scan", args=[rows.sonarr.pk]
    )
    assert found(admin, "no such thing") == {}


def test_a_viewer_finds_nothing_that_would_be_refused(rows, admin, viewer):
    title = rows.series[0]
    everything = {link for text in ("a", "e", "o", "s") for link in found(viewer, text).values()}

    assert found(viewer, title.title)[title.title] == f"/media/{title.pk}"
    assert {link for link in everything if link.startswith("/settings") or link.endswith("/scan")} == set()
    assert found(viewer, "ada") == found(viewer, "back up") == {}


def test_a_search_takes_few_queries_however_much_it_finds(rows, admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        search_all(admin, "a")


def menu_of(client, address):
    """The entries of the menu of a page, and which of them is marked."""
    menu = client.get(address).text.partition('<ul class="menu">')[2].partition("</ul>")[0]
    entries = re.findall(r'<a href="([^"]+)"( aria-current="page")?>.*?<span>(.*?)</span>', menu)
    return [text for _, _, text in entries], [text for _, here, text in entries if here]


def tabs_of(client, address):
    """The addresses of the tabs of a page, and which of them is marked."""
    tabs = client.get(address).text.partition('<ul class="tabs">')[2].partition("</ul>")[0]
    found = re.findall('<a href="([^"]+)"( aria-current="page")?>', tabs)
    return [tab for tab, _ in found], [tab for tab, here in found if here]


def test_the_menu_has_eight_entries_and_search(rows, as_admin, as_viewer):
    first, last = ["Home", "Library", "Collection", "Search", "Inbox", "Wanted", "Activity"], ["System"]

    assert menu_of(as_admin, "/")[0] == [*first, "Settings", *last]
    assert menu_of(as_viewer, "/")[0] == [*first, *last]


def test_titles_artwork_and_players_are_tabs_of_the_library(rows, as_viewer):
    tabs = ["/library", "/artwork", "/players"]
    for address in tabs:
        assert tabs_of(as_viewer, address) == (tabs, [address])
    for address in (*tabs, f"/media/{rows.series[0].pk}", f"/players/{rows.player.pk}"):
        assert menu_of(as_viewer, address)[1] == ["Library"], address


def test_the_library_leads_to_the_first_of_its_tabs_that_is_switched_on(rows, as_viewer, viewer):
    switches.switch("artwork", False)
    assert "/artwork" not in as_viewer.get("/library").text
    assert found(viewer, "artwork") == {}

    switches.switch("scanner", False)
    assert '<a href="/players">' in as_viewer.get("/").text
    assert '<ul class="tabs">' not in as_viewer.get("/players").text

    switches.switch("players", False)
    assert menu_of(as_viewer, "/")[0] == [
        "Home",
        "Collection",
        "Search",
        "Inbox",
        "Wanted",
        "Activity",
        "System",
    ]


def test_what_lacks_something_stands_in_tabs_of_wanted(rows, as_viewer, viewer):
    tabs = ["/wanted", "/wanted/pictures", "/wanted/players", "/wanted/volumes"]
    for address in tabs:
        assert tabs_of(as_viewer, address) == (tabs, [address])
    for address in ("/wanted/wrong", "/wanted/attention"):
        assert tabs_of(as_viewer, address) == (tabs, ["/wanted"])
    for address in (*tabs, "/wanted/wrong", "/wanted/attention"):
        assert menu_of(as_viewer, address)[1] == ["Wanted"], address
    assert found(viewer, "wanted volumes") == {"Volumes": "/wanted/volumes"}
    assert as_viewer.get("/wanted/nothing").status_code == 404


def test_wanted_leads_to_the_first_of_its_tabs_that_is_switched_on(rows, as_viewer):
    switches.switch("scanner", False)
    assert tabs_of(as_viewer, "/wanted/pictures")[0] == [
        "/wanted/pictures",
        "/wanted/players",
        "/wanted/volumes",
    ]
    assert '<a href="/wanted/pictures"><' in as_viewer.get("/").text
    assert as_viewer.get("/wanted").status_code == 404

    switches.switch("artwork", False)
    switches.switch("catalogue", False)
    assert tabs_of(as_viewer, "/wanted/players") == ([], [])
    assert menu_of(as_viewer, "/wanted/players")[1] == ["Wanted"]

    switches.switch("players", False)
    assert "Wanted" not in menu_of(as_viewer, "/")[0]


def test_all_words_of_a_search_must_be_there_in_any_order():
    assert fits("now SCAN", "Scan Sonarr now")
    assert not fits("scan radarr", "Scan Sonarr now")


def told(user, undo):
    request = RequestFactory().get("/")
    request.user = user
    setattr(request, "_messages", CookieStorage(request))  # noqa: B010 - as the middleware does
    done(request, "Gone.", undo=undo)
    return render_to_string("web/toasts.html", {"messages": get_messages(request)}, request)


def test_what_was_done_can_be_taken_back_where_it_says_so(admin):
    assert 'action="/take/back"' in told(admin, "/take/back")
    assert "<form" not in told(admin, "")


def test_the_style_page_is_there_only_while_debugging(rows, as_admin, monkeypatch):
    assert as_admin.get("/system/style").status_code == 404
    monkeypatch.setattr(settings, "DEBUG", True)
    assert as_admin.get("/system/style").status_code == 200


def test_browsers_that_look_for_a_favicon_find_one(db):
    answer = Client().get("/favicon.ico")

    assert answer.status_code == 302
    assert finders.find(answer["Location"].removeprefix(settings.STATIC_URL))


def test_static_files_are_sent_compressed_and_are_not_sent_again(db):
    address = static("taggarr/app.css")
    plain, packed = Client().get(address), Client().get(address, headers={"Accept-Encoding": "gzip"})
    text = b"".join(plain)

    assert gzip.decompress(packed.content) == text
    assert len(packed.content) == int(packed["Content-Length"]) < len(text) / 2
    assert "Accept-Encoding" in plain["Vary"]
    again = Client().get(address, headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert again.status_code == 304
    part = Client().get(address, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part.status_code, b"".join(part)) == (206, text[:10])
