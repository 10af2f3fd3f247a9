"""Scenes of a Stash in a player: what goes there, what stays away, and what a Stash that is away holds up."""

from __future__ import annotations

import pytest
from django.db.models import F

from connections import kinds, services
from connections.models import Breaker, Connection
from core.errors import ApiPermanentError, FieldError, Later
from demo.players.process import StandIn, StashStandIn
from jobs.models import JobState
from players.clients.contract import PERFORMERS, STUDIO, SUMMARY, TAGS, TITLE
from players.clients.stash import StashClient
from players.models import Cause, Link, LinkState, Route, Subject
from players.rules.difference import Mode

from ..conftest import add_movie
from .conftest import follow, items, queries, scenes, send

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> dict[str, str]:
    return dict(Link.objects.order_by("subject__key").values_list("subject__title", "state"))


def anew(source: Connection) -> Connection:
    return Connection.objects.get(pk=source.pk)


def id_of(stash: StashStandIn, number: int) -> int:
    path = f"/clips/clip_{number:04}.mp4"
    return next(row.id for row in stash.state().scenes.values() if row.files[0].path == path)


def change(stash: StashStandIn, number: int, **given: object) -> None:
    """A person edits the scene of one file."""
    stash.change("update_scene", id=id_of(stash, number), **given)


