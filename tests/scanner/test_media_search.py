"""Finding media by the languages of their files."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from library.models import File, Media
from scanner.media_search import stored_codes, with_language
from scanner.models import Policy
from tests.connections.build import make_connection
from tests.library.build import add_file

pytestmark = pytest.mark.django_db
CODES = st.sampled_from(["eng", "jpn", "por-br", "deu", "zxx", ""])


@pytest.fixture
def store() -> Callable[[list[list[str]]], None]:
    """Makes the files of one title, one for each list of languages, in the place of all others."""
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    shelf = make_connection(name="Shelf", kind="sonarr", url="http://127.0.0.1:9", policy=policy)
    media = Media.objects.create(connection=shelf, arr_id=1, title="Lantern", path="/tv/Lantern")

    def make(languages: list[list[str]]) -> None:
        File.objects.all().delete()
        for n, codes in enumerate(languages):
            add_file(media, f"/tv/{n}.mkv", languages=codes)

    return make


def test_no_file_has_no_codes(store):
    assert stored_codes() == set()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CODES, max_size=3), max_size=12))
def test_every_code_of_every_file_is_found_once(store, languages):
    store(languages)

    assert stored_codes() == {code for codes in languages for code in codes}


def test_a_code_that_is_no_language_finds_the_files_that_have_it(store):
    store([["qtz"], ["eng"]])

    assert with_language(Media.objects.all(), "qtz").exists()
    with pytest.raises(ConfigError):
        with_language(Media.objects.all(), "qty")
