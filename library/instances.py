"""What is done with instances: testing, adding, editing, releasing and deleting them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from library import breaker
from library.addresses import clean_url, refuse_resolved
from library.clients import RootFolder, client_class
from library.clients.transport import checked_key
from library.errors import ApiAuthError, ApiError, ConfigError
from library.models import Instance, Kind, PathMapping, Policy
from library.paths import check_mapping, is_full_path
from library.sentences import say

CHECK_TIMEOUT = 10.0
"""Seconds: a person waits for the answer."""

OLDEST = 4
"""The first version of both applications that tells the original language of a title."""

EDITABLE = frozenset(
    {"enabled", "policy", "facts_from", "deep_scan_every", "brake_verdicts_percent", "brake_orphans_percent"}
)
"""What `add_instance` and `edit_instance` take beside name, url and api_key."""


class InstanceError(ConfigError):
    """An instance cannot be as it was given. `field` names the field to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Connection:
    """What a test of an instance found."""

    app_name: str
    version: str
    root_folders: tuple[RootFolder, ...]


def check_instance(kind: str, url: str, api_key: str) -> Connection:
    """Connect and return what answers.

    Raises InstanceError, whose one sentence says what is wrong: the address, the key, the wrong
    application, a version that is too old, or that nothing answers.
    """
    url = _checked("url", clean_url, url)
    key = _checked("api_key", checked_key, api_key)
    _checked("url", refuse_resolved, url)
    client = client_class(kind)(url, key, timeout=CHECK_TIMEOUT, tries=1)
    try:
        status = client.status()
        if status.app_name != client.app:
            raise InstanceError(
                "url",
                say(
                    "This is %(found)s, not %(app)s: choose another kind, or correct the address.",
                    found=status.app_name,
                    app=client.app,
                ),
            )
        _check_version(client.app, status.version)
        return Connection(status.app_name, status.version, tuple(client.root_folders()))
    except ApiAuthError as error:
        raise InstanceError("api_key", error.sentence) from None
    except ApiError as error:
        raise InstanceError("url", error.sentence) from None


def test_instance(instance: Instance) -> Connection:
    """Connect to an instance and return what answers; its breaker lets calls through again.

    Raises InstanceError.
    """
    found = check_instance(instance.kind, instance.url, instance.api_key)
    _note_answer(instance, found)
    return found


@dataclass(frozen=True, slots=True)
class Checked:
    """Name, address and key of an instance as they may be saved; `found` where it was connected to."""

    name: str
    url: str
    api_key: str
    found: Connection | None

    def note(self, instance: Instance) -> None:
        """After the instance was saved: remember what answered, and let calls through again."""
        if self.found is not None:
            _note_answer(instance, self.found)
        else:
            breaker.close(instance)


def check_settings(
    *, name: str, kind: str, url: str, api_key: str, known: Instance | None = None, connect: bool = True
) -> Checked:
    """Check what is to be saved for a new instance, or for the `known` one as it stands in the database.

    An empty key keeps the stored one, but not with a new address: a stored key is never sent to a host that
    somebody just typed. A new address or key is connected to, where `connect` says so. Raises InstanceError.
    """
    name = _checked_name(name, known)
    url = _checked("url", clean_url, url)
    if known is not None and not api_key:
        if url != known.url:
            raise InstanceError(
                "api_key", say("Give the API key again: a stored key is not sent to a new address.")
            )
        api_key = known.api_key
    api_key = _checked("api_key", checked_key, api_key)
    changed = known is None or (url, api_key) != (known.url, known.api_key)
    return Checked(name, url, api_key, check_instance(kind, url, api_key) if connect and changed else None)


def add_instance(
    *, name: str, kind: str, url: str, api_key: str, policy: Policy, check: bool = True, **options: Any
) -> Instance:
    """Add an instance and return it; `options` are those of `EDITABLE`.

    It is connected to first, unless `check` is false. Raises InstanceError.
    """
    if kind not in Kind.values:
        raise InstanceError("kind", f"{kind} is no kind of instance: choose {' or '.join(Kind.values)}.")
    checked = check_settings(name=name, kind=kind, url=url, api_key=api_key, connect=check)
    instance = Instance(kind=kind, policy=policy)
    return _save(instance, checked, options)


