import os
import subprocess
import sys

import pytest

from core.errors import ConfigError
from system.up import LOCK_FILE, DataLock


def test_a_second_process_is_told_who_holds_the_folder(tmp_path):
    with (
        DataLock(tmp_path),
        pytest.raises(ConfigError, match=rf"already runs over {tmp_path} \(process {os.getpid()}\)"),
    ):
        DataLock(tmp_path)

    with DataLock(tmp_path):
        pass


def test_the_lock_goes_with_a_killed_process(tmp_path):
    code = "import time; from pathlib import Path; from system.up import DataLock; "
    code += f"lock = DataLock(Path({str(tmp_path)!r}))"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"{code}; print('held', flush=True); time.sleep(600)"], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(ConfigError, match=str(holder.pid)):
        DataLock(tmp_path)

    holder.kill()
    holder.wait()
    holder.stdout.close()

    with DataLock(tmp_path):
        pass


def test_programs_started_under_the_lock_do_not_keep_it(tmp_path):
    with DataLock(tmp_path):
        child = subprocess.Popen(["sleep", "600"], close_fds=False)
    try:
        with DataLock(tmp_path):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Cannot write to"):
        DataLock(tmp_path / "file" / "data")

    (tmp_path / LOCK_FILE).mkdir(parents=True)
    with pytest.raises(ConfigError, match="Cannot write to"):
        DataLock(tmp_path)


def test_a_folder_without_permission_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(ConfigError, match=f"Cannot write to {tmp_path}"):
        DataLock(tmp_path)
