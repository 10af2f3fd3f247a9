"""The audit log: who changed what, before and after, and who was refused. What is secret stands masked.

An app names its models with `watch` in `AppConfig.ready`; from then on every save and deletion of a row is
kept, whichever page, command or program did it. What the program itself writes with `QuerySet.update` (the
breaker, the time of a scan) is no change of settings and is not kept.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, models, transaction
from django.db.models import Func, Q
from django.db.models.functions import Cast, Now
from django.db.models.lookups import IContains
from django.db.models.signals import post_save, pre_delete, pre_save
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from core.masking import MASK, masked
from core.secrets import EncryptedTextField, Secret
from core.words import Phrase

from .models import AuditEntry

logger = logging.getLogger(__name__)

SECRET_FIELDS = {"password"}
UNKEPT_FIELDS = {"last_login", "date_joined"}
MOST_A_MINUTE = 30
"""So many failures of one address are kept in a minute: an attack must not fill the disk."""

request_now: ContextVar[HttpRequest | None] = ContextVar("request_now", default=None)
"""The request that this work is done for, if any."""

_watched: set[type[models.Model]] = set()
_MODES = {"off": 0, "failures": 1, "mutations": 2, "all": 3}
_NEEDS = {"refused": "failures", "sign-in failed": "failures", "signed in": "all", "signed out": "all"}


def keeps(action: str) -> bool:
    """Whether an action is kept, as TAGGARR_AUDIT_LOG_MODE says."""
    return _MODES[settings.AUDIT_LOG_MODE] >= _MODES[_NEEDS.get(action, "mutations")]


def watch(model: type[models.Model]) -> None:
    """Keep every change of a model's rows."""
    name = f"audit {model._meta.label}"
    _watched.add(model)
    pre_save.connect(_remember, sender=model, dispatch_uid=f"{name} before", weak=False)
    post_save.connect(_saved, sender=model, dispatch_uid=f"{name} after", weak=False)
    # Before, while what the row refers to is still there; the deletion and this line are one transaction.
    pre_delete.connect(_deleted, sender=model, dispatch_uid=f"{name} gone", weak=False)


def field_texts() -> set[str]:
    """What the fields of all that is watched are called, in English."""
    return {field_text(field.name) for model in _watched for field in _fields(model)}


def field_text(name: str) -> str:
    return name.replace("_", " ")


def told_value(kind: str, name: str, value: Any) -> Any:
    """What a value is called, where the model says it: by choices, or a `get_…_display` of its own.

    Times come back as times.
    """
    model = next((model for model in _watched if _noun(model) == kind), None)
    if model is None or value in (None, ""):
        return value
    if (display := getattr(model, f"get_{name}_display", None)) is not None:
        return display(model(**{name: value}))
    is_time = any(field.name == name for field in _fields(model) if isinstance(field, models.DateTimeField))
    return parse_datetime(str(value)) or value if is_time else value


def note(action: str, *, kind: str = "", target: str = "", before: Any = None, after: Any = None) -> None:
    """Write one line in the name of whoever asks now; nothing where the mode leaves it out.

    `target` is a name, or a phrase.
    """
    if not keeps(action):
        return
    request = request_now.get()
    user = getattr(request, "user", None)
    known = user if user is not None and user.is_authenticated else None
    # Who has just deleted their own account stays by name alone.
    there = known is not None and get_user_model().objects.filter(pk=known.pk).exists()
    AuditEntry.objects.create(
        actor=known if there else None,
        actor_name=str(known) if known else "",
        address=_address(request),
        action=action,
        kind=kind,
        target=(target.code if isinstance(target, Phrase) else target)[:300],
        params=target.params if isinstance(target, Phrase) else None,
        before=before,
        after=after,
    )


def search(text: str) -> Q:
    """The entries whose target's name, or a part of whose phrase, has this text."""
    parts = Func(
        "params", template="""jsonb_path_query_array(%(expressions)s, '$.** ? (@.type() == "string")')"""
    )
    return Q(target__icontains=text) | Q(IContains(Cast(parts, models.TextField()), text))


def note_failure(action: str, target: str) -> None:
    """Write that somebody was refused; at most so many a minute for one address. Never raises."""
    if not keeps(action):
        return
    try:
        with transaction.atomic():
            recent = AuditEntry.objects.filter(
                address=_address(request_now.get()), time__gt=Now() - timedelta(minutes=1)
            )
            if recent.count() < MOST_A_MINUTE:
                note(action, target=masked(target))
    except DatabaseError as error:
        logger.warning("the audit log could not be written: %s", error)


def _address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))[:64] if request is not None else "command line"


def _noun(model: type[models.Model]) -> str:
    """What the log calls a row, in English, whoever changes it."""
    return model._meta.verbose_name_raw


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in UNKEPT_FIELDS
    ]


def _shown(row: models.Model) -> dict[str, Any]:
    """The settings of a row as JSON-able data; a secret by whether there is one."""
    shown: dict[str, Any] = {}
    for field in _fields(type(row)):
        value = getattr(row, field.attname)
        if _is_secret(field):
            value = MASK if value else ""
        if isinstance(field, models.ForeignKey) and value is not None:
            value = str(field.related_model._default_manager.filter(pk=value).first() or value)
        shown[field.name] = value if isinstance(value, str | int | bool | list | dict | None) else str(value)
    return shown


def _secrets(row: models.Model) -> dict[str, str]:
    """What changes with a secret: its token, of a password the hash."""
    found = {field.name: getattr(row, field.attname) for field in _fields(type(row)) if _is_secret(field)}
    return {name: value.token if isinstance(value, Secret) else value for name, value in found.items()}


def _is_secret(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, EncryptedTextField) or field.name in SECRET_FIELDS


def _remember(sender: type[models.Model], instance: Any, raw: bool = False, **_: Any) -> None:
    """Read the row as it stands before it is saved."""
    instance._audit_before = None
    if raw or instance.pk is None or not keeps("changed"):
        return
    instance._audit_before = sender._default_manager.filter(pk=instance.pk).first()


def _saved(sender: type[models.Model], instance: Any, created: bool, raw: bool = False, **_: Any) -> None:
    before = getattr(instance, "_audit_before", None)
    instance._audit_before = None
    if raw:
        return
    kind, after = _noun(sender), _shown(instance)
    if created or before is None:
        note("added" if created else "changed", kind=kind, target=str(instance), after=after)
        return
    old, old_secrets, new_secrets = _shown(before), _secrets(before), _secrets(instance)
    changed = {name for name in after if old[name] != after[name]}
    changed |= {name for name in new_secrets if old_secrets[name] != new_secrets[name]}
    if changed:
        note(
            "changed",
            kind=kind,
            target=str(instance),
            before={name: old[name] for name in sorted(changed)},
            after={name: after[name] for name in sorted(changed)},
        )


def _deleted(sender: type[models.Model], instance: Any, **_: Any) -> None:
    note("deleted", kind=_noun(sender), target=str(instance), before=_shown(instance))
