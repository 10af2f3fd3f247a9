"""The errors of Taggarr. Everything raised on purpose descends from `TaggarrError`.

Two questions decide the class: may trying again help (`ApiTransientError`, `StorageError`), and who can mend
it (`ConfigError`: the person who reads the message).
"""

from __future__ import annotations

from typing import Any

from core.words import Phrase


class TaggarrError(Exception):
    """Base of all errors that Taggarr raises on purpose: a code of `core.words` with its parts.

    Its text is one sentence in English; `told` is that sentence in the active language. What cannot be
    translated, because there is no Django yet or another program said it, is a text in place of the code.
    """

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__()
        self.say(code if isinstance(code, Phrase) else Phrase(code, **params))

    def say(self, phrase: Phrase) -> None:
        """Have the error say something else."""
        self.phrase, self.args = phrase, (phrase,)

    @property
    def told(self) -> str:
        """The sentence in the active language."""
        return self.phrase.told


class ConfigError(TaggarrError):
    """A setting, an address, a key or an input is wrong; the text says which and what to do."""


class FieldError(ConfigError):
    """One field of what was given is wrong: `field` names it, for whoever can show the sentence beside it."""

    def __init__(self, field: str, code: str, /, **params: Any) -> None:
        super().__init__(code, **params)
        self.field = field


class Later(TaggarrError):  # noqa: N818  (no error: it says when to go on)
    """A call must wait `seconds`: so often the service may not be asked. It costs a job no attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__("service.later", seconds=max(round(seconds), 1))
        self.seconds = seconds


class ApiError(TaggarrError):
    """A call to another program or service failed. `status` is the HTTP status, None where no answer came."""

    def __init__(self, code: str, /, *, status: int | None = None, **params: Any) -> None:
        super().__init__(code, **params)
        self.status = status


class ApiTransientError(ApiError):
    """The call may succeed later: 5xx, 408, 429, a timeout, a refused connection, an answer that is no JSON.

    `retry_after` is in seconds, None where the server named no time. `counts_for_breaker` is true where the
    instance itself seems down (timeout, refused connection, TLS error, 502 to 504).
    """

    def __init__(
        self,
        code: str,
        /,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        counts_for_breaker: bool = False,
        **params: Any,
    ) -> None:
        super().__init__(code, status=status, **params)
        self.retry_after = retry_after
        self.counts_for_breaker = counts_for_breaker


class ApiPermanentError(ApiError):
    """The call will fail again as it stands: 4xx, JSON that is not the API's, another app's answer."""


class ApiAuthError(ApiPermanentError):
    """The instance refused the API key (401 or 403)."""


class ProbeError(TaggarrError):
    """The file was read, and is no media file that any engine understands. Trying again will not help."""


class StorageError(TaggarrError):
    """The file could not be reached now (missing, mount away, disk failure): try again later."""


class PutOffError(StorageError):
    """The file is an odd one, which may take long: it waits until all others are read."""


class NfoError(TaggarrError):
    """An NFO file is malformed or hostile; it was left as it was."""


def why_unreadable(error: OSError | UnicodeDecodeError) -> str:
    """Return in a few words why a text file could not be read."""
    return (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"
