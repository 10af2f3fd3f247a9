"""A real Kodi, where one is installed: in a household it stands in the place of its stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

import requests

from bench.faults.library import FOREIGN
from bench.stack import wait_until
from demo.arr.state import ArrState
from demo.players.state import PlayerState
from tests.demo.players.real_kodi import PASSWORD, USER, RealKodi
from tests.ports import kept_port

NFO = "<tvshow><title>{title}</title><tag>{tag}</tag></tvshow>"
PROPERTIES = ["title", "file", "tag"]
LISTED = {"movies": "VideoLibrary.GetMovies", "tvshows": "VideoLibrary.GetTVShows"}


class BenchKodi:
    """A Kodi that has read the movies or tvshows of a folder, as its `content` says; `number` of them."""

    api_key = PASSWORD

    def __init__(self, folder: Path, root: Path, content: str, number: int) -> None:
        self._life = ExitStack()
        self._root, self._content, self._number = root, content, number
        self._kodi = RealKodi(folder, self._life.enter_context(kept_port()), {content: root})
        self._process = ExitStack()

    @property
    def url(self) -> str:
        return self._kodi.url

    def __enter__(self) -> Self:
        with self._kodi.running():
            pass
        self._kodi.set_content()
        self._start()
        self.call("VideoLibrary.Scan")
        wait_until(lambda: len(self.listed(PROPERTIES)) == self._number, every=1.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.close()
        self._life.close()

    @contextmanager
    def down(self) -> Iterator[None]:
        """It is switched off meanwhile."""
        self._process.close()
        yield
        self._start()

    def listed(self, properties: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]]
        found = self.call(LISTED[self._content], properties=properties).get(self._content, [])
        return found

    def call(self, method: str, **params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = requests.post(f"{self.url}/jsonrpc", json=body, auth=(USER, PASSWORD), timeout=60)
        return answer.json()["result"]

    def _start(self) -> None:
        self._process.enter_context(self._kodi.running())


class HouseholdKodi(BenchKodi):
    """A Kodi that has read the series of a Sonarr from their folders, each with a tag of somebody else's."""

    def __init__(self, folder: Path, sonarr: ArrState, root: Path) -> None:
        for media in sonarr.media.values():
            text = NFO.format(title=escape(media.title), tag=FOREIGN)
            (Path(media.path) / "tvshow.nfo").write_text(text, encoding="utf-8")
        super().__init__(folder, root, "tvshows", len(sonarr.media))

    def state(self) -> PlayerState:
        """The shows that it has now, as a stand-in tells them."""
        state = PlayerState("kodi")
        library = state.add_library("TV Shows", "show", [str(self._root)])
        for row in self.listed(PROPERTIES):
            state.add_show(library.id, row["file"], title=row["title"], lists={"label": row["tag"]})
        return state
