"""Which files are read and written: in folders that are open, whatever is named, wherever links lead."""

from __future__ import annotations

import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import StorageError
from library import roots as roots_module
from library.roots import MediaRoots
from tests.library.build import add_title


def mapping(remote, local):
    return SimpleNamespace(remote_prefix=remote, local_prefix=str(local))


@pytest.fixture
def media(tmp_path):
    """A mapped folder with a series in it, and something outside."""
    (tmp_path / "tv" / "Show").mkdir(parents=True)
    (tmp_path / "tv" / "Show" / "one.mkv").write_bytes(b"x")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.mkv").write_bytes(b"x")
    return tmp_path


def mapped(media, path="/tv/Show"):
    return MediaRoots(path, [mapping("/tv", media / "tv")])


def test_a_file_in_a_mapped_folder_is_found(media):
    assert mapped(media).local("/tv/Show/one.mkv") == str(media / "tv" / "Show" / "one.mkv")


@pytest.mark.parametrize(
    "named",
    [
        "/tv/../secret/key.mkv",
        "/tv/Show/../../secret/key.mkv",
        "/etc/passwd",
        "/tvx/Show/one.mkv",
        "../../etc/passwd",
        "etc/passwd",
        "/",
    ],
)
def test_what_an_application_names_outside_is_not_touched(media, named):
    with pytest.raises(StorageError, match="is not in a folder that Taggarr may read"):
        mapped(media).local(named)


@pytest.mark.parametrize("link", ["tv/Show/two.mkv", "tv/Linked"])
def test_a_link_that_leads_outside_is_not_followed(media, link):
    folder = link == "tv/Linked"
    (media / link).symlink_to(media / "secret" if folder else media / "secret" / "key.mkv")
    named = "/tv/Linked/key.mkv" if folder else "/tv/Show/two.mkv"

    with pytest.raises(StorageError, match=r"leads to .*secret"):
        mapped(media).local(named)


def test_a_link_between_mapped_folders_is_followed(media):
    (media / "tv" / "Linked").symlink_to(media / "secret")
    roots = MediaRoots("/tv/Linked", [mapping("/tv", media / "tv"), mapping("/other", media / "secret")])

    assert roots.local("/tv/Linked/key.mkv").endswith("tv/Linked/key.mkv")


def test_a_mapped_folder_that_is_itself_a_link_is_meant(media):
    (media / "alias").symlink_to(media / "tv")
    assert MediaRoots("/tv/Show", [mapping("/tv", media / "alias")]).local("/tv/Show/one.mkv")


def test_without_a_mapping_the_folder_above_the_media_is_open_and_nothing_else(media):
    roots = MediaRoots(f"{media}/tv/Show", [])

    assert roots.local(f"{media}/tv/Show/one.mkv")
    with pytest.raises(StorageError):
        roots.local(f"{media}/secret/key.mkv")


