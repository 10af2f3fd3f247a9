"""The collection as a wall and a table, the page of a work, and what home and search tell of them."""

from __future__ import annotations

import re

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from catalogue.models import Change, Copy, Library, Progress, SourceLink, Visibility, Work
from catalogue.pages import home
from tests.catalogue.build import add_user, add_work
from tests.catalogue.shelf import add_edition, make_shelf
from web.contract import search_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "no_worker_is_asked")]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    caches["process"].clear()


@pytest.fixture
def shelf(ute: User) -> dict[str, Work]:
    return make_shelf(ute)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(ute: User) -> Client:
    return browser_of(ute)


def text_of(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, headers=more)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", answer.content.decode())


def titles(text: str) -> list[str]:
    return re.findall(r'<a href="/collection/works/\d+">([^<]*)</a>', text)


def test_the_wall_shows_what_is_here_and_who_made_it(client: Client, shelf: dict[str, Work]):
    text = text_of(client, "/collection")
    assert titles(text) == ["Alien", "Amélie", "Dune", "Dune Messiah", "Firefly", "Halo", "Serenity"]
    assert '<span class="muted" id="total">7</span>' in text
    assert "Ridley Scott</span>" in text
    assert '<span class="tag">DVD</span>' in text
    assert "2 copies" in text
    for kind in ("Movies 3", "Series 1", "Books 2", "Games 1"):
        assert kind in text
    assert '<option value="SF">SF (2)</option>' in text