def test_a_scene_is_shown_with_all_that_is_known_of_it(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    state = scenes(0)
    state.add_scene(
        "/clips/clip_0001.mp4",
        title="Reef",
        details="Under\r\nwater.",
        date="2024-05-06",
        studio="Blue",
        tags=("Sea", "sea", "Boat"),
        performers=("Ada", "Bo"),
        director="Eve",
        organized=True,
    )
    stash.load(state)
    follow(source)
    assert send(player).summary["in_sync"] == 1
    item = items(plex)["clip_0001"]
    assert (item.title, item.texts["summary"], item.texts["studio"]) == ("Reef", "Under\nwater.", "Blue")
    assert item.texts["originallyAvailableAt"] == "2024-05-06"
    assert item.lists["genre"] == ["Boat", "Sea"]
    assert (item.lists["actor"], item.lists["director"]) == (["Ada", "Bo"], ["Eve"])
    assert Subject.objects.get().title == "Reef"


def test_what_was_sent_is_not_written_again(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    assert send(player).summary["written"] == 6  # three titles, three summaries
    Link.objects.update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
    assert send(player).summary["written"] == 0
    follow(source)
    assert not Link.objects.filter(due_at__isnull=False).exists()


def test_the_first_sync_takes_two_calls_of_stash_for_a_hundred_scenes(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    stash.load(scenes(100))
    stash.clear_journal()
    follow(source)
    send(player)
    # The list, and all of them: the first batch, by which the player is measured, is a part of these.
    assert queries(stash) == 2


@pytest.mark.parametrize(
    ("mode", "after_edit"),
    [(Mode.OFF, "clip 0001"), (Mode.FILL, "By hand"), (Mode.KEEP, "By hand"), (Mode.OVERWRITE, "Newer")],
)
def test_what_a_person_edits_is_treated_as_the_route_says(
    mode: Mode, after_edit: str, stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    Route.objects.update(fields={TITLE: mode})
    send(player)
    item = items(plex)["clip_0001"]
    assert item.title == ("clip 0001" if mode is Mode.OFF else "Scene 1")
    if mode is not Mode.OFF:
        plex.change("edit", id=item.id, title="By hand")
    change(stash, 1, title="Newer")
    follow(source)
    send(player)
    assert items(plex)["clip_0001"].title == after_edit


def test_a_field_that_is_emptied_is_cleared_only_where_the_route_says_so(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    state = scenes(2, performers=("Ada",), studio="Blue", tags=("Sea",))
    stash.load(state)
    follow(source)
    send(player)
    for number in (1, 2):
        change(stash, number, performer_ids=[], studio_id=None, tag_ids=[])
    follow(source)
    send(player)
    item = items(plex)["clip_0001"]
    assert (item.lists.get("actor"), item.lists.get("genre")) == ([], [])
    assert item.texts["studio"] == "Blue"


def test_a_scene_that_is_deleted_takes_what_is_ours_with_it(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    stash.load(scenes(6, tags=("Sea",)))
    follow(source)
    Route.objects.update(clear=[SUMMARY, TITLE])
    send(player)
    stash.change("remove_scene", id=id_of(stash, 1))
    Subject.objects.filter(title="Scene 1").update(wanted=2)
    Link.objects.filter(subject__title="Scene 1").update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
    send(player)
    item = items(plex)["clip_0001"]
    assert (item.title, item.texts.get("summary"), item.lists["genre"]) == ("Scene 1", None, [])
    assert not Subject.objects.filter(title="Scene 1").exists()
    assert items(plex)["clip_0002"].lists["genre"] == ["Sea"]


def test_a_scene_that_is_in_no_player_and_gone_is_forgotten(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    stash.change("remove_scene", id=id_of(stash, 1))
    send(player)
    assert Subject.objects.count() == 2


def test_what_is_not_organized_waits_and_what_was_sent_stays(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    change(stash, 2, organized=False)
    follow(source)
    send(player)
    assert states() == {"Scene 1": "in_sync", "Scene 2": "excluded", "Scene 3": "in_sync"}
    change(stash, 1, organized=False, title="Half done")
    follow(source)
    send(player)
    assert items(plex)["clip_0001"].title == "Scene 1"
    change(stash, 1, organized=True)
    follow(source)
    send(player)
    assert items(plex)["clip_0001"].title == "Half done"
    assert items(plex)["clip_0002"].title == "clip 0002"


def test_a_scene_of_which_nothing_is_known_is_not_sent_until_something_is(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    change(stash, 1, details="", rating100=80)
    follow(source)
    send(player)
    assert states()["Scene 1"] == "excluded"
    change(stash, 1, details="Something.")
    follow(source)
    send(player)
    assert items(plex)["clip_0001"].texts["summary"] == "Something."
    change(stash, 1, details="")
    Route.objects.update(clear=[SUMMARY])
    follow(source)
    send(player)
    assert "summary" not in items(plex)["clip_0001"].texts


def test_filters_say_which_scenes_go_there(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    state = scenes(1, tags=("Sea",))
    state.add_scene("/clips/clip_0002.mp4", title="Scene 2", tags=("Sea", "Private"), organized=True)
    state.add_scene("/clips/clip_0003.mp4", title="Scene 3", tags=("Land",), organized=True)
    stash.load(state)
    services.edit(anew(source), connect=False, only_tags="sea, River", without_tags="private")
    follow(source)
    send(player)
    assert states() == {"Scene 1": "in_sync", "Scene 2": "excluded", "Scene 3": "excluded"}
    services.edit(anew(source), connect=False, only_tags="", only_folders="/clips")
    send(player)
    assert items(plex)["clip_0003"].lists["genre"] == ["Land"]
    services.edit(anew(source), connect=False, only_tags="land")
    send(player)
    assert [items(plex)[name].lists["genre"] for name in ("clip_0001", "clip_0003")] == [[], ["Land"]]


def test_folders_have_to_be_whole_paths(source: Connection):
    with pytest.raises(FieldError, match="clips is not a full path"):
        services.edit(source, connect=False, only_folders="/clips, clips")
    (beside,) = kinds.beside("stash")
    assert beside.read(Connection()) == beside.state(Connection()) == {}
    assert beside.state(source)["has_hook_token"] is False


def test_scenes_wait_while_the_rate_of_stash_allows_no_call(
    stash: StashStandIn, source: Connection, player: Connection, monkeypatch
):
    def full(*_: object, **__: object) -> None:
        raise Later(20)

    follow(source)
    monkeypatch.setattr(StashClient, "scenes", full)
    send(player)
    assert set(Link.objects.values_list("state", "tries")) == {("due", 0)}


def test_tags_are_added_to_those_of_others_or_replace_them(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    state = plex.state()
    for item in state.items.values():
        item.lists["genre"] = ["Kids"]
    plex.load(state)
    stash.load(scenes(3, tags=("Sea",)))
    follow(source)
    for mode, genres in ((Mode.OFF, ["Kids"]), (Mode.FILL, ["Kids"]), (Mode.KEEP, ["Kids", "Sea"])):
        Route.objects.update(fields={TAGS: mode})
        Link.objects.update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
        send(player)
        assert items(plex)["clip_0001"].lists["genre"] == genres
    Route.objects.update(fields={TAGS: Mode.OVERWRITE})
    player.player.brake_percent = 100
    player.player.save()
    Link.objects.update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
    send(player)
    assert items(plex)["clip_0001"].lists["genre"] == ["Sea"]


def test_a_stash_that_is_away_costs_no_try_and_holds_nothing_else_up(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection, movies: Connection
):
    state = plex.state()
    state.add_movie(1, "/data/movies/Movie 0001/Movie 0001.mkv", title="Movie 0001", year=2000)
    plex.load(state)
    add_movie(movies, 1)
    from players import sources

    sources.refresh_all()
    follow(source)
    stash.fault("drop", count=None)
    job = send(player)
    assert job.state == JobState.COMPLETED
    assert states()["Movie 0001 (2000)"] == "in_sync"
    waiting = Link.objects.filter(subject__source=source)
    assert set(waiting.values_list("state", "tries", "error")) == {("due", 0, "")}
    Connection.objects.filter(pk=source.pk).update(breaker=Breaker.OPEN)
    stash.clear_journal()
    send(player)
    assert queries(stash) == 0
    stash.clear_faults()
    Connection.objects.filter(pk=source.pk).update(breaker=Breaker.CLOSED)
    send(player)
    assert set(states().values()) == {"in_sync"}


@pytest.mark.parametrize("kind", ["401", "errors"])
def test_scenes_wait_for_a_stash_that_refuses_or_is_busy(
    kind: str, stash: StashStandIn, source: Connection, player: Connection
):
    follow(source)
    if kind == "401":
        source.keep_secrets({"api_key": "wrong"})
        source.save()
    else:
        stash.fault("errors", "/graphql", count=None)
    send(player)
    assert set(states().values()) == {"due"}


def test_one_scene_that_cannot_be_read_hides_no_other(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection, monkeypatch
):
    follow(source)
    culprit = str(id_of(stash, 2))
    whole = StashClient.scenes

    def read(self: StashClient, ids):
        if culprit in ids:
            raise ApiPermanentError("player.said", app="Stash", said="no")
        return whole(self, ids)

    monkeypatch.setattr(StashClient, "scenes", read)
    send(player)
    link = Link.objects.get(state=LinkState.FAILED)
    assert (link.subject.key, link.cause) == (f"scene:{culprit}", Cause.BAD_SOURCE)
    assert sorted(states().values()) == ["failed", "in_sync", "in_sync"]


def test_titles_of_a_thousand_letters_and_odd_signs_are_written_once(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    names = tuple(f"Person {number:03}" for number in range(70))
    state = scenes(0)
    state.add_scene(
        "/clips/clip_0001.mp4",
        title="\u202bשלם\u202c e\u0301\x00 " + "x" * 999,
        details="z" * 19_000,
        performers=names,
        tags=("\u0000", "ok"),
        organized=True,
    )
    stash.load(state)
    follow(source)
    send(player)
    item = items(plex)["clip_0001"]
    assert len(item.title) == 255
    assert item.title.startswith("\u202bשלם\u202c é xx")
    assert len(item.texts["summary"]) == 10_000
    assert item.lists["actor"] == list(names[:50])
    assert item.lists["genre"] == ["Ok"]
    Link.objects.update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
    assert send(player).summary["written"] == 0


def test_unused_fields_are_off(source: Connection, player: Connection):
    follow(source)
    modes = Route.objects.get(source=source).fields
    assert (modes[STUDIO], modes[PERFORMERS], modes["tagline"]) == (Mode.KEEP, Mode.KEEP, Mode.OFF)


def test_what_was_read_a_moment_ago_is_not_asked_for_again_unless_it_changed(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    send(player)
    stash.clear_journal()
    for wanted, calls in ((0, 0), (1, 1)):
        Subject.objects.update(wanted=F("wanted") + wanted)
        Link.objects.update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
        send(player)
        assert queries(stash) == calls
    Subject.objects.update(read_at="2020-01-01T00:00Z")
    Link.objects.update(state=LinkState.DUE, due_at="2020-01-01T00:00Z")
    send(player)
    assert queries(stash) == 2


def test_what_a_person_edits_while_a_batch_is_written_is_held(
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("players.clients.plex_edits.FRESH", -1)
    follow(source)
    send(player)
    for number in (1, 2, 3):
        change(stash, number, details=f"Newer {number}")
    follow(source)
    edited = {"id": items(plex)["clip_0003"].id, "summary": "By hand", "label": ["Theirs"]}
    plex.fault("change", "/all$", method="PUT", op="edit", args=edited)
    assert send(player).summary["edited"] == 0
    link = Link.objects.get(item_ids=[str(edited["id"])])
    assert (link.state, link.cause) == (LinkState.DUE, Cause.EDITED)
    assert send(player).summary["edited"] == 1
    link.refresh_from_db()
    assert (link.state, link.cause, link.conflict) == (LinkState.IN_SYNC, Cause.EDITED, True)
    assert [items(plex)[f"clip_000{number}"].texts["summary"] for number in (1, 2, 3)] == [
        *("Newer 1", "Newer 2", "By hand")
    ]
    assert "Theirs" in items(plex)["clip_0003"].lists["label"]
