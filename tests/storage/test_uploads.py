"""Uploads: counted by what they say and by what comes, made anew, held against a person's share."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from itertools import repeat

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.functions import Now

from storage import cleaning, collecting, keeping, places, uploads
from storage.heads import LARGEST, PictureError
from storage.models import Stored, Upload
from tests.storage.make import poster

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna")


@pytest.fixture
def ben():
    return get_user_model().objects.create_user("ben")


def take(owner, data: bytes, **more):
    return uploads.take(io.BytesIO(data), owner, announced=more.pop("announced", len(data)), **more)


def quota(**sizes) -> None:
    place = places.current()
    for name, size in sizes.items():
        setattr(place, name, size)
    place.save()


def test_an_upload_is_made_anew_and_belongs_to_somebody(anna):
    stored = take(anna, poster(1) + b"<script>")
    assert (stored.kind, stored.width, stored.public) == ("jpg", 300, False)
    with keeping.read(stored) as file:
        assert b"<script>" not in file.read()
    assert uploads.held(anna) == stored.size


def test_what_is_given_up_counts_until_its_bytes_are_gone_after_a_week(anna, ben, uses):
    uses(used=(list,))
    stored = take(anna, poster(1))
    take(ben, poster(1))
    assert uploads.give_up(anna, stored.digest)
    assert not uploads.give_up(anna, stored.digest)
    week_ago = Now() - timedelta(days=8)
    Stored.objects.update(created_at=week_ago, seen_at=week_ago, unused_since=week_ago)
    assert collecting.collect().files == 0  # Ben still wants it
    assert uploads.held(anna) == stored.size
    uploads.give_up(ben, stored.digest)
    assert collecting.collect().files == 1
    assert uploads.held() == 0


def test_what_is_uploaded_again_is_given_up_no_more(anna):
    stored = take(anna, poster(1))
    uploads.give_up(anna, stored.digest)
    take(anna, poster(1))
    assert Upload.objects.get().given_up_at is None


def test_the_same_upload_twice_counts_once_for_each_person(anna, ben):
    first = take(anna, poster(1))
    assert take(anna, poster(1)).pk == first.pk
    assert uploads.held(anna) == first.size
    take(ben, poster(1))
    assert uploads.held() == 2 * first.size


@pytest.mark.parametrize(
    ("announced", "says"),
    [(LARGEST + 1, "larger than 40 MiB"), (-1, "negative size"), (100, "More bytes came")],
)
def test_what_an_upload_says_of_its_size_is_held_against_it(anna, announced, says):
    with pytest.raises(PictureError, match=says):
        take(anna, poster(1), announced=announced)
    assert not Upload.objects.exists()


def test_an_upload_that_was_cut_short_is_refused(anna):
    with pytest.raises(PictureError, match="cut short: try again"):
        take(anna, poster(1), announced=len(poster(1)) + 1)
    assert not Upload.objects.exists()


def test_one_that_does_not_say_its_size_is_counted(anna):
    with pytest.raises(PictureError, match="larger than 40 MiB"):
        uploads.take(repeat(bytes(1 << 20)), anna, announced=None)
    assert not Upload.objects.exists()
    assert take(anna, poster(1), announced=None).is_picture


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(50), b"x"]
)
def test_what_is_no_picture_leaves_nothing(anna, content, root):
    with pytest.raises(PictureError):
        take(anna, content)
    assert not Upload.objects.exists()
    assert not Stored.objects.exists()
    assert not root.exists()


def test_a_person_has_a_share_and_all_together_have_one(anna, ben):
    one = take(anna, poster(1)).size
    quota(person_quota=2 * one)
    with pytest.raises(uploads.QuotaError, match="delete some first"):
        take(anna, poster(2, (1500, 1500)))
    quota(person_quota=10**9, total_quota=one + 10)
    with pytest.raises(uploads.QuotaError, match="ask an admin"):
        take(ben, poster(2))
    assert Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_uploads_at_once_do_not_take_more_than_the_share(anna):
    one = take(anna, poster(1)).size
    quota(person_quota=int(2.5 * one))
    refused = []

    # Their pictures are as large as the first within some bytes.
    def upload(seed: int) -> None:
        try:
            take(anna, poster(1) + bytes(seed), announced=None)
            take(anna, poster(seed))
        except uploads.QuotaError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=(seed,)) for seed in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused
    assert uploads.held(anna) <= 2.5 * one
    assert not Upload.objects.filter(stored=None).exists()


def test_what_was_reserved_by_a_process_that_died_is_given_back(anna):
    Upload.objects.create(owner=anna, size=5)
    old = Upload.objects.create(owner=anna, size=7)
    Upload.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00Z")
    assert cleaning.BRINGS.cleaners["abandoned_uploads"]() == 1
    assert uploads.held(anna) == 5
