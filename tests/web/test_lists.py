"""What people keep of lists: views with a name, the one that opens, and columns."""

from __future__ import annotations

import re

import pytest

from core.errors import FieldError


def kept(user):
    from web.models import SavedView

    return {one.name: one.query for one in SavedView.objects.filter(owner=user)}


def heads(client):
    text = client.get("/library?view=table").content.decode().partition("<thead>")[2].partition("</thead>")[0]
    return [re.sub(r"<.*?>", "", head).strip() for head in re.findall(r'<th scope="col".*?</th>', text)]


def shown(text):
    return [int(pk) for pk in re.findall(r'<th scope="row"><a href="/media/(\d+)"', text)]


def test_a_view_is_kept_without_where_one_was_and_shown_as_a_link(rows, as_viewer, viewer):
    query = "verdict=dub&q=&sort=-year&at=end&view=table"
    answer = as_viewer.post("/lists/library/views", {"name": " New  dubs ", "query": query})

    assert kept(viewer) == {"New dubs": "sort=-year&verdict=dub&view=table"}
    shown = as_viewer.get(answer["Location"]).content.decode()
    assert 'href="?sort=-year&amp;verdict=dub&amp;view=table" aria-current="true">New dubs' in shown


def test_the_list_opens_with_the_default_and_every_address_with_filters_without(rows, as_viewer, viewer):
    for name, query in (("First", "verdict=dub"), ("Second", "kind=radarr")):
        as_viewer.post("/lists/library/views", {"name": name, "query": query, "is_default": "on"})

    assert as_viewer.get("/library")["Location"] == "/library?kind=radarr"
    assert as_viewer.get("/library?all=1").status_code == 200
    as_viewer.post("/lists/library/views", {"name": "Second", "query": "kind=radarr"})
    assert as_viewer.get("/library").status_code == 200
    assert set(kept(viewer)) == {"First", "Second"}


def test_a_view_is_its_owners_alone(rows, as_viewer, as_admin, viewer):
    from web.models import SavedView

    as_viewer.post("/lists/library/views", {"name": "Mine", "query": "verdict=dub"})
    address = f"/lists/library/views/{SavedView.objects.get().pk}/delete"

    assert "Mine" not in as_admin.get("/library").content.decode()
    assert as_admin.post(address).status_code == 404
    assert as_viewer.post(address, {"query": "verdict=dub"})["Location"] == "/library?verdict=dub"
    assert not kept(viewer)


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        (" ", "", "view.no-name"),
        ("x" * 61, "", "view.long-name"),
        ("x", f"q={'x' * 2000}", "view.long-query"),
    ],
)
def test_a_view_that_cannot_be_kept_says_why(name, query, code, admin):
    from web.lists import save_view

    with pytest.raises(FieldError) as refused:
        save_view(admin, "library", name, query)

    assert refused.value.phrase.code == code


def test_views_have_a_limit_and_the_reason_is_told(rows, as_viewer, viewer, monkeypatch):
    monkeypatch.setattr("web.lists.MOST_VIEWS", 1)
    for name in ("One", "Two"):
        told = as_viewer.post("/lists/library/views", {"name": name, "query": "verdict=dub"}, follow=True)

    assert "delete one first" in told.content.decode()
    assert set(kept(viewer)) == {"One"}


def test_columns_are_chosen_by_each_and_none_means_the_usual(rows, as_viewer, as_admin):
    usual = heads(as_viewer)
    as_viewer.post("/lists/library/columns", {"column": ["genres", "tags", "files", "original", "x"]})

    assert heads(as_viewer) == ["Title", "Original language", "Tags", "Genres", "Files"]
    assert heads(as_admin) == usual == ["Title", "Verdict", "Languages", "Instance", "Year", "Scanned"]
    as_viewer.post("/lists/library/columns", {"column": ["changed"]})
    assert heads(as_viewer) == ["Title", "Verdict changed"]
    as_viewer.post("/lists/library/columns")
    assert heads(as_viewer) == usual


def test_the_library_says_how_titles_stand_in_other_features_while_these_are_on(rows, as_viewer):
    from system import switches

    as_viewer.post("/lists/library/columns", {"column": ["players", "artwork"]})
    text = as_viewer.get("/library?view=table&players=waiting").content.decode()

    assert heads(as_viewer) == ["Title", "Players", "Artwork"]
    waiting = rows.movies[4]
    assert shown(text) == [waiting.pk]
    assert f'<td data-label="Players"><a href="/media/{waiting.pk}/players">Waiting</a></td>' in text
    assert 'aria-label="Remove filter: Waiting"' in text or ">Waiting<" in text.partition("<table")[0]
    artwork = as_viewer.get("/library?view=table&artwork=unpublished").content.decode()
    assert sorted(shown(artwork)) == sorted([rows.series[0].pk, rows.movies[0].pk])
    assert (
        f'<td data-label="Artwork"><a href="/media/{rows.movies[0].pk}/artwork">Not published yet</a>'
        in artwork
    )
    switches.switch("artwork", False)
    assert heads(as_viewer) == ["Title", "Players"]
    assert len(shown(as_viewer.get("/library?view=table&artwork=unpublished").content.decode())) == 10


def test_each_title_is_in_one_state_of_the_players_alone(rows, as_viewer):
    from players.pages.columns import COLUMN

    found = {
        state: {pk for (pk,) in COLUMN.media_in(state).values_list("subject__media_id")}
        for state in COLUMN.states
    }
    cells = COLUMN.cells([movie.pk for movie in rows.movies])

    assert sorted(pk for ids in found.values() for pk in ids) == sorted(movie.pk for movie in rows.movies)
    assert {pk: str(line.text) for pk, line in cells.items()} == {
        pk: str(COLUMN.states[state]) for state, ids in found.items() for pk in ids
    }


def test_a_list_that_nobody_brings_is_refused(as_viewer, db):
    answer = as_viewer.post("/lists/nonsense/columns", {"column": "x"}, follow=True)

    assert answer.redirect_chain[0][0] == "/"
    assert "There is no list nonsense" in answer.content.decode()


def test_what_is_set_is_told_with_a_way_to_take_it_back(rows, as_viewer):
    text = as_viewer.get("/library?kind=radarr&q=Title&monitored=yes&view=table").content.decode()
    chips = text.partition('<ul class="chips set"')[2].partition("</ul>")[0]

    assert "“Title”" in chips
    assert 'href="?kind=radarr&amp;q=Title&amp;view=table">Monitored' in chips
    assert 'class="chips set"' not in as_viewer.get("/library?sort=-year").content.decode()
    assert 'href="?all=1"' in as_viewer.get("/library?q=Title").content.decode()
