"""What is wrong with whole instances."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from library.errors import ConfigError
from library.issues import Issue, Severity
from library.labels import verdict_labels, wanted_by_media
from library.models import Breaker, Instance, ManagedLabel
from library.sentences import say


def enabled() -> list[Instance]:
    """Return the enabled instances without their API keys: one that does not decrypt must hide nothing."""
    return list(Instance.objects.filter(enabled=True).defer("api_key"))


def secrets() -> Iterator[Issue]:
    """Yield an issue for every API key that does not decrypt."""
    field = Instance._meta.get_field("api_key")
    stored = Instance.objects.annotate(stored_key=Cast("api_key", TextField()))
    for name, key in stored.values_list("name", "stored_key"):
        try:
            field.from_db_value(key)
        except ConfigError as error:
            yield Issue(
                source=name,
                severity=Severity.ERROR,
                what=say("Its API key does not decrypt."),
                meaning=_("Nothing can be read from it or written to it."),
                remedy=_("%(error)s Or type the API key of the instance anew.") % {"error": error},
            )


def breakers() -> Iterator[Issue]:
    """Yield an issue for every instance that no calls go to now."""
    for instance in enabled():
        if instance.breaker == Breaker.AUTH:
            yield Issue(
                source=instance.name,
                severity=Severity.ERROR,
                what=instance.breaker_reason,
                meaning=_("No calls go to it until its settings are corrected; scans and tags wait."),
                remedy=_("Correct the API key of the instance."),
            )
        elif instance.breaker == Breaker.OPEN:
            yield Issue(
                source=instance.name,
                severity=Severity.ERROR,
                what=instance.breaker_reason,
                meaning=_("It is tried again by itself; scans and tags wait until it answers."),
                remedy=_("Check that it runs; %(command)s tries now.")
                % {"command": f"manage.py test_instance {shlex.quote(instance.name)}"},
            )


def held() -> Iterator[Issue]:
    """Yield an issue for every instance that the brake holds."""
    for instance in enabled():
        if instance.held_since is not None:
            yield Issue(
                source=instance.name,
                severity=Severity.ERROR,
                what=instance.held_reason,
                meaning=_("Scans go on, but no tag and no NFO is written."),
                remedy=_("Look at the verdicts; then %(command)s.")
                % {"command": f"manage.py release {shlex.quote(instance.name)}"},
                since=instance.held_since,
            )


def found_labels() -> Iterator[Issue]:
    """Yield an issue for every label in use that stood in an app before we ever wrote it."""
    waiting = ManagedLabel.objects.filter(found=True, instance__enabled=True)
    rows = list(waiting.select_related("instance").defer("instance__api_key").order_by("label"))
    of_verdicts = {instance.pk: verdict_labels(instance) for instance in {row.instance for row in rows}}
    for label in rows:
        if label.label not in of_verdicts[label.instance_id] and not wanted_by_media(label):
            continue
        name = shlex.quote(label.instance.name)
        yield Issue(
            source=label.instance.name,
            severity=Severity.WARNING,
            what=say("The tag “%(label)s” was there before Taggarr ever wrote it.", label=label.label),
            meaning=_("It may mean something else to you, so it is neither added nor removed."),
            remedy=_("Let Taggarr have it (%(command)s), or choose another label in the policy.")
            % {"command": f"manage.py adopt_label {name} {label.label}"},
            since=label.created_at,
        )
