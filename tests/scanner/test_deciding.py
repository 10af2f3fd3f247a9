"""Deciding while somebody else changes what a decision stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from library.models import Media
from scanner.facts.reading import Reading
from scanner.loading import load_rows
from scanner.models import Policy
from scanner.scan.deciding import redecide
from scanner.scan.exclusions import set_excluded
from scanner.scan.media import Scanned, save_scan

from ..waiting import wait_until
from .build import media_named, verdicts

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Have `work` wait, in a transaction of its own, for what ours has locked; it is done when ours is."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        yield
        thread.start()
        wait_until(_somebody_waits, "the other waits for our lock")
    thread.join()
    assert not failures


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # pg_stat_activity stays as a transaction first saw it.
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def save_what_a_scan_read(media: Media, job_id: int) -> None:
    rows = load_rows(media.pk)
    assert rows is not None
    read = Scanned(
        media_id=media.pk,
        fingerprint=media.arr_fingerprint,
        started=timezone.now(),
        files=rows.files,
        reading=Reading({file.path: file.scan_state.known for file in rows.files}),
        job_id=job_id,
    )
    with transaction.atomic():
        save_scan(read)


def test_what_a_scan_saves_while_a_policy_is_saved_is_decided_by_the_new_policy(
    series_instance, shows, scan, policy
):
    job = scan(series_instance)
    media = media_named("Dubbed")
    changed = Policy.objects.get(pk=policy.pk)
    changed.target_languages = ["fra"]
    with meanwhile(lambda: save_what_a_scan_read(media, job.pk)):
        changed.save()
        redecide(Media.objects.all())
    assert verdicts()["Dubbed"] == "wrong-dub"


def test_what_is_decided_anew_while_a_policy_is_saved_is_decided_by_the_new_policy(
    series_instance, shows, scan, policy
):
    scan(series_instance)
    changed = Policy.objects.get(pk=policy.pk)
    changed.target_languages = ["fra"]
    with meanwhile(lambda: redecide(Media.objects.filter(title="Dubbed"))):
        changed.save()
        redecide(Media.objects.all())
    assert verdicts()["Dubbed"] == "wrong-dub"


def test_a_media_that_is_excluded_while_it_is_scanned_loses_its_labels_all_the_same(
    series_instance, shows, scan, policy
):
    job = scan(series_instance)
    Policy.objects.update(untag_excluded=True)
    set_excluded([media_named("Dubbed").pk], to=True)
    save_what_a_scan_read(media_named("Dubbed"), job.pk)
    media = media_named("Dubbed")
    assert (media.scan_state.untag, media.scan_state.dirty) == (True, True)
