"""What tests change in a stand-in Sonarr or Radarr behind the client's back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from demo.arr import notifications, rules
from demo.arr.state import ArrState, Media, MediaFile

if TYPE_CHECKING:
    from demo.arr.api import Server


def _load(server: Server, state: dict[str, Any]) -> None:
    loaded = ArrState.from_json(state)
    if loaded.kind != server.state.kind:
        raise ValueError(f"this is a {server.state.kind}, and the state is that of a {loaded.kind}")
    server.start_over(loaded)


def _add_media(server: Server, **fields_: Any) -> dict[str, Any]:
    state = server.state
    add = state.add_series if state.kind == "sonarr" else state.add_movie
    return {"id": add(**_keyed(fields_)).id}


def _remove_media(server: Server, id: int) -> None:
    server.state.remove_media(id)


def _update_media(server: Server, id: int, **fields_: Any) -> None:
    media = server.state.media[id]
    known = {field_.name for field_ in fields(Media)} - {"id", "version"}
    for name, value in _keyed(fields_).items():
        if name not in known:
            raise ValueError(f"a title has no '{name}'")
        setattr(media, name, value)
    server.state.touch(id)


def _keyed(fields_: dict[str, Any]) -> dict[str, Any]:
    if "seasons" in fields_:
        # JSON has no integer keys.
        return {
            **fields_,
            "seasons": {int(number): monitored for number, monitored in fields_["seasons"].items()},
        }
    return fields_


def _set_tags(server: Server, id: int, labels: list[str]) -> None:
    state = server.state
    state.media[id].tags = sorted(state.add_tag(label).id for label in labels)
    state.touch(id)


def _add_episode(server: Server, media_id: int, season: int, number: int, **fields_: Any) -> dict[str, Any]:
    return {"id": server.state.add_episode(media_id, season, number, **fields_).id}


def _add_file(server: Server, media_id: int, relative_path: str, **fields_: Any) -> dict[str, Any]:
    state = server.state
    if state.kind == "sonarr":
        return {"id": state.add_episode_file(media_id, relative_path, **fields_).id}
    return {"id": state.add_movie_file(media_id, relative_path, **fields_).id}


def _replace_file(server: Server, id: int, **fields_: Any) -> dict[str, Any]:
    return {"id": server.state.replace_file(id, **fields_).id}


def _update_file(server: Server, id: int, **fields_: Any) -> None:
    file = server.state.files[id]
    known = {field_.name for field_ in fields(MediaFile)} - {"id", "media_id"}
    for name, value in fields_.items():
        if name not in known:
            raise ValueError(f"a file has no '{name}'")
        setattr(file, name, value)
    server.state.touch(file.media_id)


def _delete_file(server: Server, id: int) -> None:
    server.state.remove_file(id)


def _invalidate(server: Server, id: int, valid: bool = False) -> None:
    """Gives a title a quality profile that does not exist: every edit of it is refused with 400."""
    server.state.media[id].quality_profile_id = 1 if valid else 999
    server.state.touch(id)


def _vanish_on_edit(server: Server, ids: list[int]) -> None:
    server.quirks.vanish_on_edit.update(ids)


def _auto_tag_remove(server: Server, labels: list[str]) -> None:
    server.quirks.auto_tag_removes = {label.lower() for label in labels}


def _add_tag(server: Server, label: str, used_elsewhere: bool = False) -> dict[str, Any]:
    return {"id": server.state.add_tag(label, used_elsewhere=used_elsewhere).id}


def _housekeeping(server: Server) -> dict[str, Any]:
    return {"deleted": rules.housekeeping(server.state)}


def _add_root_folder(server: Server, path: str, accessible: bool = True) -> dict[str, Any]:
    return {"id": server.state.add_root_folder(path, accessible=accessible).id}


def _add_consumer(server: Server, name: str, enabled: bool = True) -> dict[str, Any]:
    return {"id": server.state.add_consumer(name, enabled=enabled).id}


def _fire(server: Server, event: str, id: int, **payload: Any) -> dict[str, Any]:
    """Calls every webhook that is set up, without waiting for what comes of it."""
    media = server.state.media[id]
    name = "series" if server.state.kind == "sonarr" else "movie"
    body = {"eventType": event, name: {"id": id, "title": media.title, "path": media.path}, **payload}
    loop = asyncio.get_running_loop()
    for notification in server.notifications.values():
        loop.run_in_executor(None, notifications.send, notification, body)
    return {"receivers": len(server.notifications)}


CHANGES: dict[str, Callable[..., dict[str, Any] | None]] = {
    "load": _load,
    "add_media": _add_media,
    "remove_media": _remove_media,
    "update_media": _update_media,
    "set_tags": _set_tags,
    "add_episode": _add_episode,
    "add_file": _add_file,
    "replace_file": _replace_file,
    "update_file": _update_file,
    "delete_file": _delete_file,
    "invalidate": _invalidate,
    "vanish_on_edit": _vanish_on_edit,
    "auto_tag_remove": _auto_tag_remove,
    "add_tag": _add_tag,
    "add_consumer": _add_consumer,
    "housekeeping": _housekeeping,
    "add_root_folder": _add_root_folder,
    "fire": _fire,
}
