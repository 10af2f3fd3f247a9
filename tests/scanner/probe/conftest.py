"""What the tests of reading files share."""

import os

import pytest


@pytest.fixture
def written(tmp_path):
    """Writes a file that has lain there for years."""

    def write(data, name="film.mkv"):
        path = tmp_path / name
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        return path

    return write
