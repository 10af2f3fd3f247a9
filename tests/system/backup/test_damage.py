"""Archives with a few bytes changed, cut off or lying: refused with a sentence, nothing is half restored."""

from __future__ import annotations

import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.models import Connection
from core.errors import ConfigError
from library.models import Media
from system.backup import restoring, services
from system.backup.manifest import BackupError
from system.backup.restoring import check_archive, restore
from system.health import find_issues
from system.models import RuntimeSetting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("full", "no_worker_is_asked")]

many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["\ud800", "\x00", "x" * 10_000, 2**64, -1, "library_media", "2026-99-99"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    monkeypatch.setattr(restoring, "served_queues", frozenset)


@pytest.fixture
def archive() -> Path:
    return services.path_of(services.make_backup().name)


def repacked(path: Path, change: Callable[[dict[str, Any]], Any], packing: int = zipfile.ZIP_STORED) -> Path:
    """A copy of an archive whose manifest is what `change` makes of it."""
    copy = path.with_name("repacked.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", packing) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "manifest.json":
                content = json.dumps(change(json.loads(content))).encode()
            target.writestr(info.filename, content)
    return copy


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a JSON document, its containers too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(place for key, one in inner for place in places(one, (*before, key)))]


def with_value(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return document


def without(manifest: dict[str, Any], table: str) -> dict[str, Any]:
    del manifest["tables"][table]
    return manifest


def stage_unseen(path: Path) -> None:
    """Put an archive where a start looks for one, as a disk that fails, or an older Taggarr, may have."""
    folder = services.folder().parent / "restore"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(path, folder / "staged.zip")


def here() -> tuple[int, list[str]]:
    return Media.objects.count(), list(Connection.objects.values_list("name", flat=True))


def test_bytes_that_changed_are_refused_or_do_not_matter(archive):
    content, kept = archive.read_bytes(), here()
    refusals: list[str] = []

    @many
    @given(st.integers(0, 2**32), st.sampled_from(["flip", "zero", "cut", "insert", "drop"]))
    def upload(seed: int, how: str) -> None:
        chance = random.Random(seed)
        hurt = bytearray(content)
        for _ in range(chance.choice([1, 3, 10, 100])):
            # Most of what decides stands at the end, in the directory and its sizes.
            at = len(hurt) - 1 - int(len(hurt) * chance.random() ** chance.choice([1, 8]))
            at = max(at, 0)
            if how == "flip":
                hurt[at] ^= 1 << chance.randrange(8)
            elif how == "zero":
                hurt[at : at + 8] = bytes(len(hurt[at : at + 8]))
            elif how == "insert":
                hurt[at:at] = chance.randbytes(3)
            elif how == "drop":
                del hurt[at : at + 5]
            else:
                del hurt[at:]
                break
        try:
            taken = services.take_in([bytes(hurt)])
        except ConfigError as error:
            refusals.append(str(error))
        else:
            services.about(taken.name)
            services.path_of(taken.name).unlink()

    upload()
    assert len(refusals) > 20
    assert all(map(str.isprintable, refusals))
    assert here() == kept
    assert [one.name for one in services.folder().iterdir()] == [archive.name]


def test_any_value_in_the_manifest_is_fine_or_refused(archive):
    with zipfile.ZipFile(archive) as source:
        manifest = json.loads(source.read("manifest.json"))
    # Each kind of place once: tables and migrations are many and alike.
    known = {
        tuple("·" if isinstance(key, int) else key for key in place): place for place in places(manifest)
    }
    kept = here()
    refusals: list[str] = []

    @many
    @given(st.sampled_from(sorted(known.values(), key=str)), JSON)
    def check(place: tuple[Any, ...], value: Any) -> None:
        path = repacked(archive, lambda manifest: with_value(manifest, place, value))
        try:
            found = check_archive(path)
        except BackupError as error:
            refusals.append(str(error))
        else:
            texts = [found.version, found.created_at, found.postgresql, *sum(found.migrations, ())]
            assert all(map(str.isprintable, texts))
            assert sum(table.rows for table in found.tables.values()) >= 0
            assert all(map(str.isidentifier, found.tables))
            assert all(
                map(str.isidentifier, (name for table in found.tables.values() for name in table.columns))
            )

    check()
    assert len(refusals) > 20
    assert all(one.isprintable() and len(one) < 1000 for one in refusals)
    assert here() == kept


WRONG: list[Callable[[Any], Any]] = [
    lambda found: {**found, "tables": []},
    lambda found: {**found, "tables": {"library_media": [1]}},
    lambda found: {**found, "migrations": [[["library"], "0001_initial"]]},
    lambda found: {**found, "created_at": 5},
    lambda found: {**found, "created_at": "2026-99-99"},
    lambda found: {**found, "version": {"a": 1}},
    lambda found: {**found, "postgresql": "\x00"},
    lambda found: {**found, "format": True},
    lambda found: {**found, "format": [1] * 1000},
    lambda found: {**found, "settings": 3},
    lambda found: {**found, "colour": "blue"},
    lambda found: with_value(found, ("tables", "library_media", "rows"), "50"),
    lambda found: with_value(found, ("tables", "library_media", "columns"), "id"),
    lambda found: with_value(found, ("tables", "library_media", "columns"), ["id", "id"]),
    lambda found: with_value(found, ("tables", "library_media", "columns"), [["id"]]),
    lambda found: with_value(found, ("tables", "library_media", "sha256"), 0),
    lambda found: [found],
]


def test_a_manifest_of_wrong_types_neither_stops_a_start_nor_fills_the_disk(archive):
    kept, backups = here(), services.list_backups()
    for change in WRONG:
        stage_unseen(repacked(archive, change))

        said = services.restore_staged()

        aside = services.put_aside()
        assert aside is not None
        assert "was not restored" in said
        assert str(aside.path.parent) in said
        assert aside.path.exists()
        assert (services.restore_staged(), here(), services.list_backups()) == ("", kept, backups)
        (issue,) = [issue for issue in find_issues() if issue.code == "not_restored"]
        assert aside.reason in issue.what
        assert str(aside.path) in issue.remedy
        services.unstage()


def test_a_start_that_is_killed_while_it_restores_does_not_try_again(archive, monkeypatch):
    services.stage(archive)
    with monkeypatch.context() as killed:
        killed.setattr(services, "restore", lambda *_args, **_options: (_ for _ in ()).throw(SystemExit(137)))
        with pytest.raises(SystemExit):
            services.restore_staged()

    assert services.restore_staged() == ""
    (issue,) = [issue for issue in find_issues() if issue.code == "not_restored"]
    assert "was interrupted" in issue.what
    services.unstage()
    assert services.put_aside() is None


def test_whatever_goes_wrong_with_a_staged_archive_taggarr_starts(archive, monkeypatch):
    def broken(*_args: Any, **_options: Any) -> None:
        raise TypeError("unhashable")

    services.stage(archive)
    monkeypatch.setattr(services, "restore", broken)

    told = services.restore_staged()
    assert "An unexpected error (TypeError) stopped it: the log of this start says more" in told
    assert services.restore_staged() == ""


def test_where_it_cannot_be_moved_aside_it_is_not_tried(archive, monkeypatch):
    def refuse(*_args: Any) -> None:
        raise OSError(30, "Read-only file system")

    services.stage(archive)
    kept = here()
    Media.objects.filter(arr_id=1).delete()
    monkeypatch.setattr(Path, "rename", refuse)

    assert "Read-only file system" in services.restore_staged()
    assert here() != kept


def test_a_staged_archive_of_wrong_types_lets_a_new_installation_start(archive, fresh):
    other = fresh()
    (other.data / "restore").mkdir()
    shutil.copyfile(
        repacked(archive, lambda found: {**found, "migrations": [[["a"], "b"]]}),
        other.data / "restore" / "staged.zip",
    )

    started = [other.manage("startup") for _ in range(2)]

    assert [one.returncode for one in started] == [0, 0], started[0].stderr
    assert [one.stdout.count("was not restored") for one in started] == [1, 0]
    assert not list(other.data.glob("backups/*"))


def test_a_staged_archive_that_restores_leaves_nothing_aside(archive):
    Media.objects.all().delete()
    services.stage(archive)

    assert services.restore_staged().startswith(f"Restored {archive.name}")
    assert (Media.objects.count(), services.put_aside(), services.staged()) == (50, None, None)


@pytest.mark.parametrize("content", ["{", "[1]", "7", '{"name": 3, "drop_secrets": "yes"}', "[" * 100_000])
def test_a_wish_that_cannot_be_read_is_the_wish_for_the_archive_as_it_is(
    archive, data, as_admin_api, content
):
    services.stage(archive)
    (data / "restore" / "wish.json").write_text(content)

    found = as_admin_api.get("/api/v1/system/restore").json()

    assert (found["name"], found["drop_secrets"]) == ("staged.zip", False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda found: without(found, "library_media"), "library_media"),
        (
            lambda found: with_value(
                found,
                ("tables", "library_media", "columns"),
                found["tables"]["library_media"]["columns"][:-1],
            ),
            "other columns",
        ),
        (
            lambda found: {**found, "migrations": found["migrations"][:-1]},
            "other migrations|does not know the table|is missing",
        ),
        (lambda found: with_value(found, ("tables", "library_media", "rows"), 49), "50 rows instead of 49"),
    ],
)
def test_an_archive_that_leaves_something_out_is_not_half_restored(archive, change, reason):
    kept = here()
    path = repacked(archive, change)
    if reason == "library_media":
        path = drop_member(path, "tables/library_media.copy")

    with pytest.raises(BackupError, match=reason):
        restore(path)

    assert here() == kept


