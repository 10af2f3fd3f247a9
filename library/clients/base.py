"""What Sonarr and Radarr have in common: the calls that Taggarr makes, and the types they answer with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Literal, Protocol, TypeVar, Unpack

from core.errors import ApiError, ApiPermanentError
from core.outbound import shapes
from core.outbound.answers import API, MissingError, not_the_api
from core.outbound.records import read_records
from core.outbound.transport import Method, Options, Transport, key_in

from . import wire

T = TypeVar("T")
Apply = Literal["add", "remove"]

EDIT_TIMEOUT = 120.0
"""Seconds: an editor call writes up to 500 media one after another before it answers."""

LARGEST_LIBRARY = 2**30
"""Bytes of the list of all media, which is read record by record: 10 KB for each of 100,000."""

MOST_KEPT = 256 * 2**20
"""Bytes that may be kept of that list. A series or movie takes one or two KB of them."""

LARGEST_LIST = 64 * 2**20
"""Bytes of any other list. A series of 5,000 files takes 15 MB."""

LARGEST_POSTER = 4 * 2**20

_CLIENT_ERRORS = (400, 409)


class LibraryClient(Protocol):
    """What lists series or movies with their files and tags, and takes tags: an app, or a plain folder."""

    def media(self) -> list[wire.RemoteMedia]:
        """Return every series or movie; the list is whole, or an error is raised."""

    def one_media(self, arr_id: int) -> wire.RemoteMedia | None:
        """Return one series or movie, None where there is none of this number."""

    def files(self, arr_id: int) -> list[wire.RemoteFile]:
        """Return the video files of one series or movie."""

    def tags(self) -> dict[int, str]:
        """Return the label of every tag by its number."""

    def create_tag(self, label: str) -> int:
        """Return the number of the tag with this label, made if it is not there yet."""

    def edit_tags(
        self, arr_ids: Sequence[int], tag_ids: Sequence[int], apply: Apply, *, patient: bool = False
    ) -> dict[int, list[int]]:
        """Add tags to, or remove them from, many titles; return the tags of each as they are then."""

    def command(self, name: str, arr_id: int) -> None:
        """Have one title looked at again: RescanSeries or RescanMovie."""


class ArrClient(ABC):
    """One connected Sonarr or Radarr.

    Every method raises `ApiTransientError` where trying later may help, `ApiAuthError` where the API key
    was refused, and `ApiPermanentError` otherwise; the texts name the instance and never hold the key.

    `on_result` hears once of every call: the error that left it, or None. With `read_only` every request
    but GET is refused before it is sent.
    """

    app: ClassVar[str]
    """The name that the application gives itself in its status."""

    resource: ClassVar[str]
    """The path of its media: `series` or `movie`."""

    ids_field: ClassVar[str]
    """What its editor calls the list of media ids."""

    command_field: ClassVar[str]
    """What its commands call the id of a title."""

    def __init__(self, url: str, api_key: str, **options: Unpack[Options]) -> None:
        self._transport = Transport(self.app, url, key_in("X-Api-Key", api_key), **options)

    def __repr__(self) -> str:
        return repr(self._transport)

    @property
    def name(self) -> str:
        return self._transport.name

    def ping(self) -> None:
        """Return when the application answers its health check; this needs no key. GET /ping."""
        data = self._transport.request("GET", "/ping", tries=1)
        self._read(lambda: shapes.as_object(data, "ping"))

    def status(self) -> wire.Status:
        """Return which application answers, whichever it is. GET system/status."""
        data = self._get("system/status")
        return self._read(lambda: wire.read_status(data))

    def root_folders(self) -> list[str]:
        """Return the paths of the root folders. GET rootfolder."""
        return self._get_list("rootfolder", wire.read_root_folder)

    def metadata_consumers(self) -> list[str]:
        """Return the names of what writes NFO files and pictures for players, as far as it is on.

        GET metadata.
        """
        found = self._get_list("metadata", wire.read_metadata_consumer)
        return [name for name, is_on in found if is_on]

    def media(self) -> list[wire.RemoteMedia]:
        """Return every series or movie; the list is whole, or an error is raised. GET series or movie."""
        try:
            found = self._records("GET", self.resource, self._weighed(), largest=LARGEST_LIBRARY)
        except ApiPermanentError as error:
            if error.status == HTTPStatus.NOT_FOUND and (other := self._other_app()):
                raise ApiPermanentError(
                    "instance.other-answers", name=self.name, other=other, app=self.app, status=error.status
                ) from None
            raise
        if len({media.arr_id for media in found}) < len(found):
            raise ApiPermanentError("instance.twice", name=self.name, what=self.resource)
        return found

    def _weighed(self) -> Callable[[dict[str, Any]], wire.RemoteMedia]:
        """What reads the records of the list of media, as long as they weigh together what media may."""
        left = MOST_KEPT

        def read(record: dict[str, Any]) -> wire.RemoteMedia:
            nonlocal left
            media = self._media_of(record)
            left -= media.weight
            if left < 0:
                raise shapes.WireError(f"what it tells takes more than {MOST_KEPT // 2**20} MiB")
            return media

        return read

    def _other_app(self) -> str:
        """Return the name of the application that answers, where it is not the expected one; else empty."""
        try:
            found = self.status().app_name
        except ApiError:
            return ""
        return "" if found == self.app else found

    def one_media(self, arr_id: int) -> wire.RemoteMedia | None:
        """Return one series or movie, None where the application says that there is none. GET series/{id}."""
        try:
            data = self._get(f"{self.resource}/{arr_id}")
        except MissingError:
            return None
        return self._read(lambda: self._media_of(shapes.as_object(data, self.resource)))

    @abstractmethod
    def files(self, arr_id: int) -> list[wire.RemoteFile]:
        """Return the video files of one series or movie."""

    def tags(self) -> dict[int, str]:
        """Return the label of every tag by its id. GET tag."""
        return dict(self._get_list("tag", wire.read_tag))

    def create_tag(self, label: str) -> int:
        """Return the id of the tag with this label, made if it is not there yet. POST tag.

        The applications answer with the existing tag where there is one, so this may be repeated.
        """
        try:
            data = self._call("POST", "tag", {"label": label})
        except ApiPermanentError as error:
            if error.status not in _CLIENT_ERRORS:
                raise
            known = {known_label: tag_id for tag_id, known_label in self.tags().items()}
            if label.lower() not in known:
                raise
            return known[label.lower()]
        return self._read(lambda: wire.read_tag(shapes.as_object(data, "tag")))[0]

    def edit_tags(
        self, arr_ids: Sequence[int], tag_ids: Sequence[int], apply: Apply, *, patient: bool = False
    ) -> dict[int, list[int]]:
        """Add tags to, or remove them from, many media in one call; return the tag ids of each as answered.

        PUT series/editor or movie/editor. The application answers 500 for the whole call where one title has
        vanished, so a 500 is not tried again here unless the call is to be `patient`.
        """
        body = {self.ids_field: list(arr_ids), "tags": list(tag_ids), "applyTags": apply}
        final = frozenset[int]() if patient else frozenset({500})
        path = f"{self.resource}/editor"
        options = {"body": body, "timeout": EDIT_TIMEOUT, "final": final}
        return dict(self._records("PUT", path, wire.read_edited, **options))

    def command(self, name: str, arr_id: int) -> None:
        """Give the application a command for one title, such as RescanSeries or RescanMovie. POST command."""
        self._call("POST", "command", {"name": name, self.command_field: arr_id}, tries=1)

    def poster(self, arr_id: int) -> bytes:
        """Return the poster of one title, 250 pixels wide. GET mediacover/{id}/poster-250.jpg."""
        path = f"{API}mediacover/{arr_id}/poster-250.jpg"
        found: bytes = self._transport.request("GET", path, tries=1, raw=True, largest=LARGEST_POSTER)
        return found

    @abstractmethod
    def search(self, arr_id: int, episode_ids: Sequence[int]) -> None:
        """Have the application search for releases of a movie, or of these episodes. POST command."""

    @abstractmethod
    def unmonitor(self, arr_id: int, episode_ids: Sequence[int]) -> None:
        """Have the application watch no longer for a movie, or for these episodes."""

    def notifications(self) -> list[dict[str, Any]]:
        """Return the connections that are set up (Settings → Connect). GET notification."""
        return self._get_list("notification", dict)

    def notification_forms(self) -> list[dict[str, Any]]:
        """Return an empty connection of each kind that the application knows. GET notification/schema."""
        return self._get_list("notification/schema", dict)

    def save_notification(self, body: dict[str, Any]) -> int:
        """Save a connection, a new one where it has no id; return its id. POST or PUT notification.

        The application tries it before it saves it, and answers 400 where that fails.
        """
        known = body.get("id")
        data = (
            self._call("PUT", f"notification/{known}", body)
            if known
            else self._call("POST", "notification", body, tries=1)
        )
        return self._read(lambda: wire.read_id(shapes.as_object(data, "notification")))

    @abstractmethod
    def _media_of(self, record: dict[str, Any]) -> wire.RemoteMedia:
        """One record of the application's list."""

    def _get(self, path: str, **params: int) -> Any:
        return self._transport.request("GET", API + path, params=params)

    def _get_list(self, path: str, read: Callable[[dict[str, Any]], T], **params: int) -> list[T]:
        return self._records("GET", path, read, params=params)

    def _records(
        self, method: Method, path: str, read: Callable[[dict[str, Any]], T], **options: Any
    ) -> list[T]:
        """The records of a list, which is never in memory as a whole."""
        options = {
            "largest": LARGEST_LIST,
            "read": lambda pieces: read_records(pieces, read, path),
            **options,
        }
        found: list[T] = self._transport.request(method, API + path, **options)
        return found

    def _call(self, method: Method, path: str, body: Any, **options: Any) -> Any:
        return self._transport.request(method, API + path, body=body, **options)

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except shapes.WireError as error:
            raise ApiPermanentError("service.of", name=self.name, what=not_the_api(self.app, error)) from None
