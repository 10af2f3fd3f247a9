"""What strangers tell and leave beside titles: nothing is written elsewhere, and nobody loses anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from artwork.choosing import publish_title
from artwork.models import ArtSettings, Entity, NfoMode, Publication, State
from artwork.preparing import prepare
from artwork.publishing.journal import By
from storage.models import Stored

from .build import digest, held

if TYPE_CHECKING:
    from connections.models import Connection
    from demo.providers.process import StandIn

pytestmark = pytest.mark.django_db
Connect = Callable[..., "Connection"]

ONLY_POSTERS = {
    art: {"most": 0} for art in ("fanart", "banner", "landscape", "clearlogo", "clearart", "discart")
}


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("../../etc/passwd", "../../etc/passwd"),
        ("..\\..\\evil", "..\\..\\evil"),
        ("Lost\0Reel\x1b[31m\u202e", "LostReel[31m\u202e"),
        ("]]></title></movie><!-- &evil;", "]]></title></movie><!-- &evil;"),
        ("x" * 3000, "x" * 500),
    ],
)
def test_a_title_of_a_provider_that_is_a_trick_names_no_file_and_breaks_no_nfo(
    told: str, written: str, reel: Entity, connect: Connect, world: StandIn
):
    connect("tmdb")
    world.change("edit", kind="movie", id=603, titles={"en": told})
    ArtSettings.objects.create(connection=reel.connection, rules=ONLY_POSTERS, nfo=NfoMode.OWN)
    prepare(reel)
    assert reel.media is not None
    folder = Path(reel.media.path)
    publish_title(reel, By())

    assert set(held(folder)) == {"poster.jpg", "movie.nfo"}
    assert list(folder.parent.iterdir()) == [folder]
    root = ElementTree.fromstring(held(folder)["movie.nfo"])
    assert (root.tag, root.findtext("title")) == ("movie", written)


HOSTILE_NFOS = {
    "two roots": b"<movie><title>A</title></movie><movie><title>B</title></movie>",
    "another kind of root": b"<tvshow><title>A</title></tvshow>",
    "an address alone": b"https://www.themoviedb.org/movie/603\n",
    "UTF-16 that says UTF-8": "<?xml version='1.0' encoding='UTF-8'?><movie><title>Ä</title></movie>".encode(
        "utf-16"
    ),
    "Latin-1 that says UTF-8": "<?xml version='1.0' encoding='UTF-8'?><movie><title>Ä</title></movie>".encode(
        "latin-1"
    ),
    "an encoding that is none": b"<?xml version='1.0' encoding='x-klingon'?><movie><title>A</title></movie>",
    "entities that grow": b"<!DOCTYPE m [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><movie>&b;</movie>",
    "a file of the system": b"<!DOCTYPE m [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><movie>&a;</movie>",
    "a web page": b"<!DOCTYPE html><html><body>404</body></html>",
    "cut short": b"<movie><title>A</ti",
    "nothing": b"",
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("mode", [NfoMode.MERGE, NfoMode.OWN])
@pytest.mark.parametrize("theirs", HOSTILE_NFOS.values(), ids=HOSTILE_NFOS.keys())
def test_an_nfo_that_is_a_trick_is_merged_left_or_kept_and_told_in_one_sentence(
    theirs: bytes, mode: NfoMode, movie: Entity
):
    assert movie.media is not None
    folder = Path(movie.media.path)
    (folder / "movie.nfo").write_bytes(theirs)
    ArtSettings.objects.create(connection=movie.connection, nfo=mode)
    movie.told = {"": {"title": ["Lantern", "tmdb"], "plot": ["A sea.", "tmdb"]}}
    movie.save()
    publish_title(movie, By())
    movie.refresh_from_db()

    now = held(folder)["movie.nfo"]
    assert set(held(folder)) == {"movie.nfo"}
    assert not Publication.objects.exclude(state=State.DONE).exists()
    assert b"root:" not in now
    if now == theirs:
        # It stays as it is, and that is told; or it says already what we would say.
        assert str(movie.problem).count(". ") == 0
        assert str(movie.problem).endswith(".")
    else:
        assert b"A sea." in now.replace(b"\0", b"")
        assert Stored.objects.filter(digest=digest(theirs)).exists()
