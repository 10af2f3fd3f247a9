"""How the real applications change things: tags, the editors, PUT of one title, auto-tagging, housekeeping.

Refusals are raised as `Refused` with the status and body that the applications answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from demo.arr.state import QUALITY_PROFILE, ArrState, Media, Tag
from demo.stand_in.answers import Refused

_LABEL = re.compile(r"[a-z0-9-]+", re.IGNORECASE)
_APPLY = ("add", "remove", "replace")


@dataclass(slots=True)
class Quirks:
    """Conditions that a test sets. They belong to one run of the stand-in and are not saved.

    `vanish_on_edit`: media that are deleted just before the next editor call that names them.
    `auto_tag_removes`: labels that an auto-tag rule takes off every title whenever it is written.
    """

    vanish_on_edit: set[int] = field(default_factory=set)
    auto_tag_removes: set[str] = field(default_factory=set)


def server_error(message: str) -> Refused:
    """An unhandled error inside the application: 500 with its message and the text of its trace."""
    return Refused(500, {"message": message, "description": f"System.ApplicationException: {message}"})


def not_found(what: str, number: int) -> Refused:
    """The answer for an id that does not exist: 404."""
    message = f"{what} with ID {number} does not exist"
    return Refused(404, {"message": message, "description": f"ModelNotFoundException: {message}"})


def bad_request(message: str) -> Refused:
    """A request that lacks something: 400 with a message."""
    return Refused(400, {"message": message})


def validation_failed(property_name: str, message: str, value: Any, code: str) -> Refused:
    """A refusal by the application's validation: 400 with a list of failures."""
    failure = {
        "propertyName": property_name,
        "errorMessage": message,
        "attemptedValue": value,
        "severity": "error",
        "errorCode": code,
        "formattedMessageArguments": [],
        "formattedMessagePlaceholderValues": {"propertyName": property_name, "propertyValue": value},
    }
    return Refused(400, [failure])


def malformed(field_name: str, message: str) -> Refused:
    """A body of the wrong shape: 400 as the web framework of the applications words it."""
    return Refused(
        400,
        {
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "errors": {field_name: [message]},
        },
    )


def get_media(state: ArrState, media_id: int) -> Media:
    """The series or movie of this id.

    Raises:
        Refused: 404, there is none.
    """
    try:
        return state.media[media_id]
    except KeyError:
        raise not_found("Series" if state.kind == "sonarr" else "Movie", media_id) from None


def check_label(label: object) -> str:
    """The label in the form it is stored: lower case.

    Raises:
        Refused: 400, it is empty or has other characters than a-z, 0-9 and "-".
    """
    if not isinstance(label, str) or not label:
        raise validation_failed("Label", "'Label' must not be empty.", label, "NotEmptyValidator")
    if not _LABEL.fullmatch(label):
        raise validation_failed(
            "Label", "Allowed characters a-z, 0-9 and -", label, "RegularExpressionValidator"
        )
    return label.lower()


def rename_tag(state: ArrState, tag: Tag, label: object) -> None:
    """Gives a tag another label; the media keep its id.

    Raises:
        Refused: the label is not allowed (400) or belongs to another tag (409).
    """
    wanted = check_label(label)
    other = state.tag_named(wanted)
    if other is not None and other.id != tag.id:
        raise Refused(409, {"message": "constraint failed\nUNIQUE constraint failed: Tags.Label"})
    tag.label = wanted


def delete_tag(state: ArrState, tag: Tag) -> None:
    """Deletes a tag that nothing uses.

    Raises:
        Refused: 409, something uses it.
    """
    if _in_use(state, tag):
        message = f"Tag with ID {tag.id} cannot be deleted, it is still in use"
        raise Refused(409, {"message": message, "description": f"ModelConflictException: {message}"})
    del state.tags[tag.id]


def housekeeping(state: ArrState) -> list[str]:
    """Deletes the tags that nothing uses, as both applications do daily; returns their labels."""
    unused = [tag for tag in state.tags.values() if not _in_use(state, tag)]
    for tag in unused:
        del state.tags[tag.id]
    return sorted(tag.label for tag in unused)


