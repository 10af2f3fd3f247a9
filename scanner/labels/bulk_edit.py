"""Sending one tag change to many media, and finding the one that spoils it for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.errors import ApiError
from core.outbound.transport import WITHIN
from core.words import Phrase
from library.clients import Apply, LibraryClient
from library.clients.base import EDIT_TIMEOUT

SPOILED = (400, 404, 500)
"""What the editors answer for a whole call when one id is gone (500, 404) or one series is invalid (400)."""

LONGEST_CALL = EDIT_TIMEOUT + WITHIN
"""Seconds: its last try begins within the time in which a call is tried again."""

HOPELESS = 3
"""So many single media refused one after another with a 500, none taken: it is the app that is broken."""

GONE = Phrase("title.gone")


@dataclass(slots=True)
class EditOutcome:
    """`tags` maps an arr id to the tag ids it carries now; `failed` maps the others to a sentence."""

    tags: dict[int, list[int]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)


class BulkEdit:
    """Sends editor calls for one instance; asks at most once which media still exist.

    `before_call` is called before each of them, which may take `LONGEST_CALL` seconds.
    """

    def __init__(self, client: LibraryClient, before_call: Callable[[], None]) -> None:
        self._client = client
        self._before_call = before_call
        self._alive: set[int] | None = None
        self._refused_in_a_row = 0
        self._asked_twice: set[int] = set()

    def send(self, arr_ids: Sequence[int], tag_ids: Sequence[int], apply: Apply) -> EditOutcome:
        """Apply (`add` or `remove`) these tags to these media; only a culprit fails, not its neighbours.

        Raises `ApiError` where the instance as a whole refuses or cannot be reached.
        """
        outcome = EditOutcome()
        pending = [list(arr_ids)]
        while pending:
            chunk = pending.pop()
            self._before_call()
            try:
                patient = len(chunk) == 1 and chunk[0] in self._asked_twice
                outcome.tags |= self._client.edit_tags(chunk, list(tag_ids), apply, patient=patient)
                self._refused_in_a_row = 0
            except ApiError as error:
                if error.status not in SPOILED:
                    raise
                pending += self._split(chunk, error, outcome)
        return outcome

    def _split(self, chunk: list[int], error: ApiError, outcome: EditOutcome) -> list[list[int]]:
        """Return the smaller calls to make in place of one that was refused."""
        alive = [arr_id for arr_id in chunk if arr_id in self._existing()]
        for arr_id in set(chunk) - set(alive):
            outcome.failed[arr_id] = GONE
        if len(alive) < len(chunk):
            return [alive] if alive else []
        if len(chunk) == 1:
            if error.status == 500 and chunk[0] not in self._asked_twice:
                # It is still there, so this 500 may be one that passes.
                self._asked_twice.add(chunk[0])
                return [chunk]
            self._refused_in_a_row += 1
            if error.status == 500 and self._refused_in_a_row >= HOPELESS:
                raise error
            outcome.failed[chunk[0]] = error.phrase
            return []
        middle = len(chunk) // 2
        return [chunk[middle:], chunk[:middle]]

    def _existing(self) -> set[int]:
        if self._alive is None:
            self._alive = {media.arr_id for media in self._client.media()}
        return self._alive
