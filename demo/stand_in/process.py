"""A stand-in as a process of its own, for demo, tests and benchmarks."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

import requests

from demo.stand_in.faults import FaultKind

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 5.0
CONTROL_SECONDS = 30.0


class _State(Protocol):
    def to_json(self) -> dict[str, Any]: ...

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self: ...

    def save(self, path: Path) -> None: ...


S = TypeVar("S", bound=_State)


class Process(Generic[S]):
    """Starts a stand-in at `start` (or `with`), ends it at `stop`; `url` and `api_key` are for the client.

    `state` is a state or the path of a state file; without one the library is empty. `keep` writes the state
    back to that file at the end. `port` 0 takes any free port. A stand-in whose parent dies ends by itself.
    """

    module: ClassVar[str]

    def __init__(
        self,
        kind: str,
        state_class: type[S],
        state: S | Path | None = None,
        *,
        port: int = 0,
        api_key: str | None = None,
        url_base: str = "",
        keep: bool = False,
        options: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.api_key = api_key or f"stand-in-{kind}-key"
        self.url = ""
        self._state_class = state_class
        self._state = state
        self._port = port
        self._url_base = url_base
        self._keep = keep
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None
        self._session = requests.Session()

    # Life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process and returns when it answers.

        Raises:
            RuntimeError: it did not start; the text says what it printed.
        """
        with tempfile.TemporaryDirectory(prefix="stand-in-") as folder:
            command = self._command(Path(folder))
            # A file, not a pipe: nobody empties it while the process runs.
            self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                # Ctrl-C in the terminal is for the parent, which ends the stand-in after its clients.
                start_new_session=True,
            )
            # The state file has been read when the line comes.
            line = self._first_line()
        self.url = json.loads(line)["url"]

    def stop(self) -> None:
        """Ends the process; a second call does nothing."""
        process, self._process = self._process, None
        self._session.close()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, self._complaints):
            if stream is not None:
                stream.close()

    @contextmanager
    def down(self) -> Iterator[None]:
        """It does not run meanwhile; afterwards it knows what it knew, at the same address."""
        self._state = self.state()
        self._port = int(self.url.removesuffix(self._url_base).rpartition(":")[2])
        self.stop()
        yield
        self.start()

    @property
    def pid(self) -> int:
        """The process id while it runs.

        Raises:
            RuntimeError: it does not run.
        """
        if self._process is None:
            raise RuntimeError(f"The stand-in {self.kind} does not run.")
        return self._process.pid

    # What it saw, and what it is to do

    def journal(self, method: str | None = None, *, since: int = 0) -> list[dict[str, Any]]:
        """The requests it got, in order, those of one method if given, those after number `since`.

        Each has seq, time, method, path, query, body (JSON), status (None: the connection was reset, or the
        answer is not out yet), took_ms and fault.
        """
        entries = cast("list[dict[str, Any]]", self._control("GET", f"journal?since={since}"))
        return [entry for entry in entries if method in (None, entry["method"])]

    def clear_journal(self) -> None:
        """Forgets the requests so far; their numbers go on."""
        self._control("DELETE", "journal")

    def fault(
        self,
        kind: FaultKind,
        path: str = ".*",
        *,
        method: str = ".*",
        count: int | None = 1,
        **options: Any,
    ) -> None:
        """Injects a fault into the next `count` requests (None: all) that match.

        `path` is searched and `method` matched whole, as regular expressions; `options` are those of
        `faults.Fault` (status, retry_after, seconds, after, skip, probability, seed).
        """
        self._control(
            "POST", "faults", {"kind": kind, "path": path, "method": method, "count": count, **options}
        )

    def clear_faults(self) -> None:
        self._control("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        """The faults with what is left of their counts."""
        return cast("list[dict[str, Any]]", self._control("GET", "faults"))

    def change(self, op: str, **args: Any) -> dict[str, Any]:
        """Changes the library behind the client's back (`control` lists the operations); returns new ids."""
        return cast("dict[str, Any]", self._control("POST", "state", {"op": op, **args}))

    def load(self, state: S) -> None:
        """Starts over with another library, without faults, and with an empty journal."""
        self.change("load", state=state.to_json())
        self.clear_faults()
        self.clear_journal()

    def state(self) -> S:
        """A copy of what it knows now."""
        return self._state_class.from_json(cast("dict[str, Any]", self._control("GET", "state")))

    # Within

    def _command(self, folder: Path) -> list[str]:
        command = [sys.executable, "-m", self.module, "--kind", self.kind, "--port", str(self._port)]
        command += ["--api-key", self.api_key, "--exit-with-stdin", *self._options]
        if isinstance(self._state, Path):
            command += ["--state", str(self._state), *(["--keep"] if self._keep else [])]
        elif self._state is not None:
            self._state.save(folder / "state.json")
            command += ["--state", str(folder / "state.json")]
        return command

    def _first_line(self) -> bytes:
        process = self._process
        if process is None or process.stdout is None or self._complaints is None:
            raise RuntimeError(f"The stand-in {self.kind} was not started.")
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            ready = selector.select(START_SECONDS)
        line = process.stdout.readline() if ready else b""
        if line:
            return line
        process.kill()
        process.wait()
        self._complaints.seek(0)
        complaint = self._complaints.read().decode("utf-8", "replace").strip()
        self.stop()
        raise RuntimeError(f"The stand-in {self.kind} did not start: {complaint or 'it said nothing'}")

    def _control(self, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
        base = self.url.removesuffix(self._url_base)
        response = self._session.request(
            method, f"{base}/__control/{what}", json=body, timeout=CONTROL_SECONDS
        )
        data = response.json()
        if not response.ok:
            raise ValueError(data["error"])
        return data
