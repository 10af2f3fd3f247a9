"""How a call into a cage fails. Each text says what the reader in the cage did, without a subject."""

from __future__ import annotations


class CageError(Exception):
    """Base of what a call into a cage raises; whoever calls says it of a file, in the words of his field."""


class BrokenError(CageError):
    """The reader crashed, was killed, went beyond a limit or answered nonsense: the bytes did that.

    `again` says whether a fresh reader deserves a try: None where it does if this one was not fresh.
    """

    def __init__(self, text: str, *, again: bool | None = None) -> None:
        super().__init__(text)
        self.again = again


class StalledError(CageError):
    """There was no answer in time, though the reader hardly worked: the disk or the machine is slow."""


class UnreadyError(CageError):
    """The reader could not be started. `lasting` is true where starting it again cannot help."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        super().__init__(text)
        self.lasting = lasting