def edit_instance(
    instance: Instance,
    *,
    name: str | None = None,
    url: str | None = None,
    api_key: str = "",
    check: bool = True,
    **options: Any,
) -> Instance:
    """Change an instance and return it; what is not given stays. `options` are those of `EDITABLE`.

    A new address needs the API key again. A new address or key is connected to first, unless `check` is false
    or the instance is disabled. A breaker that waits for an edit is closed. Raises InstanceError.
    """
    checked = check_settings(
        name=instance.name if name is None else name,
        kind=instance.kind,
        url=instance.url if url is None else url,
        api_key=api_key,
        known=instance,
        connect=check and options.get("enabled", instance.enabled),
    )
    return _save(instance, checked, options)


def _save(instance: Instance, checked: Checked, options: dict[str, Any]) -> Instance:
    unknown = options.keys() - EDITABLE
    if unknown:
        raise TypeError(f"an instance has no option {', '.join(sorted(unknown))}")
    given = {"name": checked.name, "url": checked.url, "api_key": checked.api_key, **options}
    for field, value in given.items():
        setattr(instance, field, value)
    # Of a known instance only what was given: its breaker and brake may have moved meanwhile.
    instance.save(update_fields=[*given, "updated_at"] if instance.pk else None)
    checked.note(instance)
    return instance


def release_hold(instance: Instance) -> None:
    """Take off the brake. The media that it kept from being forgotten, no more, may go at the next sync."""
    Instance.objects.filter(pk=instance.pk).update(
        held_since=None, held_reason="", orphans_released=F("orphans_held")
    )
    instance.refresh_from_db(fields=["held_since", "held_reason", "orphans_released"])


@transaction.atomic
def set_path_mappings(instance: Instance, mappings: Iterable[tuple[str, str]]) -> list[PathMapping]:
    """Make these (remote, local) folders the path mappings of an instance and return them.

    A folder that is not visible here is no error: another machine may do the reading (`mapping_problems`
    tells). Raises InstanceError where one is no full path, or one remote folder stands twice.
    """
    wanted = [(remote.strip(), local.strip()) for remote, local in mappings]
    for remote, local in wanted:
        check_mapping_shape(remote, local)
    if len({remote for remote, _ in wanted}) < len(wanted):
        raise InstanceError("remote_prefix", say("A folder of the app can be mapped only once."))
    instance.path_mappings.all().delete()
    return PathMapping.objects.bulk_create(
        [PathMapping(instance=instance, remote_prefix=remote, local_prefix=local) for remote, local in wanted]
    )


def check_mapping_shape(remote: str, local: str) -> None:
    """Raise InstanceError where a path mapping can lead nowhere on any machine."""
    if not is_full_path(remote):
        raise InstanceError(
            "remote_prefix", say("Give the full path as the app names it, such as /tv or D:\\TV.")
        )
    if not local.startswith("/"):
        raise InstanceError("local_prefix", say("Give the full path of the folder here: it begins with /."))


def mapping_problems(instance: Instance) -> list[str]:
    """Return one sentence for every path mapping whose folder is not visible on this machine."""
    mappings = instance.path_mappings.order_by("remote_prefix")
    found = (check_mapping(mapping.remote_prefix, mapping.local_prefix) for mapping in mappings)
    return [sentence for sentence in found if sentence]


def delete_instance(instance: Instance) -> None:
    """Forget an instance with its media and files. Its history stays, and so do the tags in the app."""
    instance.delete()


def _checked(field: str, check: Any, value: str) -> Any:
    try:
        return check(value)
    except ConfigError as error:
        raise InstanceError(field, error.sentence) from None


def _checked_name(name: str, instance: Instance | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise InstanceError("name", say("Give the instance a name of at most 100 characters."))
    same = Instance.objects.filter(name__iexact=name)
    if instance is not None:
        same = same.exclude(pk=instance.pk)
    if same.exists():
        raise InstanceError(
            "name", say("There is an instance called %(name)s already: choose another name.", name=name)
        )
    return name


def _check_version(app: str, version: str) -> None:
    found = re.match(r"\d+", version)
    if found and int(found[0]) < OLDEST:
        raise InstanceError(
            "url",
            say(
                "This is %(app)s %(version)s, and Taggarr needs %(oldest)d or newer: update it.",
                app=app,
                version=version,
                oldest=OLDEST,
            ),
        )


def _note_answer(instance: Instance, found: Connection) -> None:
    Instance.objects.filter(pk=instance.pk).update(app_version=found.version)
    breaker.close(instance)
    instance.refresh_from_db(fields=["app_version", "breaker", "breaker_failures", "breaker_reason"])
