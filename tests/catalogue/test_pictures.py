"""Pictures of works and copies: taken in, seen by who may, put in front, removed, merged."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Role, User
from catalogue import cleaning, merging, pictures, references, scope
from catalogue.models import Copy, Picture, Work
from catalogue.pages.collection_rows import covers
from core.errors import ConfigError, FieldError
from storage.heads import PictureError
from storage.models import Stored
from tests.api.conftest import with_key
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.tables import rows_of_all
from tests.catalogue.test_pages import browser_of
from tests.storage.make import drawn, encoded, poster

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "data", "no_worker_is_asked")]


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.fixture
def dune(ute: User) -> Work:
    return add_work("Dune", added_by=ute)


@pytest.fixture
def copy(dune: Work, ute: User) -> Copy:
    return add_copy(dune, owner=ute)


def add(thing: Work | Copy, user: User, seed: int = 1, shows: str = "cover", **more: Any) -> Picture:
    return pictures.add([poster(seed)], user, thing, shows, **more)


def test_a_cover_is_kept_and_told_in_the_changes(dune: Work, ute: User):
    picture = add(dune, ute)
    assert (picture.shows, picture.width, picture.height, picture.added_by) == ("cover", 300, 450, ute)
    assert covers(ute, [dune.pk]) == {dune.pk: picture.digest}
    change = dune.changes.get()
    assert (change.actor, change.before, change.after) == (ute, {}, {"picture": "cover"})


def test_what_is_too_large_is_made_smaller_upright_and_without_its_place(dune: Work, ute: User):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 7.0)  # GPSLatitude
    data = encoded(drawn(1, (4800, 1200)), exif=exif, quality=50)
    picture = pictures.add([data], ute, dune, "cover")
    assert (picture.width, picture.height) == (600, 2400)
    from storage import keeping

    with keeping.read(Stored.objects.get(digest=picture.digest)) as file, Image.open(file) as kept:
        assert not kept.getexif()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG"),
        (b"<html>", "web page"),
        (b"", "empty"),
        (poster(1)[:2000], "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(data: bytes, said: str, dune: Work, ute: User):
    with pytest.raises(PictureError, match=said):
        pictures.add([data], ute, dune, "cover")
    assert not Picture.objects.exists()


def test_a_picture_that_is_announced_too_large_is_refused_before_it_is_read(dune: Work, ute: User):
    with pytest.raises(PictureError, match="15 MiB"):
        pictures.add(iter(()), ute, dune, "cover", announced=pictures.MOST + 1)


def test_a_copy_has_photos_and_a_work_has_covers(dune: Work, copy: Copy, ute: User):
    add(copy, ute, shows="photo")
    with pytest.raises(FieldError, match="cover"):
        add(copy, ute, shows="cover")
    with pytest.raises(FieldError, match="receipt"):
        add(dune, ute, shows="receipt")


def test_the_first_cover_is_the_one_on_the_wall_until_another_is_put_first(dune: Work, ute: User):
    one, two = add(dune, ute, 1), add(dune, ute, 2)
    assert covers(ute, [dune.pk]) == {dune.pk: one.digest}
    pictures.put_first(two, ute)
    assert covers(ute, [dune.pk]) == {dune.pk: two.digest}
    told = dune.changes.count()
    pictures.put_first(two, ute)
    assert dune.changes.count() == told


def test_the_same_picture_twice_is_one(dune: Work, ute: User):
    one = add(dune, ute)
    pictures.remove(one, ute)
    again = add(dune, ute, shows="back")
    assert again.pk == one.pk
    again.refresh_from_db()
    assert (again.shows, again.deleted_at) == ("back", None)


def test_what_is_removed_is_brought_back_or_gone_after_thirty_days(dune: Work, ute: User):
    picture = add(dune, ute)
    pictures.remove(picture, ute)
    assert not scope.pictures(ute)
    with pytest.raises(ConfigError):
        pictures.remove(picture, ute)
    pictures.restore(picture, ute)
    assert scope.pictures(ute).get() == picture
    pictures.remove(picture, ute)
    Picture.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    assert cleaning.BRINGS.cleaners["catalogue_trash"]() == 1


def test_nobody_adds_to_what_they_may_not_change(dune: Work, copy: Copy, ute: User):
    vera = add_user("vera")
    for thing, shows in ((dune, "cover"), (copy, "photo")):
        with pytest.raises(ConfigError, match="may not change"):
            add(thing, vera, shows=shows)
    picture = add(dune, ute)
    for do in (pictures.remove, pictures.put_first):
        with pytest.raises(ConfigError, match="may not change"):
            do(picture, vera)
    assert not Stored.objects.exclude(digest=picture.digest).exists()


def test_the_receipt_of_a_private_copy_is_nobody_elses_business(copy: Copy, ute: User):
    copy.is_private = True
    copy.save()
    receipt = add(copy, ute, shows="receipt")
    admin = add_user("admin", Role.ADMIN)
    assert list(scope.pictures(ute)) == [receipt]
    assert not scope.pictures(admin)
    visible = references.BRINGS.visible[0]
    assert visible(ute, receipt.digest)
    assert not visible(admin, receipt.digest)
    assert receipt.digest in list(references.BRINGS.used[1]())


def test_a_merge_moves_pictures_and_its_undo_gives_them_back(dune: Work, copy: Copy, ute: User):
    gone = add_work("Der Wüstenplanet", added_by=ute)
    add(dune, ute, 1)
    add(gone, ute, 1)
    add(gone, ute, 2)
    add(add_copy(gone, owner=ute), ute, 3, "photo")
    before = rows_of_all()
    merge = merging.merge(dune, gone, ute)
    assert [one.place for one in dune.pictures.all()] == [0, 2, 3]
    assert not gone.pictures.exists()
    merging.undo(merge, ute)
    after = rows_of_all()
    for told in ("catalogue_merge", "catalogue_change"):
        before.pop(told, None), after.pop(told, None)
    assert after == before


def test_no_work_has_more_pictures_than_a_page_can_show(dune: Work, ute: User, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_OF_ONE", 1)
    add(dune, ute, 1)
    with pytest.raises(ConfigError, match="remove one first"):
        add(dune, ute, 2)


# Pages


@pytest.fixture
def client(ute: User) -> Client:
    return browser_of(ute)


def upload(client: Client, work: Work, shows: str, data: bytes) -> Any:
    file = SimpleUploadedFile("front.jpg", data, content_type="image/jpeg")
    told = {"work": work.pk, "shows": shows, "file": file}
    return client.post("/collection/pictures/upload", told, follow=True)


def test_a_cover_is_uploaded_and_stands_on_the_wall_and_above_the_work(client: Client, dune: Work):
    answer = upload(client, dune, "cover", poster(1))
    assert answer.redirect_chain == [(f"/collection/works/{dune.pk}/pictures", 302)]
    digest = dune.pictures.get().digest
    assert f'action="/collection/pictures/{dune.pictures.get().pk}/remove"' in answer.content.decode()
    for address in ("/collection", f"/collection/works/{dune.pk}"):
        assert f'src="/kept/{digest}?w=' in client.get(address).content.decode()
    assert client.get(f"/kept/{digest}?w=200").headers["Content-Type"] == "image/webp"


def test_what_is_wrong_with_an_upload_stands_at_its_form(client: Client, dune: Work, copy: Copy):
    answer = upload(client, dune, "cover", b"<svg/>")
    assert answer.status_code == 200
    assert "JPEG" in answer.context["form"].non_field_errors()[0]
    assert "Select a valid choice" in upload(client, dune, "poem", poster(1)).content.decode()
    missing = client.post("/collection/pictures/upload", {"work": dune.pk, "shows": "cover"})
    assert "This field is required" in missing.content.decode()
    assert upload(client, dune, f"{copy.pk}-receipt", poster(2)).status_code == 200
    assert copy.pictures.get().shows == "receipt"


def test_pictures_are_ordered_removed_and_brought_back(client: Client, dune: Work, ute: User):
    one, two = add(dune, ute, 1), add(dune, ute, 2)
    client.post(f"/collection/pictures/{two.pk}/first")
    client.post(f"/collection/pictures/{one.pk}/remove")
    page = client.get(f"/collection/works/{dune.pk}/pictures")
    assert [picture for picture, _may in page.context["pictures"]] == [two]
    client.post(f"/collection/pictures/{one.pk}/restore")
    assert scope.pictures(ute).count() == 2


def test_who_may_only_look_sees_pictures_and_no_form(dune: Work, ute: User):
    picture = add(dune, ute)
    viewer = browser_of(add_user("viewer", Role.VIEWER))
    assert picture.digest in viewer.get(f"/collection/works/{dune.pk}").content.decode()
    assert viewer.get(f"/collection/works/{dune.pk}/pictures").status_code == 403
    vera = browser_of(add_user("vera"))
    assert vera.get(f"/collection/works/{dune.pk}/pictures").status_code == 404
    assert upload(vera, dune, "cover", poster(2)).status_code == 404
    hidden = browser_of(add_user("walt"))
    dune.deleted_at = timezone.now()
    dune.save()
    assert hidden.get(f"/kept/{picture.digest}").status_code == 404


# The API

ROOT = "/api/v1/collection/pictures"


@pytest.fixture
def mine(ute: User) -> APIClient:
    return with_key(ute, "read", "write")


def send(client: APIClient, query: str, data: bytes) -> Any:
    return client.post(f"{ROOT}/upload?{query}", data, content_type="application/octet-stream")


def test_pictures_come_and_go_by_the_api(mine: APIClient, dune: Work, copy: Copy):
    first = send(mine, f"work={dune.pk}", poster(1))
    assert (first.status_code, first.json()["shows"]) == (201, "cover")
    second = send(mine, f"copy={copy.pk}&shows=photo", poster(2)).json()
    assert (second["work"], second["copy"]) == (dune.pk, copy.pk)
    listed = mine.get(f"{ROOT}?work={dune.pk}").json()["results"]
    assert [one["id"] for one in listed] == [first.json()["id"], second["id"]]
    one = first.json()["id"]
    answer = mine.get(f"{ROOT}/{one}/file")
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (300, 450)
    third = send(mine, f"work={dune.pk}", poster(3)).json()["id"]
    assert mine.post(f"{ROOT}/{third}/first").json()["place"] == 0
    assert mine.delete(f"{ROOT}/{one}").status_code == 204
    assert mine.get(f"{ROOT}/{one}").status_code == 404
    assert mine.post(f"{ROOT}/{one}/restore").json()["id"] == one


def test_the_api_says_what_is_wrong_with_a_picture(mine: APIClient, dune: Work):
    assert send(mine, f"work={dune.pk}", b"<html>").status_code == 422
    assert send(mine, f"work={dune.pk}&shows=poem", poster(1)).json()["errors"][0]["field"] == "shows"
    assert send(mine, "work=x", poster(1)).status_code == 422
    vera = with_key(add_user("vera"), "read", "write")
    assert send(vera, f"work={dune.pk}", poster(1)).status_code == 403


def test_a_file_that_is_gone_is_no_traceback(mine: APIClient, dune: Work, ute: User, data: Path):
    picture = add(dune, ute)
    gone = list(data.rglob(f"{picture.digest}*"))
    assert gone
    for file in gone:
        file.unlink()
    assert mine.get(f"{ROOT}/{picture.pk}/file").status_code == 503