def _in_use(state: ArrState, tag: Tag) -> bool:
    return tag.used_elsewhere or any(tag.id in media.tags for media in state.media.values())


def edit_many(state: ArrState, quirks: Quirks, body: Any) -> list[Media]:
    """One call of series/editor or movie/editor: changes all the media named, or none.

    Raises:
        Refused: the body is malformed (400), an id does not exist (500 for the whole call, as the real
            applications answer), or one title is invalid (400).
    """
    ids = _ids_of(state, body)
    for media_id in quirks.vanish_on_edit & set(ids):
        quirks.vanish_on_edit.discard(media_id)
        if media_id in state.media:
            state.remove_media(media_id)
    found = [state.media[media_id] for media_id in dict.fromkeys(ids) if media_id in state.media]
    if len(found) != len(ids):
        raise server_error(f"Expected query to return {len(ids)} rows but returned {len(found)}")
    apply_tags = _apply_tags_of(body)
    given = _tag_ids_of(body)
    profile = body.get("qualityProfileId")
    for media in found:
        _check_profile(media.quality_profile_id if profile is None else profile)
    for media in found:
        if isinstance(body.get("monitored"), bool):
            media.monitored = body["monitored"]
        if profile is not None:
            media.quality_profile_id = profile
        if given is not None:
            _apply(media, given, apply_tags)
        written(state, quirks, media)
    return found


def edit_one(state: ArrState, quirks: Quirks, media: Media, body: Any) -> None:
    """PUT of one series or movie: takes its path, profile, tags and monitored flags from the body.

    What the body does not name is empty to the real applications; they demand a path and a quality profile.

    Raises:
        Refused: 400, the body is malformed or the media invalid.
    """
    if not isinstance(body, dict):
        raise malformed("$", "The JSON value could not be converted.")
    path = body.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise validation_failed("Path", "Invalid Path: '" + str(path) + "'", path, "PathValidator")
    _check_profile(body.get("qualityProfileId"))
    media.path = path
    media.quality_profile_id = body["qualityProfileId"]
    media.monitored = body.get("monitored") is True
    media.tags = sorted(set(_tag_ids_of(body) or []))
    for season in body.get("seasons") or []:
        media.seasons[season["seasonNumber"]] = season["monitored"]
    written(state, quirks, media)


def written(state: ArrState, quirks: Quirks, media: Media) -> None:
    """What the applications do after every write: run the auto-tag rules."""
    removed = {tag.id for tag in state.tags.values() if tag.label in quirks.auto_tag_removes}
    media.tags = [tag_id for tag_id in media.tags if tag_id not in removed]
    state.touch(media.id)


def _ids_of(state: ArrState, body: Any) -> list[int]:
    name = "seriesIds" if state.kind == "sonarr" else "movieIds"
    ids = body.get(name) if isinstance(body, dict) else None
    if not _are_ids(ids):
        raise malformed(f"$.{name}", "The JSON value could not be converted to a list of System.Int32.")
    return list(ids or [])


def _tag_ids_of(body: dict[str, Any]) -> list[int] | None:
    tags = body.get("tags")
    if tags is not None and not _are_ids(tags):
        raise malformed("$.tags", "The JSON value could not be converted to a list of System.Int32.")
    return tags


def _are_ids(value: object) -> bool:
    return isinstance(value, list) and all(type(number) is int for number in value)


def _apply_tags_of(body: dict[str, Any]) -> str:
    # The applications' enumeration starts with Add, so a body without applyTags adds.
    value = body.get("applyTags", "add")
    if not isinstance(value, str) or value.lower() not in _APPLY:
        raise malformed("$.applyTags", "The JSON value could not be converted to ApplyTags.")
    return value.lower()


def _apply(media: Media, given: list[int], how: str) -> None:
    current = set(media.tags)
    if how == "add":
        current |= set(given)
    elif how == "remove":
        current -= set(given)
    else:
        current = set(given)
    media.tags = sorted(current)


def _check_profile(profile: object) -> None:
    if profile != QUALITY_PROFILE:
        raise validation_failed(
            "QualityProfileId", "Quality Profile does not exist", profile, "QualityProfileExistsValidator"
        )
