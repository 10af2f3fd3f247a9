"""A process apart for code that reads the bytes of strangers: no secrets, files, network; hard limits."""

from core.cage.keeper import (
    BrokenError,
    Cage,
    CageError,
    Limits,
    StalledError,
    UnreadyError,
    wall_here,
)
from core.cage.walls import Wall

__all__ = ["BrokenError", "Cage", "CageError", "Limits", "StalledError", "UnreadyError", "Wall", "wall_here"]
