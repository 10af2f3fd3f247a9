"""What of artwork waits in the inbox, and its answers there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from artwork import jobs as art_jobs
from artwork import reviewing, undoing
from artwork.choosing import refresh
from artwork.models import ArtSettings, Entity
from artwork.pages.inbox import INBOX
from core.errors import Later
from jobs import doorbells, services
from jobs.models import Job, JobItem
from jobs.runner import ItemRun
from system import switches

from .build import add_entity
from .doors import a_picture, add_candidate

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db
MATCH = {"provider": "tmdb", "id": "603", "title": "The Lost Reel", "year": 1999, "plot": "A reel is lost."}


@pytest.fixture(autouse=True)
def _is_on(db: None, no_worker_is_asked: None, empty_caches: None, read_just_now: None) -> Iterator[None]:
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


@pytest.fixture
def prepared(movie: Entity) -> Entity:
    """Lantern, for which a navy poster was chosen that is not published."""
    add_candidate(movie, rank=0)
    refresh([movie])
    Entity.objects.update(prepared_at=timezone.now())
    return movie


@pytest.fixture
def add_prepared(prepared: Entity, tmp_path: Path) -> Callable[[int], Entity]:
    """Adds another title that waits like Lantern."""

    def add(number: int) -> Entity:
        more = add_entity(prepared.connection, tmp_path / f"M{number}", arr_id=number)
        add_candidate(more, rank=0)
        refresh([more])
        Entity.objects.update(prepared_at=timezone.now())
        return more

    return add


def waiting(user: User) -> list[str]:
    """What waits, as the inbox asks; the count is that of the entries."""
    entries = [str(entry.what) for entry in INBOX[0].entries(user, 20)]
    assert INBOX[0].count(user) == len(entries)
    return entries


def told(client: Client, address: str, **posted: str) -> str:
    answer = client.post(address, posted, follow=True) if posted else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def run(name: str) -> Job:
    return services.run_inline(Job.objects.filter(name=name).latest("pk"))


def test_a_picture_to_review_is_published_in_the_inbox_and_that_is_undone(
    prepared: Entity, folder_of: Callable[[Entity], Path], admin_client: Client, admin_user: User
):
    assert waiting(admin_user) == ["Lantern (2020): publish this picture?"]
    text = told(admin_client, "/inbox")
    assert f'href="/artwork/{prepared.pk}/pictures/poster"' in text
    text = told(admin_client, f"/artwork/review/{prepared.pk}/answer", back="inbox")
    assert waiting(admin_user) == []
    job = run(art_jobs.PUBLISH)
    poster = folder_of(prepared) / "poster.jpg"
    assert poster.read_bytes() == a_picture()
    assert f'action="/artwork/review/jobs/{job.pk}/undo?back=inbox"' in text
    assert "is coming back" in told(admin_client, f"/artwork/review/jobs/{job.pk}/undo?back=inbox", go="1")
    assert run(undoing.UNDO).state == "completed"
    assert not poster.exists()
    assert waiting(admin_user) == ["Lantern (2020): publish this picture?"]


def test_all_that_wait_for_a_review_are_published_at_once_and_what_is_not_identified_still_waits(
    prepared: Entity, add_prepared: Callable[[int], Entity], admin_client: Client, admin_user: User
):
    assert "Publish all" not in told(admin_client, "/inbox")
    add_prepared(2)
    unknown = add_prepared(3)
    Entity.objects.filter(pk=unknown.pk).update(matches=[MATCH])
    assert "Publish all" in told(admin_client, "/inbox")

    text = told(admin_client, "/artwork/review/publish", go="1")

    assert "2 titles are being published." in text
    assert waiting(admin_user) == ["M3 (2020): which one is it?"]
    job = run(art_jobs.PUBLISH)
    assert job.summary["items"]["done"] == 2
    assert f'action="/artwork/review/jobs/{job.pk}/undo?back=inbox"' in text


def test_nobody_publishes_all_who_may_not_publish_one(prepared: Entity, client: Client):
    assert client.post("/artwork/review/publish").status_code == 302
    assert not Job.objects.filter(name=art_jobs.PUBLISH).exists()


def test_an_answer_is_undone_only_when_it_was_carried_out(
    prepared: Entity, folder_of: Callable[[Entity], Path], admin_client: Client
):
    told(admin_client, f"/artwork/review/{prepared.pk}/answer", back="inbox")
    published = Job.objects.get(name=art_jobs.PUBLISH)
    told(admin_client, f"/artwork/review/jobs/{published.pk}/undo", go="1")
    item = JobItem.objects.get(job__name=undoing.UNDO)
    with pytest.raises(Later):
        undoing.UndoHandler().do(ItemRun(item))
    services.run_inline(published)
    assert (folder_of(prepared) / "poster.jpg").exists()
    run(undoing.UNDO)
    assert not (folder_of(prepared) / "poster.jpg").exists()


def test_what_could_not_be_published_waits_again(
    prepared: Entity, folder_of: Callable[[Entity], Path], admin_client: Client, admin_user: User
):
    told(admin_client, f"/artwork/review/{prepared.pk}/answer", back="inbox")
    (folder_of(prepared) / "Lantern (2020).mkv").unlink()
    run(art_jobs.PUBLISH)
    assert waiting(admin_user) == ["Lantern (2020): publish this picture?"]
    assert "no video" in told(admin_client, "/inbox")


def test_what_is_put_off_is_asked_in_a_week_or_when_that_is_taken_back(
    prepared: Entity, admin_client: Client, admin_user: User
):
    answer = f"/artwork/review/{prepared.pk}/answer"
    text = told(admin_client, answer, back="inbox", do="later")
    assert "you are asked again in 7 days" in text
    assert waiting(admin_user) == []
    assert f'action="/artwork/review/{prepared.pk}/ask-again"' in text
    assert "publish this picture?" in told(admin_client, f"/artwork/review/{prepared.pk}/ask-again", go="1")
    told(admin_client, answer, back="inbox", do="later")
    Entity.objects.update(put_off_until=timezone.now() - timedelta(seconds=1))
    assert len(waiting(admin_user)) == 1


def test_which_title_it_is_is_answered_in_the_inbox(prepared: Entity, admin_client: Client, admin_user: User):
    Entity.objects.filter(pk=prepared.pk).update(matches=[MATCH])
    assert waiting(admin_user) == ["Lantern (2020): which one is it?"]
    assert "The Lost Reel" in told(admin_client, "/inbox")
    address = f"/artwork/{prepared.pk}/identify"
    text = told(admin_client, address, provider="tmdb", id="603", back="inbox")
    assert "The providers are being asked about Lantern (2020)." in text
    assert "which one is it?" not in text
    assert Job.objects.filter(name=art_jobs.PREPARE).exists()
    assert f'action="{address}/undo?back=inbox"' in text
    assert "which one is it?" in told(admin_client, f"{address}/undo?back=inbox", go="1")


def test_what_happens_by_itself_or_cannot_be_done_now_asks_nobody(prepared: Entity, admin_user: User):
    of = prepared.connection
    ArtSettings.objects.create(connection=of, publish=True)
    assert waiting(admin_user) == []
    ArtSettings.objects.update(publish=False)
    assert len(waiting(admin_user)) == 1
    for changed in ({"missing_since": timezone.now()}, {"prepared_at": None}, {"wanted": ""}):
        before = Entity.objects.values(*changed).get()
        Entity.objects.update(**changed)
        assert waiting(admin_user) == [], changed
        Entity.objects.update(**before)
    type(of).objects.update(enabled=False)
    assert waiting(admin_user) == []


def test_a_series_waits_once_for_all_its_parts_and_shows_a_few(show: Entity, admin_user: User):
    for part in show.parts.filter(kind="episode"):
        add_candidate(part, "thumb", rank=0, name=f"{part.pk}.jpg")
    add_candidate(show, "poster", rank=0)
    refresh([show])
    Entity.objects.update(prepared_at=timezone.now())
    assert waiting(admin_user) == ["Harbour: publish these 3 pictures?"]


def test_the_inbox_takes_as_many_queries_for_many_titles(
    prepared: Entity, add_prepared: Callable[[int], Entity], admin_user: User
):
    def queries() -> int:
        with CaptureQueriesContext(database) as taken:
            assert INBOX[0].count(admin_user) == len(INBOX[0].entries(admin_user, 20))
        return len(taken)

    one = queries()
    for number in range(2, 5):
        add_prepared(number)
    assert reviewing.to_review().count() == 4
    assert queries() == one
