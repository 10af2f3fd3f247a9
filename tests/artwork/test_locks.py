"""People and automation change a series in turn: what is locked, only people change."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from artwork import by_hand
from artwork.adopting import adopt
from artwork.choosing import publish_title
from artwork.discovery import discover
from artwork.fetching import Fetched
from artwork.models import ArtSettings, Candidate, Entity
from artwork.preparing import prepare
from artwork.publishing.journal import By, undo
from artwork.publishing.plan import PublicationError
from artwork.publishing.verifying import verify
from core.errors import ApiPermanentError, ConfigError, StorageError
from providers.contract import Episode, Kind, Picture, Season, Source, Title, Type
from storage.heads import PictureError
from tests.artwork.build import add_show
from tests.artwork.doors import a_picture

if TYPE_CHECKING:
    from connections.models import Connection
    from storage.models import Stored

COLOURS = ("navy", "teal", "maroon", "olive")
ARTS = {Type.POSTER: "poster", Type.FANART: "fanart", Type.CLEARLOGO: "clearlogo", Type.STILL: "thumb"}
FIELDS = ("title", "plot")
TEXTS = st.sampled_from(["A", "B", "C", ""])
NAMES = ("poster.jpg", "fanart.jpg", "clearlogo.jpg", "season01-poster.jpg", "season02-poster.jpg")
PARTS, PICKED = st.integers(0, 4), st.integers(0, 30)

TOLD = st.builds(
    lambda title, plot, season, episode: Title(
        Kind.SERIES,
        {Source.TVDB: "1"},
        title,
        plots={"en": plot},
        seasons=(Season(1, season, season), Season(2, season)),
        episodes=(Episode(1, 1, episode, plot), Episode(2, 1, episode), Episode(2, 2, plot)),
    ),
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
)
WHOSE = st.sampled_from([(None, None), (1, None), (2, None), (1, 1), (2, 2)])


def _picture(type: Type, colour: int, votes: int, whose: tuple[int | None, int | None]) -> Picture:
    season, episode = whose
    return Picture(
        Type.STILL if episode else type,
        f"https://pictures.example/{type}/{colour}",
        "",
        "en",
        vote=8.0,
        votes=votes,
        season=season,
        episode=episode,
    )


PICTURES = st.lists(
    st.builds(_picture, st.sampled_from(list(ARTS)), st.integers(0, 3), st.integers(0, 900), WHOSE),
    min_size=4,
    max_size=12,
)
FIRST = Title(
    Kind.SERIES,
    {},
    "Harbour",
    plots={"en": "A sea."},
    seasons=(Season(1, "One"), Season(2, "Two")),
    episodes=(Episode(1, 1, "One"), Episode(2, 1, "Two"), Episode(2, 2, "Three")),
)
OFFERED = [
    *(_picture(type, number, 9, (None, None)) for number, type in enumerate(list(ARTS)[:3])),
    *(_picture(Type.POSTER, 3, 9, whose) for whose in ((1, None), (2, None), (1, 1), (2, 2))),
]
SWAPPED = st.dictionaries(
    st.builds("{}/{}".format, st.sampled_from(list(ARTS)), st.integers(0, 3)), st.none() | st.integers(0, 3)
)
SETTINGS = st.fixed_dictionaries(
    {
        "adopt": st.sampled_from(["keep", "lock", "replace"]),
        "nfo": st.sampled_from(["off", "merge", "own"]),
        "prepare": st.booleans(),
        "publish": st.booleans(),
        "fall_back": st.booleans(),
        "languages": st.sampled_from([["en"], ["de", "none"]]),
        "rules": st.sampled_from([{}, {"poster": {"most": 0}}, {"fanart": {"most": 3}}]),
    }
)


class Household(RuleBasedStateMachine):
    """A series whose folder we and others write in, with providers that answer as they like."""

    connection: Connection
    providers: dict[str, Connection]
    root: Path
    pictures: dict[tuple[str, int], Stored]
    number = 0
    moved = 0
    """So often automation changed something, or all of this would prove nothing."""

    def __init__(self) -> None:
        from library.models import Media

        super().__init__()
        type(self).number += 1
        Media.objects.all().delete()
        self.folder = self.root / f"{self.number}" / "Harbour"
        self.title = add_show(self.connection, self.folder)
        self.videos = sorted(self.folder.rglob("*.mkv"))
        self.swapped: dict[str, int | None] = {}
        self.held: dict[Any, Any] = {}
        self.before: dict[Any, Any] = {}
        self.prepare({"tvdb": FIRST}, {"tvdb": OFFERED}, {}, asked=False)
        publish_title(self.title, By())
        self.held, self.before = self.locked(), self.all_of_it()

    # What there is, read without the code that guards it

    def entities(self) -> list[Entity]:
        self.title.refresh_from_db()
        parts = (
            Entity.objects.filter(title=self.title).select_related("connection").order_by("season", "kind")
        )
        return [self.title, *parts]

    def all_of_it(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for entity in self.entities():
            for place in ("", *map(str, entity.episodes)):
                told = entity.told.get(place, {})
                found |= {(entity.pk, place, name): told.get(name) for name in FIELDS}
            found |= {(entity.pk, art): [] for art in ARTS.values()}
        for one in Candidate.objects.filter(entity__in=self.entities(), rank__isnull=False).order_by("rank"):
            chosen = (one.rank, one.source, one.address, one.digest, one.chosen_by)
            found.setdefault((one.entity_id, one.art), []).append(chosen)
        return found

    def locked(self) -> dict[Any, Any]:
        locks = {entity.pk: set(entity.locks) for entity in self.entities()}
        whole = "*" in self.title.locks
        found = {}
        for key, value in self.all_of_it().items():
            pk, name = key[0], key[-1] if len(key) == 3 else f"art:{key[1]}"
            by_person = value and (
                value[-1] == "person" if len(key) == 3 else any(one[-1] == "user" for one in value)
            )
            if whole or {"*", name} & locks.get(pk, set()) or by_person:
                found[key] = value
        return found

    def candidate(self, number: int) -> Candidate | None:
        rows = list(
            Candidate.objects.filter(entity__in=self.entities()).select_related("entity").order_by("pk")
        )
        return rows[number % len(rows)] if rows else None

    # People

    @rule(
        act=st.sampled_from(["enter", "lock", "choose", "none", "reject"]),
        part=PARTS,
        picked=PICKED,
        field=st.sampled_from(FIELDS),
        text=TEXTS,
        locks=st.sets(st.sampled_from(["*", "art:poster", "art:fanart", "art:thumb", *FIELDS])),
    )
    def somebody_decides(
        self, act: str, part: int, picked: int, field: str, text: str, locks: set[str]
    ) -> None:
        entities = self.entities()
        entity = entities[part % len(entities)]
        one = self.candidate(picked)
        if act == "enter":
            by_hand.edit(entity, {field: text}, None)
        elif act == "lock":
            by_hand.set_locks(entity, locks & set(by_hand.may_be_locked(entity)), None)
        elif act == "none":
            by_hand.leave_out(entity, "thumb" if entity.kind == "episode" else "poster", None)
        elif act == "choose" and one is not None and one.digest and not one.refused:
            by_hand.choose(one, None)
        elif act == "reject" and one is not None:
            by_hand.reject(one, None, everywhere=bool(part % 2))
        self.held, self.before = self.locked(), self.all_of_it()

    # Automation, other programs, and what happens to files

    @rule(
        values=SETTINGS,
        told=st.dictionaries(st.sampled_from(["tvdb", "tmdb"]), TOLD),
        pictures=st.dictionaries(st.sampled_from(["tmdb", "tvdb", "fanart"]), PICTURES),
        swapped=SWAPPED,
        written=st.dictionaries(st.sampled_from(NAMES), st.sampled_from([*COLOURS, "a page", "gone"])),
        videos=st.sets(st.integers(0, 1)),
        order=st.permutations(["prepare", "change", "look", "verify", "publish", "undo"]),
        left_out=st.sets(st.integers(0, 5), max_size=3),
        number=PICKED,
    )
    def a_day_passes(self, order: list[str], left_out: set[int], **given: Any) -> None:
        ArtSettings.objects.update_or_create(connection=self.connection, defaults=given["values"])
        for act in (act for at, act in enumerate(order) if at not in left_out):
            match act:
                case "prepare":
                    self.prepare(given["told"], given["pictures"], given["swapped"], given["number"] % 2 == 0)
                case "change":
                    self.change_folder(given["written"], given["videos"])
                case "look":
                    self.look()
                case "verify":
                    self.may_fail(lambda: verify(self.title, By()))
                case "publish":
                    self.may_fail(lambda: publish_title(self.title, By()))
                case "undo":
                    self.undo(given["number"])

    def prepare(
        self,
        told: dict[str, Title],
        pictures: dict[str, list[Picture]],
        swapped: dict[str, int | None],
        asked: bool,
    ) -> None:
        """Ask providers that answer this, and have others beneath some of their addresses than before."""
        self.swapped = swapped
        offered = {name: tuple(dict.fromkeys(found)) for name, found in pictures.items()}
        answer = Fetched(dict(self.providers), told, offered, {"tvdb": "1"})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("artwork.preparing.fetch", lambda *_, **__: answer)
            patch.setattr("artwork.picking.fetch_picture", self.fetched)
            prepare(self.title, interactive=asked)

    def fetched(self, _: Connection, address: str, *, digest: str = "") -> Stored:
        type, _slash, colour = address.removeprefix("https://pictures.example/").partition("/")
        at = self.swapped.get(f"{type}/{colour}", int(colour))
        if at is None:
            raise PictureError("picture.no-picture")
        stored = self.pictures[ARTS[Type(type)], at]
        if digest and stored.digest != digest:
            raise ApiPermanentError("provider.other-picture", app="TMDB")
        return stored

    def change_folder(self, written: dict[str, str], videos: set[int]) -> None:
        """Other programs write and delete pictures, and take away videos or bring them back."""
        for name, what in written.items():
            path = self.folder / name
            if what == "gone":
                path.unlink(missing_ok=True)
            else:
                art = path.stem.rpartition("-")[2]
                path.write_bytes(b"<html>" if what == "a page" else a_picture(art, what))
        for number, video in enumerate(self.videos):
            if number in videos:
                video.unlink(missing_ok=True)
            elif not video.exists():
                video.write_bytes(b"another video")

    def look(self) -> None:
        assert self.title.media_id is not None
        discover(self.connection, [self.title.media_id])
        self.title.refresh_from_db()
        self.may_fail(lambda: adopt(self.title))

    def undo(self, number: int) -> None:
        done = list(self.title.publications.filter(state="done").order_by("pk"))
        if done:
            self.may_fail(lambda: undo(done[number % len(done)], By()))

    def may_fail(self, work: Any) -> None:
        try:
            work()
        except (PublicationError, StorageError, ConfigError):
            self.title.refresh_from_db()

    @invariant()
    def nothing_locked_has_changed(self) -> None:
        now = self.all_of_it()
        assert {key: now.get(key) for key in self.held} == self.held
        type(self).moved += now != self.before
        self.held, self.before = self.locked(), now


@pytest.fixture
def household(
    sonarr_connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> type[Household]:
    from connections.models import Connection
    from core import forcing
    from storage.keeping import keep_picture

    # No power is cut here.
    monkeypatch.setattr(forcing, "force", lambda descriptors: [None for _ in descriptors])

    Household.connection, Household.root, Household.moved = sonarr_connection, tmp_path, 0
    Household.providers = {
        kind: Connection.objects.create(name=kind, kind=kind, url="https://pictures.example")
        for kind in ("tmdb", "tvdb", "fanart")
    }
    Household.pictures = {
        (art, number): keep_picture([a_picture(art, colour)])
        for art, (number, colour) in itertools.product(ARTS.values(), enumerate(COLOURS))
    }
    return Household


@pytest.mark.django_db
def test_whatever_happens_by_itself_nothing_that_is_locked_changes(household: type[Household]):
    run_state_machine_as_test(
        household,
        settings=settings(
            max_examples=10,
            stateful_step_count=10,
            suppress_health_check=list(HealthCheck),
            deadline=None,
            phases=(Phase.generate,),
        ),
    )
    assert household.moved


@pytest.mark.django_db
def test_a_season_that_lists_the_poster_of_its_series_has_it(household: type[Household]):
    state = household()
    Candidate.objects.all().delete()
    both = [_picture(Type.POSTER, 2, 9, whose) for whose in ((None, None), (2, None))]
    state.prepare({"tvdb": FIRST}, {"tmdb": both}, {}, asked=False)
    rows = Candidate.objects.filter(art="poster", rank=0, entity__kind__in=("series", "season"))
    assert {(row.entity.season, row.digest) for row in rows} >= {
        (season, household.pictures["poster", 2].digest) for season in (None, 2)
    }