@pytest.mark.parametrize("path", ["/etc/Show", "/proc/1", "/sys/x", "/dev/shm", "/Show"])
def test_an_application_cannot_make_a_system_folder_its_root(path):
    with pytest.raises(StorageError):
        MediaRoots(path, []).local(f"{path}/one.mkv")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of somebody, with a series in it."""
    home = tmp_path / "home" / "ann"
    (home / "tv" / "Show").mkdir(parents=True)
    monkeypatch.setattr(roots_module, "HOMES", (str(tmp_path / "home"),))
    roots_module._private_folders.cache_clear()
    yield home
    roots_module._private_folders.cache_clear()


@pytest.mark.parametrize("media", ["", "tv/Show", ".ssh"])
def test_an_application_opens_nothing_in_a_home_and_its_owner_does(home, media, settings):
    folder = str(home / media)
    with pytest.raises(StorageError, match="not in a folder that Taggarr may read"):
        MediaRoots(folder, []).local(f"{folder}/one.mkv")
    assert MediaRoots("/tv/Show", [mapping("/tv", folder)]).local("/tv/Show/one.mkv")
    settings.MEDIA_FOLDERS = [home / "tv"]
    assert MediaRoots(f"{home}/tv/Show", []).local(f"{home}/tv/Show/one.mkv")
    with pytest.raises(StorageError):
        MediaRoots(f"{home}/.ssh", []).local(f"{home}/.ssh/key.mkv")


def test_a_link_in_an_open_folder_leads_into_no_home(home, tmp_path):
    (tmp_path / "Linked").symlink_to(home)
    with pytest.raises(StorageError, match=r"leads to .*home"):
        MediaRoots(f"{tmp_path}/Show", []).local(f"{tmp_path}/Linked/one.mkv")


# The home of the account that may do everything, as this system has it.
ADMIN_HOME = pwd.getpwuid(0).pw_dir


@pytest.mark.parametrize(
    "path", [ADMIN_HOME, f"{ADMIN_HOME}/Show", "/home/ann/tv/Show", "/run/secrets/Show", "~/Show"]
)
def test_the_homes_of_this_machine_are_no_media(path):
    named = str(Path(path).expanduser())
    with pytest.raises(StorageError):
        MediaRoots(named, []).local(f"{named}/one.mkv")


def test_the_home_of_who_runs_taggarr_is_no_media_wherever_it_is(media, monkeypatch):
    monkeypatch.setenv("HOME", str(media / "tv"))
    roots_module._private_folders.cache_clear()
    try:
        with pytest.raises(StorageError, match="not in a folder that Taggarr may read"):
            MediaRoots(f"{media}/tv/Show", []).local(f"{media}/tv/Show/one.mkv")
    finally:
        roots_module._private_folders.cache_clear()


@pytest.mark.parametrize(
    "opened", ["nobody", "a mapping", "a mapping above", "TAGGARR_MEDIA_FOLDERS", "a link"]
)
def test_the_folder_of_taggarrs_own_is_no_media_whoever_names_it(opened, tmp_path, settings):
    own = tmp_path / "data"
    (own / "Show").mkdir(parents=True)
    settings.TAGGARR_DATA = own
    named, mappings = f"{own}/Show", []
    match opened:
        case "a mapping":
            mappings = [mapping(str(own), own)]
        case "a mapping above":
            mappings = [mapping(str(tmp_path), tmp_path)]
        case "TAGGARR_MEDIA_FOLDERS":
            settings.MEDIA_FOLDERS = [own]
        case "a link":
            (tmp_path / "tv").mkdir()
            (tmp_path / "tv" / "Show").symlink_to(own / "Show")
            named, mappings = f"{tmp_path}/tv/Show", [mapping(str(tmp_path), tmp_path)]
    with pytest.raises(StorageError, match="is in TAGGARR_DATA"):
        MediaRoots(named, mappings).local(f"{named}/one.mkv")


@pytest.mark.parametrize("where", ["folder", "link"])
def test_no_nfo_in_the_folder_of_taggarrs_own_is_read_or_written(where, series_instance, tmp_path, settings):
    from scanner.labels.managed import labels_of
    from scanner.models import Verdict
    from scanner.nfo.write import nfo_would_change, write_nfo_of

    folder = tmp_path / "Show"
    settings.TAGGARR_DATA = tmp_path if where == "folder" else folder / "data"
    (folder / "data").mkdir(parents=True)
    nfo = (folder if where == "folder" else folder / "data") / "tvshow.nfo"
    nfo.write_text("<tvshow></tvshow>")
    if where == "link":
        (folder / "tvshow.nfo").symlink_to(nfo)
    series_instance.scan_settings.policy.write_nfo = True
    series_instance.scan_settings.policy.save()
    series_instance.path_mappings.create(remote_prefix=str(tmp_path), local_prefix=str(tmp_path))
    media = add_title(
        connection=series_instance, arr_id=7, title="Show", path=str(folder), verdict=Verdict.DUB
    )

    outcome = write_nfo_of(media, labels_of(series_instance))

    assert "is in TAGGARR_DATA" in outcome.problem
    assert not nfo_would_change(media, labels_of(series_instance))
    assert nfo.read_text() == "<tvshow></tvshow>"


@pytest.mark.parametrize("path", ["", ".", "Show", "../Show"])
def test_an_application_cannot_lead_into_the_folder_that_taggarr_runs_in(path):
    with pytest.raises(StorageError, match="is not in a folder that Taggarr may read"):
        MediaRoots(path, []).local(path)


def test_where_the_owner_names_the_folders_an_application_can_open_no_other(media, settings):
    settings.MEDIA_FOLDERS = [media / "secret"]
    roots = MediaRoots(f"{media}/tv/Show", [])

    with pytest.raises(StorageError):
        roots.local(f"{media}/tv/Show/one.mkv")
    assert roots.local(f"{media}/secret/key.mkv")


@pytest.mark.parametrize("named", ["/tv/Show/a\x00b.mkv", "C:\\TV\\one.mkv"])
def test_a_name_that_nothing_here_has_is_left_to_the_opening(media, named):
    assert mapped(media).local(named)


@pytest.mark.usefixtures("tried_again_at_once")
def test_a_scan_does_not_read_through_a_link_and_says_so(series_instance, sonarr, scan, root, tmp_path):
    from demo.arr.state import ArrState
    from library.models import File
    from scanner.models import FileProblem, Verdict
    from tests.scanner.build import JPN_ENG, add_series, spec

    state = ArrState("sonarr")
    add_series(state, root, "Linked", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    folder = root / "Linked"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    scan(series_instance)

    file = File.objects.get()
    assert file.scan_state.problem == FileProblem.UNREACHABLE
    assert "is not in a folder that Taggarr may read" in file.scan_state.error
    assert file.media.scan_state.verdict == Verdict.UNKNOWN


def test_an_nfo_behind_a_linked_media_folder_is_neither_read_nor_written(series_instance, root, tmp_path):
    from scanner.labels.managed import labels_of
    from scanner.models import Verdict
    from scanner.nfo.write import nfo_would_change, write_nfo_of

    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "tvshow.nfo").write_text("<tvshow></tvshow>")
    (root / "Linked").symlink_to(outside)
    series_instance.scan_settings.policy.write_nfo = True
    series_instance.scan_settings.policy.save()
    media = add_title(
        connection=series_instance, arr_id=7, title="Linked", path=str(root / "Linked"), verdict=Verdict.DUB
    )
    labels = labels_of(series_instance)

    outcome = write_nfo_of(media, labels)

    assert not outcome.written
    assert "is not in a folder that Taggarr may read" in outcome.problem
    assert not nfo_would_change(media, labels)
    assert (outside / "tvshow.nfo").read_text() == "<tvshow></tvshow>"