def drop_member(path: Path, name: str) -> Path:
    copy = path.with_name("dropped.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info.filename, source.read(info))
    return copy


def test_other_ways_of_packing_are_refused(archive):
    for packing in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(BackupError, match="packing is not ours"):
            check_archive(repacked(archive, lambda found: found, packing))


def test_a_manifest_of_more_than_any_of_ours_is_read_no_further(archive):
    large = repacked(
        archive, lambda found: {**found, "settings": {"x": "x" * 10 * 2**20}}, zipfile.ZIP_DEFLATED
    )
    with pytest.raises(BackupError, match=r"manifest\.json of this backup is larger than any of ours"):
        check_archive(large)


def test_a_manifest_that_unpacks_to_much_more_than_it_says_is_never_unpacked(archive, monkeypatch):
    """The directory says 100 bytes: zipfile, asked for all of it, would unpack what is there first."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("manifest.json", bytes(64 * 2**20))
    raw = content.getvalue()
    at = raw.index(b"PK\x01\x02") + 24
    archive.write_bytes(raw[:at] + (100).to_bytes(4, "little") + raw[at + 4 :])

    most = 0
    file: Any = zipfile.ZipExtFile
    real = file._read1

    def counted(self: Any, size: int) -> bytes:
        nonlocal most
        most = max(most, size)
        return bytes(real(self, size))

    monkeypatch.setattr(file, "_read1", counted)
    with pytest.raises(BackupError):
        check_archive(archive)
    assert most <= 2**20


def test_what_is_known_of_a_damaged_backup_can_be_stored(archive):
    from system.backup.services import check_backup

    archive.write_bytes(repacked(archive, lambda found: {**found, "version": "\x00\ud800"}).read_bytes())

    assert "version" in check_backup(archive.name).trouble
    assert RuntimeSetting.objects.get(name="backup_checks").value[archive.name]["trouble"]


@pytest.fixture
def as_admin_api() -> Any:
    from accounts.models import User
    from tests.api.conftest import with_key

    return with_key(User.objects.get(username="admin"), "settings")
