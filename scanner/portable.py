"""Policies as configuration: how they are exported, checked and applied."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Model

from core.errors import ConfigError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section
from scanner.models import Policy
from scanner.models.policy import POLICY_OPTIONS, clean_languages, clean_undetermined

from .policies import save_policy

_UNSET = Policy(name="")


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
        if known is not None and all(
            getattr(known, key) == getattr(wanted, key)
            for key in ("name", "target_languages", *POLICY_OPTIONS)
        ):
            return "same"
        save_policy(wanted)
        return "changed" if known else "added"

    return apply


def _typed(model: Model, entry: Entry, key: str, reading: Reading) -> Any:
    """Return the value under a key as the model's field of that name takes it; any other type is noted."""
    field = model._meta.get_field(key)
    if isinstance(field, BooleanField):
        return reading.flag(entry, key, default=False)
    if isinstance(field, ArrayField):
        return reading.texts(entry, key)
    return reading.text(entry, key)


def _validate(policy: Policy, entry: Entry, reading: Reading) -> None:
    try:
        policy.full_clean(validate_unique=False)
    except ValidationError as error:
        for key, messages in error.message_dict.items():
            reading.refuse(entry, key, f"{key}: {' '.join(messages)}" if key in entry else " ".join(messages))


POLICIES = Section(
    name="policies",
    place=1,
    keys=("name", "target_languages", *POLICY_OPTIONS),
    required=("name", "target_languages"),
    export=_export_policies,
    check=_check_policy,
)
BRINGS = Portable((POLICIES,))
