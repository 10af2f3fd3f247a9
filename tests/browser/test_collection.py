"""The collection in a browser: from a file to a wall, by keys, without scripts, on a phone, and by axe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.test_accessible import BROKEN_WORDS, PHONE, SHIFTED, serious
from tests.browser.test_browser import run_jobs
from tests.catalogue.shelf import make_shelf

pytestmark = pytest.mark.e2e

FILMS = "title,media_type,year,director,format\n" + "".join(
    f"Film {number},movie,{1940 + number},Director {number % 9},DVD\n" for number in range(1, 83)
)
DOUBTS = "id,title,media_type\n" + "".join(f"{number},Film {number},movie\n" for number in range(1, 5))
SMALL = {**PHONE, "width": 375}
FOR_ADMINS = ("/settings/collection", "/settings/collection/libraries/add", "/settings/collection/fields/add")


def choose_file(page, text):
    page.get_by_label("File").set_input_files(
        files=[{"name": "films.csv", "mimeType": "text/csv", "buffer": text.encode()}]
    )


def test_from_the_start_page_to_82_films_in_ten_clicks(open_page, transactional_db):
    page = open_page("/", role="admin")
    clicks = []

    def click(role, name):
        page.get_by_role(role, name=name).first.click()
        clicks.append(name)

    click("link", "Settings")
    click("link", "Features")
    click("button", "Switch on Collection")
    click("link", "Collection")
    click("link", "Import a list")
    choose_file(page, FILMS)
    clicks.append("File")
    click("button", "Look at it")
    expect(page.get_by_role("heading", name="82 rows")).to_be_visible()
    click("button", "Import all 82 rows")
    expect(page.get_by_text("The file is being read…")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("82 rows of this list are in your collection.")).to_be_visible()
    click("link", "Show the collection")
    expect(page.get_by_role("heading", name="Collection 82")).to_be_visible()
    assert len(clicks) <= 10

    # What is typed is searched at once, and what stands around the list follows.
    search = page.get_by_role("main").get_by_role("searchbox")
    search.press_sequentially("81 director:0")
    expect(page.locator("#total")).to_have_text("1")
    expect(page.locator(".poster")).to_have_count(1)
    expect(page.locator("#kinds")).to_contain_text("Movies 1")
    expect(search).to_be_focused()
    page.reload()
    expect(page.locator(".poster")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Film 81 2021")).to_be_visible()


def test_doubts_are_decided_by_single_keys(open_page, transactional_db):
    from catalogue.models import ImportRow

    imported(FILMS)
    imported(DOUBTS)
    page = open_page("/collection/review", role="user", viewport=SMALL)
    expect(page.get_by_role("heading", name="Rows in doubt 4")).to_be_visible()
    for key, title in (("j", "Film 2"), ("k", "Film 1")):
        page.wait_for_load_state()
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.wait_for_load_state()
    for key, left in (("a", 3), ("1", 2), ("n", 1), ("s", 0)):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=f"Rows in doubt {left}")).to_be_visible()
        page.wait_for_load_state()
    told = ImportRow.objects.filter(of__name="doubts.csv").values_list("outcome", flat=True)
    assert sorted(told) == ["created", "skipped", "updated", "updated"]


def imported(text):
    """Have the user import a file, by the service that the page calls."""
    from accounts.models import Role, User
    from catalogue.imports import services
    from system import switches

    switches.switch("catalogue", True)
    user, _made = User.objects.get_or_create(username="user", defaults={"role": Role.USER})
    name = "films.csv" if text == FILMS else "doubts.csv"
    of = services.upload([text.encode()], user, name=name)
    services.start(of)
    run_jobs()
    return of


def test_a_book_comes_to_the_shelf_is_corrected_thrown_away_and_taken_back(open_page, transactional_db):
    from catalogue.models import Work

    imported(FILMS)
    page = open_page("/collection", role="user", viewport=SMALL)
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("Kind").select_option("Book")
    page.get_by_label("ISBN or barcode").fill("978-0-441-01359-4")
    page.get_by_role("button", name="Add", exact=True).click()
    told = page.get_by_text("978-0-441-01359-4 is not an ISBN, a barcode")
    expect(told).to_be_visible()
    page.get_by_label("ISBN or barcode").fill("978-0-441-01359-3")
    page.get_by_label("Title").fill("Dun")
    page.get_by_label("Place").fill("Attic")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Dun is in your collection.")).to_be_visible()
    expect(page.get_by_text("9780441013593")).to_be_visible()
    expect(page.get_by_role("link", name="Attic")).to_be_visible()

    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title", exact=True).fill("Dune")
    page.get_by_role("spinbutton", name="Year").fill("1965")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Dune 1965")).to_be_visible()

    page.get_by_role("button", name="To the trash…").click()
    page.get_by_role("dialog", name="Put Dune (1965) into the trash?").get_by_role("button").first.click()
    expect(page.get_by_text("Dune (1965) is in the trash.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Dune 1965")).to_be_visible()
    assert Work.objects.get(title="Dune").deleted_at is None


def test_without_scripts_a_list_is_imported_and_its_doubts_decided(open_page, transactional_db):
    imported(FILMS)
    page = open_page("/collection", role="user", java_script_enabled=False)
    page.get_by_role("link", name="Import a list").first.click()
    choose_file(page, DOUBTS)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Import all 4 rows").click()
    run_jobs()
    page.reload()
    page.get_by_role("link", name="Decide 4 doubts").click()
    waiting = page.get_by_role("heading", name="Rows in doubt")
    page.get_by_role("button", name="It is Film 1 (1941)").click()
    expect(waiting).to_have_text("Rows in doubt 3")
    page.get_by_role("button", name="It is new").click()
    expect(waiting).to_have_text("Rows in doubt 2")
    page.get_by_role("searchbox", name="Title, person or number").fill("film 7")
    page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="Film 7 (1947)").click()
    expect(waiting).to_have_text("Rows in doubt 1")
    page.goto("/collection?view=table")
    page.get_by_role("main").get_by_role("searchbox").fill("year:1941..1942")
    page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_every_page_of_the_collection_fits_and_reads_well(open_page, transactional_db):
    from accounts.models import User
    from catalogue import duplicates
    from catalogue.imports import services
    from catalogue.models import Copy, Import, Location
    from tests.catalogue.build import add_work

    imported(FILMS)
    imported(DOUBTS)
    user = User.objects.get(username="user")
    works = make_shelf(user)
    done, doubtful = Import.objects.order_by("pk").values_list("pk", flat=True)
    dvd = Copy.objects.get(edition__work=works["Alien"])
    works["Halo"].deleted_at = timezone.now()
    works["Halo"].save()
    add_work("Dune", year=1966, added_by=user)
    assert duplicates.look() == 1
    waits = services.upload([b"Name;Jahr\nDune;1965\n"], user, name="a list.csv").pk
    looked = services.upload([DOUBTS.replace("media_type", "mood").encode()], user, name="moods.csv").pk
    addresses = [
        "/collection?view=grid",
        "/collection?view=table",
        "/collection?q=dun+yaer:1990",
        "/collection?q=mesiah",
        "/collection?q=nothing&kind=book",
        *(f"/collection/works/{works[title].pk}" for title in ("Dune", "Alien", "Firefly")),
        "/collection/add?title=Dune",
        f"/collection/works/{works['Alien'].pk}/edit",
        f"/collection/editions/{dvd.edition_id}/edit",
        f"/collection/copies/{dvd.pk}/edit",
        "/collection/trash",
        "/collection/export",
        "/collection/insurance",
        "/collection/places",
        f"/collection/places/{Location.objects.get(name='Attic').pk}",
        f"/collection/editions/{works['Firefly'].editions.get().pk}/box?q=dune",
        "/collection/duplicates",
        "/collection/imports",
        *(f"/collection/imports/{pk}" for pk in (done, doubtful, waits, looked)),
        f"/collection/imports/{done}/undo",
        "/collection/review?q=dune",
        "/inbox",
        "/",
    ]
    wide, bad, broken = {}, {}, {}
    pages = {role: open_page("/", role=role, reduced_motion="reduce") for role in ("user", "admin")}
    for address in [*addresses, *FOR_ADMINS]:
        page = pages["admin" if address in FOR_ADMINS else "user"]
        for width, theme in ((1280, "light"), (SMALL["width"], "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.goto(address)
            if found := serious(page, theme):
                bad[address, theme] = found
            if (is_wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wide[address, width] = is_wide
            if words := page.evaluate(BROKEN_WORDS):
                broken[address, width] = words
            assert page.evaluate(SHIFTED) < 0.05, address
            if shots := os.environ.get("COLLECTION_SHOTS"):
                name = address.strip("/").replace("/", "-").replace("?", "-") or "home"
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
    assert (bad, wide, broken) == ({}, {}, {})


def test_on_a_phone_the_wall_begins_in_the_upper_half_and_a_button_says_how_to_search(
    open_page, transactional_db
):
    imported(FILMS)
    page = open_page("/collection?view=grid", role="user", viewport=PHONE, has_touch=True)
    assert page.locator(".poster").first.bounding_box()["y"] < PHONE["height"] / 2
    page.get_by_role("button", name="How to search").tap()
    expect(page.get_by_role("dialog", name="How to search")).to_contain_text("by:herbert")
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Table").tap()
    expect(page.get_by_role("table", name="Collection")).to_be_visible()


def test_a_series_gets_its_seasons_and_somebody_watches_one_on_a_phone(open_page, transactional_db):
    from accounts.models import User
    from catalogue.models import Season
    from tests.catalogue.build import add_work

    imported(FILMS)
    work = add_work("Firefly", kind="tv_series", added_by=User.objects.get(username="user"))
    page = open_page(f"/collection/works/{work.pk}", role="user", viewport=PHONE, reduced_motion="reduce")

    def is_in_order():
        assert [serious(page, theme) for theme in in_both_themes(page)] == [[], []]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.evaluate(BROKEN_WORDS) == []

    page.get_by_role("link", name="Add a season").click()
    is_in_order()
    page.get_by_label("Episodes that are here").fill("12")
    page.get_by_label("Episodes that it has").fill("14")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("12 of 14")).to_be_visible()
    page.get_by_role("link", name="Season 1", exact=True).click()
    page.get_by_label("Episodes that are here").fill("14")
    page.get_by_label("Its name").fill("The only one")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("14 of 14")).to_be_visible()
    is_in_order()
    season = page.locator("tr", has_text="The only one")
    season.get_by_role("combobox").select_option("completed")
    season.get_by_role("button").click()
    expect(season.get_by_role("combobox")).to_have_value("completed")
    assert Season.objects.get().progress.get().state == "completed"

    page.get_by_role("link", name="The only one").click()
    is_in_order()
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog", name="Remove season 1?").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nobody has said which seasons are here")).to_be_visible()
    assert not Season.objects.exists()


def in_both_themes(page):
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        yield theme
