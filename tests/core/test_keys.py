import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from core import keys
from core.errors import ConfigError


@pytest.fixture(autouse=True)
def no_given_keys(monkeypatch):
    monkeypatch.delenv("TAGGARR_SECRET_KEY")
    monkeypatch.delenv("TAGGARR_ENCRYPTION_KEYS")


def test_the_first_start_makes_both_keys_for_their_owner_alone(tmp_path):
    data = tmp_path / "new" / "data"

    made = keys.make_missing_keys(data)

    assert sorted(path.name for path in made) == ["encryption_keys", "secret_key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert len(keys.secret_key(data)) >= 50
    Fernet(keys.encryption_keys(data)[0])
    assert sorted(path.name for path in data.iterdir()) == ["encryption_keys", "logs", "run", "secret_key"]


def test_a_second_start_keeps_them(tmp_path):
    keys.make_missing_keys(tmp_path)
    before = keys.secret_key(tmp_path), keys.encryption_keys(tmp_path)

    assert keys.make_missing_keys(tmp_path) == []
    assert (keys.secret_key(tmp_path), keys.encryption_keys(tmp_path)) == before


def test_programs_that_start_together_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = [
            path for found in pool.map(lambda _: keys.make_missing_keys(tmp_path), range(8)) for path in found
        ]

    assert sorted(path.name for path in made) == ["encryption_keys", "secret_key"]


def test_given_keys_win_and_none_are_made(tmp_path, monkeypatch):
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("TAGGARR_SECRET_KEY", "0123456789 and some more characters")
    monkeypatch.setenv("TAGGARR_ENCRYPTION_KEYS", f"{first}, {second}")

    assert keys.make_missing_keys(tmp_path) == []
    assert keys.secret_key(tmp_path) == "0123456789 and some more characters"
    assert keys.encryption_keys(tmp_path) == [first, second]


def test_without_keys_nothing_is_invented(tmp_path):
    assert keys.secret_key(tmp_path) == ""
    assert keys.encryption_keys(tmp_path) == []


@pytest.mark.parametrize("key", ["short", "x" * 64, "django-insecure-0123456789abcdefghijklmnopqrstuv"])
def test_a_placeholder_is_no_secret_key(tmp_path, monkeypatch, key):
    monkeypatch.setenv("TAGGARR_SECRET_KEY", key)

    with pytest.raises(ConfigError, match="TAGGARR_SECRET_KEY is a placeholder"):
        keys.secret_key(tmp_path)


@pytest.mark.parametrize(
    "key", ["no base64!", "c2hvcnQ=", "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=", "ä" * 44]
)
def test_what_is_no_random_key_is_refused_by_its_number(tmp_path, monkeypatch, key):
    monkeypatch.setenv("TAGGARR_ENCRYPTION_KEYS", f"{Fernet.generate_key().decode()},{key}")

    with pytest.raises(ConfigError, match="key 2 is not") as refused:
        keys.encryption_keys(tmp_path)
    assert key not in str(refused.value)


def test_an_unreadable_key_file_is_told(tmp_path):
    (tmp_path / "secret_key").mkdir()

    with pytest.raises(ConfigError, match="Cannot read the key file"):
        keys.secret_key(tmp_path)


def test_a_key_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "encryption_keys").write_bytes(b"\xff")

    with pytest.raises(ConfigError, match="it is not UTF-8 text"):
        keys.encryption_keys(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="Cannot write to"):
        keys.make_missing_keys(tmp_path / "file" / "data")


def test_a_key_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.open", full)

    with pytest.raises(ConfigError, match="No space left on device"):
        keys.make_missing_keys(tmp_path)
