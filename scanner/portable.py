"""Policies and instances as configuration: how they are exported, checked and applied."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Field, IntegerField, Model

from connections import services
from connections.kinds import kind_of
from connections.models import Connection
from core.errors import ConfigError, FieldError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section, Unset, nearest, variable_for
from library.models import Kind, PathMapping
from library.path_mappings import check_mapping_shape
from library.paths import check_mapping
from scanner.models import FactsFrom, Policy, ScanSettings
from scanner.models.policy import clean_languages, clean_undetermined

from . import instance_settings
from .instance_settings import SETTINGS
from .policies import save_policy

_UNSET = Policy(name="")
_ANY = {name: model for model in (Connection(), ScanSettings()) for name in vars(model)}
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
    for key in POLICY_OPTIONS:
        if key in entry:
            given[key] = _typed(_UNSET, entry, key, reading)
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


def _typed(model: Model, entry: Entry, key: str, reading: Reading) -> Any:
    """Return the value under a key as the model's field of that name takes it; any other type is noted."""
    field = model._meta.get_field(key)
    if isinstance(field, BooleanField):
        return reading.flag(entry, key, default=False)
    if isinstance(field, IntegerField):
        return reading.whole(entry, key, 0) or 0
    if isinstance(field, ArrayField):
        return reading.texts(entry, key)
    return reading.text(entry, key)


def _validate(policy: Policy, entry: Entry, reading: Reading) -> None:
    try:
        policy.full_clean(validate_unique=False)
    except ValidationError as error:
        for key, messages in error.message_dict.items():
            reading.refuse(entry, key, f"{key}: {' '.join(messages)}" if key in entry else " ".join(messages))


def _export_instances() -> list[dict[str, Any]]:
    rows = Connection.objects.filter(scan_settings__isnull=False)
    rows = rows.select_related("scan_settings__policy").prefetch_related("path_mappings")
    return [
        {
            "name": connection.name,
            "kind": connection.kind,
            "url": connection.url,
            **_exported_key(connection),
            "policy": connection.scan_settings.policy.name,
            "enabled": connection.enabled,
            **{name: getattr(connection.scan_settings, name) for name in INSTANCE_OPTIONS[1:]},
            "path_mappings": [
                {"remote": mapping.remote_prefix, "local": mapping.local_prefix}
                for mapping in connection.path_mappings.order_by("remote_prefix")
            ],
        }
        for connection in rows
    ]


def _exported_key(connection: Connection) -> dict[str, Any]:
    has_key = bool(kind_of(connection.kind).secrets)
    return {"api_key": variable_for(connection.name, "API_KEY")} if has_key else {}


def _check_instance(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name, kind, url = (reading.text(entry, key) for key in ("name", "kind", "url"))
    known = Connection.objects.filter(name__iexact=name.strip()).first()
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
        checked = services.check(
            name=name,
            kind=kind,
            url=url,
            secrets={"api_key": key},
            known=known,
            connect=_is_enabled(entry, reading, known),
        )
    except FieldError as error:
        reading.refuse(entry, error.field, str(error))
        return None
    options = {option: entry[option] for option in INSTANCE_OPTIONS if option in entry}
    return lambda: _apply_instance(entry, known, checked, options, mappings)


def _is_enabled(entry: Entry, reading: Reading, known: Connection | None) -> bool:
    return reading.connect and reading.flag(entry, "enabled", default=known.enabled if known else True)


def _key(entry: Entry, reading: Reading, known: Connection | None) -> str:
    """Return the API key; of a known instance the stored one stays where its variable is not set."""
    if "api_key" not in entry or (isinstance(entry["api_key"], Unset) and known is not None):
        return ""
    return reading.text(entry, "api_key")


def _check_options(entry: Entry, reading: Reading) -> None:
    for key in INSTANCE_OPTIONS:
        if key not in entry:
            continue
        wrong = len(reading.problems)
        value = _typed(_ANY[key], entry, key, reading)
        if len(reading.problems) > wrong:
            continue
        try:
            _field(key).clean(value, None)
        except ValidationError as error:
            hint = f": {nearest(value, tuple(FactsFrom.values))}" if key == "facts_from" else ""
            reading.refuse(entry, key, f"{key}: {' '.join(error.messages)}{hint}")


def _field(name: str) -> Field[Any, Any]:
    fields = (*Connection._meta.concrete_fields, *ScanSettings._meta.concrete_fields)
    return next(field for field in fields if field.name == name)


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
            check_mapping_shape(remote, local)
        except FieldError as error:
            reading.refuse(row, "local" if error.field == "local_prefix" else "remote", str(error))
            continue
        if reading.connect and (sentence := check_mapping(remote, local)):
            reading.refuse(row, "local", sentence)
        found.append((remote, local))
    return sorted(found)


def _apply_instance(
    entry: Entry,
    known: Connection | None,
    checked: services.Checked,
    options: dict[str, Any],
    mappings: list[tuple[str, str]] | None,
) -> str:
    given = {"policy": Policy.objects.get(name__iexact=str(entry["policy"])), **options}
    if known is None:
        instance_settings.add_checked(checked, mappings=mappings or (), **given)
        return "added"
    there = {"enabled": known.enabled, **{name: getattr(known.scan_settings, name) for name in SETTINGS}}
    same = all(there[name] == value for name, value in given.items()) and not checked.differs(known)
    if same and mappings in (None, _mappings_of(known)):
        return "same"
    instance_settings.edit_checked(known, checked, mappings=mappings, **given)
    return "changed"


def _mappings_of(connection: Connection) -> list[tuple[str, str]]:
    rows = PathMapping.objects.filter(connection=connection)
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
    required=("name", "kind", "url", "policy"),
    export=_export_instances,
    check=_check_instance,
)

BRINGS = Portable((POLICIES, INSTANCES))
