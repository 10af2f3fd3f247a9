"""What the models promise, and what the database refuses."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from connections.models import Connection
from core import console
from library.models import File, Media, PathMapping, Season, Tag, holds_series
from scanner.models import ManagedLabel, Policy, Verdict
from scanner.verdict import file
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(policy) -> Connection:
    return make_connection(name="Anime", kind="sonarr", url="http://nas", api_key="k", policy=policy)


@pytest.fixture
def media(connection) -> Media:
    return Media.objects.create(
        connection=connection, arr_id=1, title="Lantern Harbour", year=2019, path="/tv/L"
    )


def test_things_are_called_what_people_call_them(policy, connection, media):
    assert str(policy) == "English"
    assert str(connection) == "Anime"
    assert holds_series(connection)
    assert str(media) == "Lantern Harbour (2019)"
    assert str(Media(title="No Year")) == "No Year"
    assert [str(Season(number=0)), str(Season(number=2))] == ["Specials", "Season 2"]
    assert str(File(path="/tv/L/S01E01.mkv")) == "S01E01.mkv"
    assert str(Tag(label="kids")) == "kids"
    assert str(ManagedLabel(label="dub")) == "dub"
    assert str(PathMapping(remote_prefix="/tv", local_prefix="/mnt")) == "/tv → /mnt"


def test_a_media_follows_its_instances_policy_unless_it_has_its_own(media, policy):
    assert media.scan_state.policy == policy
    media.scan_state.policy_override = Policy(name="German", target_languages=["deu"])
    assert media.scan_state.policy.name == "German"


def test_a_media_is_excluded_by_hand_or_by_a_rule(media):
    assert not media.is_excluded
    media.excluded_by = "genre"
    assert media.is_excluded
    media.excluded_by, media.excluded = "", True
    assert media.is_excluded


@pytest.mark.parametrize("label", ["Dub", "semi dub", "dub!", "", "dub\n"])
def test_a_label_that_the_apps_would_refuse_is_refused(policy, label):
    policy.label_dub = label
    with pytest.raises(ValidationError) as caught:
        policy.full_clean()
    assert set(caught.value.message_dict) == {"label_dub"}


def test_the_labels_must_differ(policy):
    policy.label_dub = "semi-dub"
    with pytest.raises(ValidationError, match="must differ from each other"):
        policy.full_clean()


def test_a_policy_needs_a_target(policy):
    policy.target_languages = []
    with pytest.raises(ValidationError, match="at least one target language"):
        policy.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        policy.save()


def test_every_verdict_but_two_has_a_label(policy):
    assert policy.labels == {Verdict.DUB: "dub", Verdict.SEMI_DUB: "semi-dub", Verdict.WRONG_DUB: "wrong-dub"}


def test_names_of_instances_are_unique_whatever_their_case(connection, policy):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_connection(name="ANIME", kind="sonarr", url="http://b", api_key="k", policy=policy)
    assert Connection.objects.count() == 1


def test_the_verdicts_that_are_stored_are_those_of_the_rules_and_each_has_a_colour():
    rules = [verdict.value for verdict in file.Verdict]
    assert Verdict.values == rules
    assert list(console.VERDICT_STYLES) == rules
