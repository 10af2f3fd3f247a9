"""What a person does in a player between our look and our write stays there."""

from __future__ import annotations

import pytest

from demo.players.process import StandIn
from players.clients.contract import STUDIO, SUMMARY, Edit, EditedError, Form, Part
from players.clients.jellyfin import EmbyClient, JellyfinClient
from players.clients.kodi import KodiClient
from tests.players.clients.conftest import DEVICE, labelled, seen


def labels(plex: StandIn, title: str) -> list[str]:
    return plex.state().titled(title).lists.get("label", [])


def set_at(plex: StandIn, title: str, moment: str = "PUT", **values: object) -> None:
    """Have a person edit an item just before the next call of this kind is carried out."""
    path = {"PUT": "/all$", "GET": "/metadata/"}[moment]
    args = {"id": plex.state().titled(title).id, **values}
    plex.fault("change", path, method=moment, op="edit", args=args)


def test_a_label_set_while_others_are_written_stays(plex_client, plex, monkeypatch):
    """Each is looked at again right before it is written, together with all that are left."""
    monkeypatch.setattr("players.clients.plex_edits.FRESH", -1)
    edits = [labelled(plex_client, title, "Dub") for title in ("Lantern", "Comet")]
    set_at(plex, "Comet", "GET", label=["Theirs"])
    assert plex_client.write(edits).failed == {}
    assert labels(plex, "Lantern") == ["Kids", "Dub"]
    assert labels(plex, "Comet") == ["Theirs", "Dub"]


@pytest.mark.parametrize("tag_edits", ["replace", "add"])
def test_a_label_is_taken_off_without_a_word_of_the_others(plex_client, plex, tag_edits):
    plex.change("quirks", tag_edits=tag_edits)
    removed = Edit(seen(plex_client, "Lantern"), remove={Form.LABEL: ("Kids",)})
    set_at(plex, "Lantern", label=["Kids", "Theirs"])
    assert plex_client.write([removed]).failed == {}
    assert labels(plex, "Lantern") == ["Theirs"]


@pytest.mark.parametrize(("tag_edits", "joins"), [("replace", False), ("add", True)])
def test_what_plex_does_with_labels_is_learnt_where_only_ours_stand(plex_client, plex, tag_edits, joins):
    plex.change("quirks", tag_edits=tag_edits)
    learnt: list[bool | None] = []
    plex_client.learnt = learnt.append
    assert plex_client.write([labelled(plex_client, "Comet", "Dub")]).failed == {}
    assert learnt == []
    edits = [
        Edit(seen(plex_client, title), add={Form.LABEL: ("Original",)}, remove={Form.LABEL: ("Dub",)})
        for title in ("Lantern", "Comet")
    ]
    plex.clear_journal()
    assert plex_client.write(edits).failed == {}
    assert learnt == [joins]
    assert (labels(plex, "Lantern"), labels(plex, "Comet")) == (["Kids", "Original"], ["Original"])
    # Where they take the place of others nothing is left to be taken off.
    assert len(plex.journal()) == (5 if joins else 3)


def test_a_label_of_somebody_else_teaches_nothing_of_plex(plex_client, plex):
    """Set right after ours took the place of all others: as if these had been joined."""
    learnt: list[bool | None] = []
    plex_client.learnt = learnt.append
    plex_client.write([labelled(plex_client, "Comet", "Dub")])
    edit = Edit(seen(plex_client, "Comet"), add={Form.LABEL: ("Original",)}, remove={Form.LABEL: ("Dub",)})
    set_at(plex, "Comet", "GET", label=["Original", "Theirs"])
    assert plex_client.write([edit]).failed == {}
    assert learnt == []
    assert labels(plex, "Comet") == ["Original", "Theirs"]


def test_where_labels_join_one_that_is_set_at_the_same_moment_stays(plex_client, plex):
    plex.change("quirks", tag_edits="add")
    plex_client.joins = True
    edits = [labelled(plex_client, title, "Dub") for title in ("Lantern", "Comet")]
    set_at(plex, "Lantern", label=["Theirs"])
    plex.clear_journal()
    assert plex_client.write(edits).failed == {}
    # What others have makes no call of its own either.
    assert [entry["method"] for entry in plex.journal()] == ["PUT", "GET"]
    # One that was taken off at that moment is not set again.
    assert labels(plex, "Lantern") == ["Theirs", "Dub"]


def test_a_plex_that_takes_labels_away_after_all_gets_them_back(plex_client, plex):
    learnt: list[bool | None] = []
    plex_client.joins, plex_client.learnt = True, learnt.append
    edits = [labelled(plex_client, title, "Dub") for title in ("Lantern", "Comet")]
    assert plex_client.write(edits).failed == {}
    assert sorted(labels(plex, "Lantern")) == ["Dub", "Kids"]
    assert labels(plex, "Comet") == ["Dub"]
    assert learnt == [None]


def test_a_field_edited_while_others_are_written_is_left(plex_client, plex, monkeypatch):
    monkeypatch.setattr("players.clients.plex_edits.FRESH", -1)
    edits = [
        Edit(seen(plex_client, title), fields={STUDIO: f"S {title}", SUMMARY: "Ours"})
        for title in ("Lantern", "Comet")
    ]
    set_at(plex, "Comet", "GET", summary="By hand")
    failed = plex_client.write(edits).failed
    assert {(part.id, type(error)) for part, error in failed.items()} == {(edits[1].id, EditedError)}
    assert "Somebody changed “Summary” in Plex just now" in str(failed[Part(edits[1].id, SUMMARY)])
    assert plex.state().titled("Comet").texts["summary"] == "By hand"
    assert plex.state().titled("Lantern").texts["summary"] == "Ours"


def test_a_field_edited_right_after_it_was_written_is_not_taken_for_a_spelling(
    plex_client, plex, monkeypatch
):
    """What was written is looked at again together with what is still to be written."""
    monkeypatch.setattr("players.clients.plex_edits.FRESH", -1)
    edits = [Edit(seen(plex_client, title), fields={SUMMARY: "Ours"}) for title in ("Lantern", "Comet")]
    edits[1] = Edit(edits[1].seen, fields={SUMMARY: "Ours too"})
    id = plex.state().titled("Lantern").id
    plex.fault("change", "/all$", method="PUT", skip=1, op="edit", args={"id": id, "summary": "By hand"})
    written = plex_client.write(edits)
    assert written.failed == {}
    assert written.present[str(id)].fields[SUMMARY] == "Ours"
    assert plex.state().titled("Lantern").texts["summary"] == "By hand"


@pytest.mark.parametrize("kind", ["jellyfin", "emby", "kodi"])
def test_each_player_is_looked_at_right_before_it_is_written(kind, request):
    player = request.getfixturevalue(kind)
    client: JellyfinClient | KodiClient
    if kind == "kodi":
        client = KodiClient(player.url, player.api_key)
    else:
        made = JellyfinClient if kind == "jellyfin" else EmbyClient
        client = made(player.url, player.api_key, device=DEVICE)
    edits = [
        Edit(seen(client, "Lantern"), fields={SUMMARY: "Ours"}),
        labelled(client, "Comet", "Dub", form=Form.TAG),
    ]
    player.change("edit", id=player.state().titled("Lantern").id, summary="By hand")
    player.change("edit", id=player.state().titled("Comet").id, label=["Theirs"])
    failed = client.write(edits).failed
    assert [type(error) for error in failed.values()] == [EditedError]
    assert player.state().titled("Lantern").texts["summary"] == "By hand"
    assert labels(player, "Comet") == ["Theirs", "Dub"]
