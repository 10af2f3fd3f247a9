"""The control endpoints of a stand-in: its journal, its faults, and changes made behind the client's back.

They need no key. The process listens on the loopback address only, and requests from elsewhere are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from demo.stand_in.answers import Refused
from demo.stand_in.faults import Fault

if TYPE_CHECKING:
    from demo.stand_in.app import Program

PREFIX = "/__control"


class ControlError(Exception):
    """A control request that makes no sense; its text says why."""


@dataclass(slots=True)
class Control:
    """The journal and the faults of one stand-in."""

    program: Program
    journal: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sequence: int = 0

    def record(self, entry: dict[str, Any]) -> None:
        """Appends a request to the journal under the next number."""
        self.sequence += 1
        self.journal.append({"seq": self.sequence, **entry})

    def fault_for(self, method: str, target: str) -> Fault | None:
        """The first fault that strikes this request; `target` is its path, and what it asks for."""
        return next((fault for fault in self.faults if fault.strikes(method, target)), None)

    def handle(self, method: str, path: str, query: dict[str, str], raw: bytes) -> Any:
        """Answers one control request with JSON-able data.

        Raises:
            ControlError: the request makes no sense.
        """
        name = path.removeprefix(PREFIX).strip("/")
        try:
            body = orjson.loads(raw) if raw else {}
            return self._dispatch(method, name, query, body)
        except (KeyError, TypeError, ValueError, Refused) as error:
            raise ControlError(f"{method} {path}: {type(error).__name__}: {error}") from error

    def _dispatch(self, method: str, name: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        match method, name:
            case "GET", "journal":
                since = int(query.get("since", 0))
                return [entry for entry in self.journal if entry["seq"] > since]
            case "DELETE", "journal":
                self.journal.clear()
            case "GET", "faults":
                return [fault.to_json() for fault in self.faults]
            case "POST", "faults":
                self.faults.append(Fault(**body))
            case "DELETE", "faults":
                self.faults.clear()
            case "GET", "state":
                return self.program.state.to_json()
            case "POST", "state":
                return self.program.change(body.pop("op"), body) or {}
            case _:
                raise ControlError(f"There is no {method} {PREFIX}/{name}.")
        return {}


def known_change(changes: dict[str, Any], op: str) -> Any:
    """The function that carries out a change.

    Raises:
        ControlError: there is no such change.
    """
    if op not in changes:
        raise ControlError(f"There is no change '{op}'; there are {', '.join(sorted(changes))}.")
    return changes[op]
