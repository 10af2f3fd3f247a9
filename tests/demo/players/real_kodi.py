"""A real Kodi without a screen (Debian's `kodi` and `xvfb`), to compare the stand-in with."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import requests

from tests.waiting import wait_until

INSTALLED = bool(shutil.which("kodi") and shutil.which("Xvfb"))
USER, PASSWORD = "kodi", "stand-in-kodi-key"
_START = 60.0
_KODI = "/usr/lib/x86_64-linux-gnu/kodi/kodi.bin"
_DEEP = 2147483647


class RealKodi:
    """Its folder, its address, and its process."""

    def __init__(self, folder: Path, port: int, sources: dict[str, Path]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._home = folder
        self._sources = sources
        self._data = folder / ".kodi" / "userdata"
        self._data.mkdir(parents=True)
        _settings(self._data / "guisettings.xml", port)
        (self._data / "advancedsettings.xml").write_text(
            "<advancedsettings><splash>false</splash></advancedsettings>", encoding="utf-8"
        )
        rows = "".join(
            f"<source><name>{name}</name><path>{escape(str(path))}/</path></source>"
            for name, path in sources.items()
        )
        (self._data / "sources.xml").write_text(f"<sources><video>{rows}</video></sources>", encoding="utf-8")

    @contextmanager
    def running(self) -> Iterator[None]:
        """It answers within."""
        environment = {**os.environ, "HOME": str(self._home), "LIBGL_ALWAYS_SOFTWARE": "1"}
        with (self._home / "log").open("ab") as log, _display(environment, log.fileno()):
            process = subprocess.Popen(
                [
                    "/usr/lib/x86_64-linux-gnu/kodi/kodi.bin",
                    "--standalone",
                    "--windowing=x11",
                    "--audio-backend=null",
                ],
                env=environment,
                stdout=log,
                stderr=log,
            )
            try:
                wait_until(self._answers, "Kodi answered", limit=_START)
                yield
            finally:
                process.terminate()
                process.wait(_START)

    def set_content(self) -> None:
        """Tells it what its sources hold; it must not run."""
        database = next((self._data / "Database").glob("MyVideos*.db"))
        with sqlite3.connect(database) as connection:
            for name, path in self._sources.items():
                connection.execute(
                    "INSERT INTO path (strPath, strContent, strScraper, scanRecursive, useFolderNames,"
                    " noUpdate, exclude) VALUES (?, ?, 'metadata.local', ?, ?, 0, 0)",
                    (f"{path}/", name, *((_DEEP, 1) if name == "movies" else (0, 0))),
                )

    def _answers(self) -> bool:
        try:
            body = {"jsonrpc": "2.0", "id": 1, "method": "JSONRPC.Ping"}
            return requests.post(f"{self.url}/jsonrpc", json=body, auth=(USER, PASSWORD), timeout=5).ok
        except requests.ConnectionError:
            return False


@contextmanager
def _display(environment: dict[str, str], log: int) -> Iterator[None]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=log,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            environment["DISPLAY"] = f":{told.readline().strip()}"
        yield
    finally:
        server.terminate()
        server.wait()


def _settings(path: Path, port: int) -> None:
    values = {
        "services.webserver": "true",
        "services.webserverport": str(port),
        "services.webserverauthentication": "true",
        "services.webserverusername": USER,
        "services.webserverpassword": PASSWORD,
        "services.webserverssl": "false",
        "services.esallinterfaces": "false",
        "services.zeroconf": "false",
        "general.addonupdates": "2",
        "videolibrary.updateonstartup": "false",
    }
    rows = "".join(f'<setting id="{name}">{value}</setting>' for name, value in values.items())
    path.write_text(f'<settings version="2">{rows}</settings>', encoding="utf-8")
