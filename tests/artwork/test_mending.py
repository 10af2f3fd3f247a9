"""What is damaged in the storage comes again from where it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from artwork.choosing import publish_title
from artwork.models import ArtSettings, Candidate, Entity
from artwork.preparing import prepare
from artwork.publishing.journal import By
from storage.checking import Checked, check_some
from storage.models import Stored
from tests.artwork.doors import add_candidate
from tests.artwork.test_hostile import ONLY_POSTERS

if TYPE_CHECKING:
    from connections.models import Connection
    from demo.providers.process import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited", "artwork_on")]
Connect = Callable[..., "Connection"]


@pytest.fixture
def poster(reel: Entity, connect: Connect) -> Candidate:
    """The poster of The Lost Reel, which TMDB has, chosen and not published."""
    connect("tmdb")
    ArtSettings.objects.create(connection=reel.connection, rules=ONLY_POSTERS)
    prepare(reel)
    return Candidate.objects.get(rank=0)


def flip_a_bit(data: Path, digest: str) -> bytes:
    """Damage a kept file; return what it was."""
    path = data / "storage" / Stored.objects.get(digest=digest).name
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    return whole


def stands(data: Path, digest: str) -> bytes:
    return (data / "storage" / Stored.objects.get(digest=digest).name).read_bytes()


def test_a_damaged_picture_is_fetched_anew_from_its_provider(poster: Candidate, data: Path):
    whole = flip_a_bit(data, poster.digest)
    Stored.objects.exclude(digest=poster.digest).delete()
    assert check_some() == Checked(1, 1, 1)
    assert stands(data, poster.digest) == whole


def test_other_bytes_at_its_provider_are_not_taken_for_it_and_those_beside_its_title_are(
    poster: Candidate, reel: Entity, data: Path, world: StandIn
):
    publish_title(reel, By())
    assert reel.media is not None
    beside = Path(reel.media.path, "poster.jpg")
    Stored.objects.exclude(digest=poster.digest).delete()
    whole = flip_a_bit(data, poster.digest)
    world.change("spoil", file=poster.address.rpartition("/")[2], how="swapped")
    beside.write_bytes(b"somebody's own")
    assert check_some() == Checked(1, 1, 0)
    assert stands(data, poster.digest) != whole
    beside.write_bytes(whole)
    Stored.objects.update(checked_at=None)
    assert check_some() == Checked(1, 1, 1)
    assert stands(data, poster.digest) == whole


def test_what_nobody_has_any_more_stays_damaged(movie: Entity, data: Path):
    own = add_candidate(movie, rank=0)
    flip_a_bit(data, own.digest)
    assert movie.media is not None
    shutil.rmtree(movie.media.path)
    assert check_some() == Checked(1, 1, 0)
    assert Stored.objects.get().damaged_at is not None