def test_the_table_has_the_columns_that_somebody_chose(client: Client, ute: User, shelf: dict[str, Work]):
    client.post("/lists/collection/columns", {"column": ["kind", "series", "mine", "rating", "place"]})
    text = text_of(client, "/collection?view=table&q=series:dune")
    cells = [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", text)]
    assert cells[:6] == ["Title", "Kind", "In the series", "Place", "Your rating", "Rating"]
    assert cells[6:12] == ["Dune", "Book", "Dune 1", "Shelf 2", "9", ""]
    everything = {"column": ["by", "year", "format", "copies", "state", "added"]}
    client.post("/lists/collection/columns", everything)
    text = text_of(client, "/collection?view=table&kind=movie&q=alien")
    assert "Ridley Scott" in text
    # The list stays as somebody last looked at it.
    assert "<thead>" in text_of(client, "/collection?all=1")


ORDER = {
    "title": ["Alien", "Amélie", "Dune"],
    "-title": ["Serenity", "Halo", "Firefly"],
    "year": ["Dune", "Dune Messiah", "Alien"],
    "-year": ["Serenity", "Firefly", "Amélie"],
    "-added": ["Halo", "Serenity", "Firefly"],
    "-rating": ["Firefly", "Alien", "Amélie"],
    "-mine": ["Dune", "Alien", "Amélie"],
}


def test_it_is_sorted_as_asked(client: Client, shelf: dict[str, Work]):
    assert {sort: titles(text_of(client, f"/collection?sort={sort}"))[:3] for sort in ORDER} == ORDER


def test_pages_follow_each_other_and_letters_lead_into_them(client: Client, ute: User):
    for number in range(130):
        add_work(f"Work {number:03}", sort_title=f"work {number:03}")
    add_work("Zen", sort_title="zen")
    for sort in ("title", "-mine"):
        address, seen = f"/collection?sort={sort}", []
        while address:
            text = text_of(client, address)
            seen.append(titles(text))
            following = re.search(r'rel="next" href="([^"]*)"', text)
            address = "/collection" + following[1].replace("&amp;", "&") if following else ""
        assert [len(page) for page in seen] == [60, 60, 11]
        assert (seen[0][0], seen[-1][-1]) == ("Work 000", "Zen")
        assert len({title for page in seen for title in page}) == 131
    assert titles(text_of(client, "/collection?at=letter.z")) == ["Zen"]


def test_a_number_opens_what_it_is_on_unless_somebody_still_types(client: Client, shelf: dict[str, Work]):
    where = f"/collection/works/{shelf['Dune'].pk}"
    assert client.get("/collection?q=978-0-441-01359-3")["Location"] == where
    typing = {"HX-Request": "true"}
    assert titles(text_of(client, "/collection?q=9780441013593", **typing)) == ["Dune"]


def test_what_cannot_be_read_or_is_not_there_is_told(client: Client, shelf: dict[str, Work]):
    text = text_of(client, "/collection?q=dune+year:soon")
    assert "soon is not a number: write year:1990, or a range with two dots." in text
    assert titles(text) == ["Dune", "Dune Messiah"]
    text = text_of(client, "/collection?q=mesiah")
    assert "Nothing is called “mesiah”. This comes close:" in text
    assert titles(text) == ["Dune Messiah"]
    text = text_of(client, "/collection?q=qqqqqq&genre=Horror")
    assert "Nothing fits this." in text
    # What is set can be taken back, also where nothing has it.
    assert '<option value="Horror" selected>' in text


def test_an_empty_collection_says_what_to_do(client: Client):
    assert "Import a list" in text_of(client, "/collection")
    vera = browser_of(add_user("vera", Role.VIEWER))
    text = text_of(vera, "/collection")
    assert "/collection/imports" not in text
    assert "Anyone who may add to the collection" in text


def test_one_opens_the_list_with_the_view_that_one_keeps(client: Client, shelf: dict[str, Work]):
    client.post("/lists/collection/views", {"name": "Films", "query": "kind=movie", "is_default": "on"})
    assert client.get("/collection")["Location"] == "/collection?kind=movie"


def test_a_works_page_tells_all_of_it(client: Client, ute: User, shelf: dict[str, Work]):
    dune = shelf["Dune"]
    Change.objects.create(work=dune, actor=ute, before={"year": 1964}, after={"year": 1965})
    SourceLink.objects.create(
        library=dune.library, user=ute, source="goodreads", known_as="1", digest="x", work=dune
    )
    text = text_of(client, f"/collection/works/{dune.pk}")
    for told in (
        "<h1>Dune",
        "?q=by%3A%22Frank+Herbert%22",
        "?genre=SF",
        "A desert and its worms.",
        "Hardcover",
        "Chilton",
        "412 pages",
        "<code>9780441013593</code>",
        "Shelf 2</a>",
        "Signed by Frank Herbert · 1980-05-01 · Tacoma",
        "Finished",
        "9 of 10",
        "Sand.",
        ">Dune Messiah</a>",
        "Goodreads",
        "<del>1964</del>",
    ):
        assert told in text, told
    text = text_of(client, f"/collection/works/{shelf['Alien'].pk}")
    for told in (
        ">2 ",
        "Lent to Anna",
        "4.50 EUR",
        "576p",
        "2 discs",
        "<code>tt0078748</code>",
        "dark",
        "wanted",
    ):
        assert told in text, told
    text = text_of(client, f"/collection/works/{shelf['Firefly'].pk}")
    for told in (">Serenity (2005)</a>", "An interview", "14 of 14", "No copy of it is yours."):
        assert told in text, told
    assert ">Firefly</a>" in text_of(client, f"/collection/works/{shelf['Serenity'].pk}")
    assert "Season 1" in text_of(client, f"/collection/works/{shelf['Firefly'].pk}")
    assert "?q=platform%3A%22Xbox%22" in text_of(client, f"/collection/works/{shelf['Halo'].pk}")


def test_parts_of_a_series_stand_in_their_order(client: Client):
    for position in ("10", "2", "1,5", "", "prequel"):
        add_work(f"Part {position}", series="Saga", position=position, sort_title=position)
    first = add_work("Part 1", series="Saga", position="1")
    text = text_of(client, f"/collection/works/{first.pk}")
    assert titles(text) == ["Part 1,5", "Part 2", "Part 10", "Part ", "Part prequel"]


def test_what_became_part_of_another_leads_there_and_what_is_hidden_is_not_there(client: Client, ute: User):
    kept = add_work("Dune")
    gone = add_work("Dune again", merged_into=kept)
    trashed = add_work("Trash", deleted_at=timezone.now())
    hers = Library.objects.create(name="Hers", visibility=Visibility.MEMBERS)
    hidden = add_work("Diary", library=hers)
    assert client.get(f"/collection/works/{gone.pk}")["Location"] == f"/collection/works/{kept.pk}"
    for work in (trashed, hidden):
        assert client.get(f"/collection/works/{work.pk}").status_code == 404


def test_what_is_anothers_alone_is_on_no_page(client: Client, ute: User, shelf: dict[str, Work]):
    halo = shelf["Halo"]
    Copy.objects.create(edition=add_edition(halo, format="Secret disc"), owner=ute, is_private=True)
    Progress.objects.filter(work=halo).update(review="Secret review")
    address = f"/collection/works/{halo.pk}"
    assert "Secret disc" in text_of(client, address)
    uwe = browser_of(add_user("uwe"))
    for page in (address, "/collection", "/collection?view=table"):
        assert "Secret" not in text_of(uwe, page), page


def test_home_and_search_tell_of_the_collection(client: Client, ute: User, shelf: dict[str, Work], rf):
    request = rf.get("/")
    request.user = ute
    card = home.collection_card(request)
    assert card["total"] == 7
    assert [(value, number) for value, _name, number in card["kinds"]] == [
        ("movie", 3),
        ("tv_series", 1),
        ("book", 2),
        ("game", 1),
    ]
    assert [row.work.title for row in card["newest"]] == ["Halo", "Serenity", "Firefly", "Amélie", "Alien"]
    found = [(str(one.text), str(one.about)) for _group, some in search_all(ute, "messiah") for one in some]
    assert found == [("Dune Messiah", "Book 1969")]
    assert "Import a list" in [str(one.text) for _group, some in search_all(ute, "import") for one in some]
    assert "Dune" in text_of(client, "/search?q=dune")
