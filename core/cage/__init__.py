"""A process apart for code that reads the bytes of strangers: no secrets, files, network; hard limits."""

from core.cage.errors import BrokenError, CageError, StalledError, UnreadyError
from core.cage.keeper import Cage, Limits, wall_here
from core.cage.walls import Wall

__all__ = ["BrokenError", "Cage", "CageError", "Limits", "StalledError", "UnreadyError", "Wall", "wall_here"]
