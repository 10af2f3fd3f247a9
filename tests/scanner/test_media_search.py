"""Finding media by the languages of their files."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from library.models import File, Instance, Media, Policy
from scanner.media_search import stored_codes

pytestmark = pytest.mark.django_db
CODES = st.sampled_from(["eng", "jpn", "por-br", "deu", "zxx", ""])


@pytest.fixture
def store() -> Callable[[list[list[str]]], None]:
    """Makes the files of one media, one for each list of languages, in the place of all others."""
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    shelf = Instance.objects.create(name="Shelf", kind="sonarr", url="http://127.0.0.1:9", policy=policy)
    media = Media.objects.create(instance=shelf, arr_id=1, title="Lantern", path="/tv/Lantern")

    def make(languages: list[list[str]]) -> None:
        File.objects.all().delete()
        File.objects.bulk_create(
            File(media=media, path=f"/tv/{n}.mkv", languages=codes) for n, codes in enumerate(languages)
        )

    return make


def test_no_file_has_no_codes(store):
    assert stored_codes() == set()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CODES, max_size=3), max_size=12))
def test_every_code_of_every_file_is_found_once(store, languages):
    store(languages)

    assert stored_codes() == {code for codes in languages for code in codes}
