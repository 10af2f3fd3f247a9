"""Adding, changing and deleting instances, with what follows from it for their media, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from history.models import EventKind
from history.services import record
from jobs import services as jobs
from jobs.models import LIVE_JOB, Job
from library import instances
from library.models import Instance
from library.sentences import say

from .policies import follow_policy

if TYPE_CHECKING:
    from accounts.models import User


def add(*, user: User | None = None, **given: Any) -> Instance:
    """Connect to an instance and add it; `given` is what `library.instances.add_instance` takes.

    Raises InstanceError.
    """
    instance = instances.add_instance(**given)
    record(
        EventKind.SETTINGS,
        say("Added the instance %(name)s", name=instance.name),
        instance=instance,
        actor=user,
    )
    return instance


def edit(instance: Instance, *, user: User | None = None, **given: Any) -> Instance:
    """Change an instance; `given` is what `library.instances.edit_instance` takes. Raises InstanceError.

    With another policy its media are decided anew, and their tags follow in the background.
    """
    policy = instance.policy_id
    instances.edit_instance(instance, **given)
    record(
        EventKind.SETTINGS,
        say("Changed the instance %(name)s", name=instance.name),
        instance=instance,
        actor=user,
    )
    if instance.policy_id != policy:
        follow_policy(instance, user=user)
    return instance


def delete(instance: Instance, *, user: User | None = None) -> None:
    """Cancel what runs for an instance, and forget it with its media.

    Its history stays, and so do the tags in the application: a scan in the mode `remove` takes those off.
    """
    for job in Job.objects.filter(instance=instance, state__in=LIVE_JOB):
        jobs.cancel(job)
    name = instance.name
    instances.delete_instance(instance)
    record(EventKind.SETTINGS, say("Deleted the instance %(name)s", name=name), actor=user)
