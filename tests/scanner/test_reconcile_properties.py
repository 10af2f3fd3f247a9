"""What holds of every reconcile, whatever the library looks like and whatever fails on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from connections.models import Connection
from core.errors import ApiPermanentError, ApiTransientError
from library.clients import ArrClient
from library.models import Media, Tag
from scanner.models import ManagedLabel, Policy, ScanState, Verdict
from scanner.scan.reconcile import ReconcileResult, preview, reconcile
from tests.connections.build import make_connection
from tests.library.build import add_title

pytestmark = pytest.mark.uncounted

OURS = ["dub", "semi-dub", "wrong-dub"]
OLD = "english-dub"
FOREIGN = ["4k", "kids", "dubbed"]
LABELS = [*OURS, OLD, *FOREIGN]

verdicts = st.sampled_from([verdict.value for verdict in Verdict])
tag_sets = st.sets(st.sampled_from(LABELS), max_size=4)
libraries = st.lists(st.tuples(verdicts, tag_sets), min_size=1, max_size=6)


@dataclass
class App:
    """A Sonarr in memory that checks, after every write, what must hold at every moment."""

    carried: dict[int, set[str]]
    wanted: dict[int, str | None]
    ids: dict[str, int] = field(default_factory=lambda: {label: n for n, label in enumerate(LABELS, 1)})
    fail_at: set[int] = field(default_factory=set)
    invalid: set[int] = field(default_factory=set)
    calls: int = 0

    def __post_init__(self) -> None:
        self.start = {arr_id: set(tags) for arr_id, tags in self.carried.items()}

    def _call(self) -> None:
        self.calls += 1
        if self.calls in self.fail_at:
            raise ApiTransientError("busy", status=503)

    def tags(self) -> dict[int, str]:
        self._call()
        return {tag_id: label for label, tag_id in self.ids.items()}

    def create_tag(self, label: str) -> int:
        self._call()
        return self.ids.setdefault(label, len(self.ids) + 1)

    def media(self) -> list[Any]:
        return [SimpleNamespace(arr_id=arr_id) for arr_id in self.carried]

    def edit_tags(
        self, arr_ids: Sequence[int], tag_ids: Sequence[int], apply: str, *, patient: bool = False
    ) -> dict[int, list[int]]:
        self._call()
        if self.invalid & set(arr_ids):
            raise ApiPermanentError("invalid", status=400)
        names = {tag_id: label for label, tag_id in self.ids.items()}
        labels = {names[tag_id] for tag_id in tag_ids}
        for arr_id in arr_ids:
            if apply == "add":
                self.carried[arr_id] |= labels
            else:
                self.carried[arr_id] -= labels
            self._check(arr_id)
        return {arr_id: [self.ids[label] for label in self.carried[arr_id]] for arr_id in arr_ids}

    def _check(self, arr_id: int) -> None:
        ours = {*OURS, OLD}
        assert self.carried[arr_id] - ours == self.start[arr_id] - ours, "a foreign tag was touched"
        wanted = self.wanted[arr_id]
        if wanted and self.start[arr_id] & ours:
            assert self.carried[arr_id] & ours, "a title stands without its label"


def set_up(library: list[tuple[str, set[str]]], **faults: Any) -> tuple[Connection, App]:
    policy = Policy.objects.create(name="p", target_languages=["eng"])
    connection = make_connection(name="i", kind="sonarr", url="http://x", api_key="k", policy=policy)
    ManagedLabel.objects.bulk_create(
        ManagedLabel(connection=connection, label=label) for label in [*OURS, OLD]
    )
    wanted = {n: policy.labels.get(verdict) for n, (verdict, _) in enumerate(library, 1)}
    app = App({n: set(tags) for n, (_, tags) in enumerate(library, 1)}, wanted, **faults)
    Tag.objects.bulk_create(Tag(connection=connection, arr_id=i, label=label) for label, i in app.ids.items())
    for n, (verdict, tags) in enumerate(library, 1):
        add_title(
            connection,
            arr_id=n,
            title=str(n),
            path=f"/tv/{n}",
            verdict=verdict,
            tags=sorted(tags),
            dirty=True,
        )
    return connection, app


def run(connection: Connection, app: App) -> ReconcileResult:
    return reconcile(connection, cast("ArrClient", app))


def right(app: App, library: list[tuple[str, set[str]]], arr_id: int) -> set[str]:
    """The tags that a title should end with."""
    verdict, tags = library[arr_id - 1]
    if verdict == Verdict.UNKNOWN:
        return tags
    wanted = app.wanted[arr_id]
    return (tags - {*OURS, OLD}) | ({wanted} if wanted else set())


class Reconciling(TestCase):
    @settings(max_examples=25)
    @given(library=libraries)
    def test_one_run_makes_every_media_right_and_a_second_sends_nothing(self, library):
        connection, app = set_up(library)
        run(connection, app)
        assert {n: right(app, library, n) for n in app.carried} == app.carried
        assert not Media.objects.filter(scan_state__dirty=True).exists()
        calls = app.calls
        ScanState.objects.update(dirty=True)
        run(connection, app)
        assert app.calls == calls

    @settings(max_examples=25)
    @given(library=libraries, fail_at=st.sets(st.integers(1, 8), max_size=4))
    def test_a_run_cut_off_anywhere_is_healed_by_the_next(self, library, fail_at):
        connection, app = set_up(library, fail_at=fail_at)
        for _ in range(len(fail_at) + 1):
            try:
                run(connection, app)
            except ApiTransientError:
                continue
        assert {n: right(app, library, n) for n in app.carried} == app.carried
        assert not Media.objects.filter(scan_state__dirty=True).exists()

    @settings(max_examples=25)
    @given(library=libraries, invalid=st.sets(st.integers(1, 6), max_size=2))
    def test_media_that_the_app_refuses_keep_nobody_else_from_being_right(self, library, invalid):
        connection, app = set_up(library, invalid=invalid)
        result = run(connection, app)
        for arr_id, tags in app.carried.items():
            assert tags == (app.start[arr_id] if arr_id in invalid else right(app, library, arr_id))
        failed = set(Media.objects.filter(pk__in=result.failed).values_list("arr_id", flat=True))
        touched = {n for n in app.carried if right(app, library, n) != app.start[n]}
        assert failed == invalid & touched

    @settings(max_examples=25)
    @given(library=libraries)
    def test_a_preview_counts_what_a_run_then_sends(self, library):
        connection, app = set_up(library)
        promised = preview(connection)
        sent = run(connection, app).summary()
        assert (promised["added"], promised["removed"]) == (sent["added"], sent["removed"])
        assert preview(connection)["added"] == {}
