"""Which labels the scanner says that titles and seasons should carry, and when it says that they changed."""

from __future__ import annotations

import pytest

from connections.models import Connection
from library.contract import TitleLabels, labels_of
from library.models import Change, What
from scanner.models import Policy, ScanSettings
from scanner.scan.deciding import redecide
from scanner.scan.exclusions import set_excluded
from tests.library.build import add_season, add_title

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance(policy: Policy) -> Connection:
    connection = Connection.objects.create(name="Anime", kind="sonarr", url="http://sonarr.test")
    ScanSettings.objects.create(connection=connection, policy=policy)
    return connection


def test_a_title_and_its_seasons_have_the_labels_of_their_verdicts(instance: Connection):
    media = add_title(instance, title="Harbour", verdict="semi-dub", language_labels=["audio-en"])
    for number, verdict in enumerate(["dub", "original", "unknown"], 1):
        add_season(media, number=number, verdict=verdict)
    assert labels_of([media.pk]) == {
        media.pk: TitleLabels(("audio-en", "semi-dub"), {1: ("dub",), 2: (), 3: None})
    }


def test_what_is_not_known_or_may_not_be_written_is_left_as_it_is(instance: Connection, policy: Policy):
    unknown = add_title(instance, arr_id=1, title="New")
    dry = add_title(instance, arr_id=2, title="Dry", verdict="dub")
    assert labels_of([unknown.pk])[unknown.pk].title is None
    Policy.objects.update(dry_run=True)
    assert labels_of([dry.pk])[dry.pk].title is None


@pytest.mark.parametrize(("untag", "labels"), [(True, ()), (False, None)])
def test_what_is_excluded_loses_its_labels_where_the_policy_asks_for_that(
    instance: Connection, policy: Policy, untag: bool, labels: tuple[str, ...] | None
):
    Policy.objects.update(untag_excluded=untag)
    media = add_title(instance, title="Out", verdict="dub")
    set_excluded([media.pk], to=True)
    assert labels_of([media.pk])[media.pk].title == labels
    assert told() == [(media.pk, What.LABELS)]


def test_a_verdict_that_changes_is_told_and_one_that_stays_is_not(instance: Connection):
    media = add_title(instance, title="Empty", verdict="dub")
    redecide(type(media).objects.all())
    assert told() == [(media.pk, What.LABELS)]
    redecide(type(media).objects.all())
    assert len(told()) == 1


def told() -> list[tuple[int, str]]:
    return list(Change.objects.values_list("media_id", "what"))
