"""What runs inside a cage: it gets a descriptor and JSON, calls one function, and gives JSON back.

A process of its own, started anew and not forked: its memory never held what its parent knows. Its standard
input is the socket, its output goes nowhere.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import select
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from core.cage import walls

LENGTH = struct.Struct(">I")
"""Before every message stands its length in bytes."""

MOST_ASKED = 64 << 10
"""Bytes of parameters: what a socket takes at once."""
# The socket, two that lead nowhere, and the file being read.
_DESCRIPTORS = 4


def main() -> None:
    """Prepare, shut the walls, and serve until the parent is gone or asks for nothing for a while."""
    settings = json.loads(sys.argv[1])
    if settings["dies_with"]:
        walls.die_with_parent(settings["dies_with"])
    walls.limit_memory(settings["memory"])
    parent = socket.socket(fileno=0)
    try:
        _function(settings["prepare"])()
        work = _function(settings["work"])
    except Exception as error:  # noqa: BLE001 - the outermost boundary: the parent tells it
        _answer(parent, {"unready": f"{error}"[:1000]})
        return
    _answer(parent, {"wall": walls.close(_DESCRIPTORS)})
    waiting = select.poll()
    waiting.register(parent, select.POLLIN)
    while waiting.poll(settings["idle"] * 1000):
        asked = _receive(parent)
        if asked is None:
            return
        parameters, descriptor = asked
        try:
            answer = {"answer": work(descriptor, parameters)}
        except MemoryError:
            answer = {"memory": True}
        except Exception as error:  # noqa: BLE001 - the outermost boundary: the parent tells it
            answer = {"failed": type(error).__name__}
        finally:
            os.close(descriptor)
        _answer(parent, answer)


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def _receive(parent: socket.socket) -> tuple[Any, int] | None:
    """What the parent asks for: parameters and a descriptor; None where it is gone."""
    descriptors = array.array("i")
    data, ancillary, _, _ = parent.recvmsg(LENGTH.size + MOST_ASKED, socket.CMSG_SPACE(descriptors.itemsize))
    for _level, _kind, found in ancillary:
        descriptors.frombytes(found[: descriptors.itemsize])
    if len(data) < LENGTH.size or not descriptors:
        return None
    asked, length = bytearray(data[LENGTH.size :]), LENGTH.unpack_from(data)[0]
    while len(asked) < length:
        piece = parent.recv(length - len(asked))
        if not piece:
            return None
        asked += piece
    return json.loads(asked), descriptors[0]


def _answer(parent: socket.socket, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode()
    parent.sendall(LENGTH.pack(len(data)) + data)
