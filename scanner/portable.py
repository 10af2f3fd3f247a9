"""Policies and instances as configuration: how they are exported, checked and applied."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field

from library import instances
from library.errors import ConfigError
from library.instances import InstanceError
from library.models import FactsFrom, Instance, Kind, PathMapping, Policy
from library.paths import check_mapping
from library.portable import Apply, Entry, Reading, Section, Unset, nearest, variable_for

from . import instance_settings
from .policies import save_policy
from .rules import clean_languages, clean_undetermined

_UNSET = Policy(name="")
POLICY_OPTIONS = tuple(
    field.name
    for field in Policy._meta.concrete_fields
    if field.editable and field.name not in ("id", "name", "target_languages", "created_at", "updated_at")
)
INSTANCE_OPTIONS = (
    "enabled",
    "facts_from",
    "deep_scan_every",
    "brake_verdicts_percent",
    "brake_orphans_percent",
)


def _export_policies() -> list[dict[str, Any]]:
    return [
        {
            "name": policy.name,
            "target_languages": policy.target_languages,
            **{
                name: getattr(policy, name)
                for name in POLICY_OPTIONS
                if getattr(policy, name) != getattr(_UNSET, name)
            },
        }
        for policy in Policy.objects.all()
    ]


def _check_policy(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name = reading.text(entry, "name").strip()
    known = Policy.objects.filter(name__iexact=name).first()
    given: dict[str, Any] = {"name": name}
    for text in reading.texts(entry, "target_languages"):
        try:
            clean_languages([text])
        except ConfigError as error:
            reading.refuse(entry, "target_languages", str(error))
    if len(reading.problems) == before:
        given["target_languages"] = clean_languages(reading.texts(entry, "target_languages"))
    given.update({key: entry[key] for key in POLICY_OPTIONS if key in entry})
    if "undetermined" in given:
        try:
            given["undetermined"] = clean_undetermined(reading.text(entry, "undetermined"))
        except ConfigError as error:
            reading.refuse(entry, "undetermined", str(error))
    wanted = Policy.objects.get(pk=known.pk) if known else Policy()
    for key, value in given.items():
        setattr(wanted, key, value)
    if len(reading.problems) == before:
        _validate(wanted, entry, reading)
    if len(reading.problems) > before:
        return None

    def apply() -> str:
        if known is not None and all(getattr(known, key) == getattr(wanted, key) for key in _compared()):
            return "same"
        save_policy(wanted)
        return "changed" if known else "added"

    return apply


def _compared() -> tuple[str, ...]:
    return ("name", "target_languages", *POLICY_OPTIONS)


def _validate(policy: Policy, entry: Entry, reading: Reading) -> None:
    try:
        policy.full_clean(exclude=["name"])
    except ValidationError as error:
        for key, messages in error.message_dict.items():
            reading.refuse(entry, key, f"{key}: {' '.join(messages)}" if key in entry else " ".join(messages))


def _export_instances() -> list[dict[str, Any]]:
    rows = Instance.objects.select_related("policy").prefetch_related("path_mappings").defer("api_key")
    return [
        {
            "name": instance.name,
            "kind": instance.kind,
            "url": instance.url,
            "api_key": variable_for(instance.name, "API_KEY"),
            "policy": instance.policy.name,
            **{name: getattr(instance, name) for name in INSTANCE_OPTIONS},
            "path_mappings": [
                {"remote": mapping.remote_prefix, "local": mapping.local_prefix}
                for mapping in instance.path_mappings.order_by("remote_prefix")
            ],
        }
        for instance in rows
    ]


def _check_instance(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name, kind, url = (reading.text(entry, key) for key in ("name", "kind", "url"))
    known = Instance.objects.filter(name__iexact=name.strip()).first()
    if kind not in Kind.values:
        reading.refuse(entry, "kind", f"There is no kind {kind}: {nearest(kind, tuple(Kind.values))}")
    elif known is not None and known.kind != kind:
        reading.refuse(entry, "kind", f"{known.name} is a {known.kind}, and stays one: choose another name.")
    reading.known_name(entry, "policy", "policies", Policy.objects.values_list("name", flat=True))
    _check_options(entry, reading)
    mappings = _check_mappings(entry, reading)
    key = _key(entry, reading, known)
    if len(reading.problems) > before:
        return None
    try:
        checked = instances.check_settings(
            name=name,
            kind=kind,
            url=url,
            api_key=key,
            known=known,
            connect=_is_enabled(entry, reading, known),
        )
    except InstanceError as error:
        reading.refuse(entry, error.field, str(error))
        return None
    options = {option: entry[option] for option in INSTANCE_OPTIONS if option in entry}
    return lambda: _apply_instance(entry, known, checked, options, mappings)


def _is_enabled(entry: Entry, reading: Reading, known: Instance | None) -> bool:
    enabled = entry.get("enabled", known.enabled if known else True)
    return bool(reading.connect and enabled)


def _key(entry: Entry, reading: Reading, known: Instance | None) -> str:
    """Return the API key; of a known instance the stored one stays where its variable is not set."""
    if isinstance(entry.get("api_key"), Unset) and known is not None:
        return ""
    return reading.text(entry, "api_key")


def _check_options(entry: Entry, reading: Reading) -> None:
    for key in INSTANCE_OPTIONS:
        if key not in entry:
            continue
        try:
            _field(key).clean(entry[key], None)
        except ValidationError as error:
            hint = f": {nearest(entry[key], tuple(FactsFrom.values))}" if key == "facts_from" else ""
            reading.refuse(entry, key, f"{key}: {' '.join(error.messages)}{hint}")


def _field(name: str) -> Field[Any, Any]:
    return next(field for field in Instance._meta.concrete_fields if field.name == name)


def _check_mappings(entry: Entry, reading: Reading) -> list[tuple[str, str]] | None:
    if "path_mappings" not in entry:
        return None
    rows = entry["path_mappings"] or []
    if not isinstance(rows, list) or not all(isinstance(row, Entry) for row in rows):
        reading.refuse(entry, "path_mappings", "path_mappings is a list of mappings with remote and local.")
        return None
    found = []
    for row in rows:
        remote, local = reading.text(row, "remote"), reading.text(row, "local")
        try:
            instances.check_mapping_shape(remote, local)
        except InstanceError as error:
            reading.refuse(row, "local" if error.field == "local_prefix" else "remote", str(error))
            continue
        if reading.connect and (sentence := check_mapping(remote, local)):
            reading.refuse(row, "local", sentence)
        found.append((remote, local))
    return found


def _apply_instance(
    entry: Entry,
    known: Instance | None,
    checked: instances.Checked,
    options: dict[str, Any],
    mappings: list[tuple[str, str]] | None,
) -> str:
    policy = Policy.objects.get(name__iexact=str(entry["policy"]))
    given = {
        "name": checked.name,
        "url": checked.url,
        "api_key": checked.api_key,
        "policy": policy,
        **options,
    }
    if known is None:
        instance = instance_settings.add(kind=entry["kind"], check=False, **given)
        outcome = "added"
    else:
        instance = known
        same = all(getattr(known, key) == value for key, value in given.items())
        outcome = "same" if same else "changed"
        if not same:
            instance_settings.edit(known, check=False, **given)
    if mappings is not None and _mappings_of(instance) != sorted(mappings):
        instances.set_path_mappings(instance, mappings)
        outcome = "changed" if outcome == "same" else outcome
    if outcome != "same":
        checked.note(instance)
    return outcome


def _mappings_of(instance: Instance) -> list[tuple[str, str]]:
    rows = PathMapping.objects.filter(instance=instance)
    return sorted(rows.values_list("remote_prefix", "local_prefix"))


POLICIES = Section(
    name="policies",
    place=1,
    keys=("name", "target_languages", *POLICY_OPTIONS),
    required=("name", "target_languages"),
    export=_export_policies,
    check=_check_policy,
)
INSTANCES = Section(
    name="instances",
    place=2,
    keys=("name", "kind", "url", "api_key", "policy", "path_mappings", *INSTANCE_OPTIONS),
    required=("name", "kind", "url", "api_key", "policy"),
    export=_export_instances,
    check=_check_instance,
)
