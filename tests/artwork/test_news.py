"""What of artwork is told in notifications."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.template.loader import render_to_string

from artwork import jobs as art_jobs
from artwork import news
from artwork.models import Entity
from artwork.rechecks import VERIFY
from jobs import services
from notify.contract import Notice, topics
from tests.artwork.build import add_entity, publish

if TYPE_CHECKING:
    from connections.models import Connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("artwork_on")]


def message(notice: Notice) -> tuple[str, str]:
    """Its title and its text."""
    told = render_to_string(topics()[notice.topic].template, notice.context)
    title, _, text = told.strip().partition("\n")
    return title, text


def test_titles_that_were_put_back_are_told_in_one_message(movie: Entity, tmp_path: Path):
    other = add_entity(movie.connection, tmp_path / "movies" / "Comet (2020)", arr_id=2)
    folders = []
    for title in (movie, other):
        assert title.media is not None
        publish(title, {"poster.jpg": b"poster"})
        folders.append(Path(title.media.path))
        (folders[-1] / "poster.jpg").unlink()
    both = services.run_inline(art_jobs.start(VERIFY)[0])
    (notice,) = news.of_looking(both)
    assert message(notice) == (
        "Artwork of 2 titles put back",
        "What was published there had been deleted or spoilt.\n- Comet (2020)\n- Lantern (2020)",
    )
    (folders[0] / "poster.jpg").unlink()
    (notice,) = news.of_looking(services.run_inline(art_jobs.start(VERIFY)[0]))
    assert message(notice)[0] == "Lantern (2020): artwork put back"
    assert list(news.of_looking(services.run_inline(art_jobs.start(VERIFY)[0]))) == []


@pytest.mark.usefixtures("unlimited")
def test_titles_that_nobody_knows_are_told_once_they_were_asked_about(
    movie: Entity, connect: Callable[..., Connection]
):
    connect("tmdb")
    Entity.objects.filter(pk=movie.pk).update(name="Comet", year=1990)
    (notice,) = news.of_preparing(services.run_inline(art_jobs.start(art_jobs.PREPARE)[0]))
    assert message(notice)[0] == "Comet (1990) is not identified"
    assert message(notice)[1].endswith("say so in the inbox.")
    assert list(news.of_preparing(services.run_inline(art_jobs.start(art_jobs.PREPARE)[0]))) == []
