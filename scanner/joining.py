"""Connecting an instance for whoever wants some languages: the policy that wants them, and the instance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import get_language

from connections import services
from connections.kinds import Answer
from connections.models import Connection
from core.errors import ConfigError, FieldError
from core.words import Phrase
from jobs.models import Job
from library.clients import client_for
from library.root_check import RootCheck
from library.sync import sync_instance
from scanner.facts.sources import is_read_from_disk
from scanner.labels.managed import note_found_labels
from scanner.languages.codes import name_of_code
from scanner.models import Policy, ScanSettings
from scanner.models.policy import clean_languages
from scanner.scan import brake
from scanner.scan.starting import start_scan

from .policies import follow_policy, save_policy

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def join(
    kind: str,
    *,
    policy: str = "",
    languages: Sequence[str] = (),
    user: User | None = None,
    **given: Any,
) -> tuple[Connection, Answer]:
    """Connect to an instance and add it; return it with what answered.

    Its policy is the one of that name, else the one that wants just these languages (names or codes); where
    there is none it is made. Nothing is saved where anything is wrong. Raises FieldError and ConfigError;
    that of `languages` where one is none.
    """
    wanted = policy_for(languages, policy.strip(), user=user)
    checked = services.check(kind, {**given, "policy": wanted})
    assert checked.found is not None  # noqa: S101  (the check connects, or raises)
    return checked.save(user=user), checked.found


@transaction.atomic
def begin(kind: str, *, user: User | None = None, **given: Any) -> Connection:
    """Connect to an instance and add it, held until `finish`: the first run asks the rest step by step.

    It follows the first policy there is, else one that wants the language of the page. Raises FieldError and
    ConfigError.
    """
    spoken = clean_languages([get_language() or "en"])
    policy = Policy.objects.order_by("pk").first() or _by_languages(spoken, user)
    added, _answer = join(kind, policy=policy.name, user=user, **given)
    ScanSettings.objects.filter(pk=added.pk).update(
        held_since=Now(), held_reason=Phrase("setup.unfinished"), in_setup=True
    )
    return added


def look(connection: Connection) -> None:
    """Bring in what an instance holds, and note which tags stand there. Raises ApiError."""
    sync_instance(connection, client_for(connection, read_only=True, interactive=True))
    note_found_labels(connection)


@transaction.atomic
def choose(
    connection: Connection, *, policy: str = "", languages: Sequence[str] = (), user: User | None = None
) -> Policy:
    """Give an instance the policy of this name, else one that wants these languages (names or codes).

    The only policy there is, which no other instance follows, is changed; else one is found or made. Raises
    FieldError of `languages` where one is none.
    """
    settings, current = connection.scan_settings, connection.scan_settings.policy
    targets = _cleaned(languages)
    alone = not ScanSettings.objects.exclude(pk=connection.pk).exists() and Policy.objects.count() == 1
    if alone and not policy and targets and targets != current.target_languages:
        current.name, current.target_languages = _free_name(targets), targets
        save_policy(current, user=user)
        return current
    wanted = policy_for([] if policy else languages, policy, user=user)
    if wanted != current:
        settings.policy = wanted
        settings.save(update_fields=["policy"])
        follow_policy(connection, user=user)
        note_found_labels(connection)
    return wanted


def finish(connection: Connection, *, user: User | None = None) -> Job:
    """End the first run of an instance: start the scan that writes. Raises ConfigError where it is off."""
    brake.let_go(connection)
    return start_scan(connection, user=user)[0]


def unseen(connection: Connection, roots: Sequence[RootCheck]) -> Phrase | None:
    """What it means that some root folders are not seen here; None where all are."""
    number = sum(root.titles for root in roots if not root.seen)
    if not number:
        return None
    remotes = [root.remote for root in roots]
    away = [root.remote for root in roots if not root.seen]
    if is_read_from_disk(connection, remotes, away):
        return Phrase("setup.left-out", number=number)
    return Phrase("setup.not-mounted", number=number, app=connection.get_kind_display())


def policy_for(languages: Sequence[str], name: str = "", *, user: User | None = None) -> Policy:
    """The policy of this name, else the one with these target languages, made where there is none."""
    targets = _cleaned(languages)
    if not name:
        return _by_languages(targets, user)
    found = Policy.objects.filter(name__iexact=name).first()
    if found is None:
        if not targets:
            known = ", ".join(Policy.objects.values_list("name", flat=True))
            raise ConfigError(
                f"There is no policy called {name}: say with --languages what it wants"
                + (f", or name one of these: {known}." if known else ".")
            )
        return _made(name, targets, user)
    if targets and targets != found.target_languages:
        wants = ", ".join(map(name_of_code, found.target_languages))
        raise ConfigError(
            f"There is a policy called {found.name} already, and it wants {wants}: "
            "leave --languages out, or give the new policy another name with --policy."
        )
    return found


def _cleaned(languages: Sequence[str]) -> list[str]:
    try:
        return clean_languages([text for text in languages if text.strip()])
    except ConfigError as error:
        raise FieldError("languages", error.phrase) from None


def _by_languages(targets: Sequence[str], user: User | None) -> Policy:
    if targets:
        found = Policy.objects.filter(target_languages=list(targets)).first()
        return found or _made(_free_name(targets), targets, user)
    policies = list(Policy.objects.all()[:2])
    if len(policies) == 1:
        return policies[0]
    if policies:
        names = ", ".join(Policy.objects.values_list("name", flat=True))
        raise ConfigError(f"Say with --policy which policy it follows: {names}.")
    raise ConfigError("Say with --languages which languages you want, such as --languages English,Japanese.")


def _made(name: str, targets: Sequence[str], user: User | None) -> Policy:
    made = Policy(name=name, target_languages=list(targets))
    save_policy(made, user=user)
    return made


def _free_name(targets: Sequence[str]) -> str:
    """A name for a policy with these targets: `English + German`, numbered where that is taken."""
    wanted = " + ".join(map(name_of_code, targets))[:90]
    taken = set(Policy.objects.filter(name__istartswith=wanted).values_list("name", flat=True))
    numbered = (f"{wanted} {number}" for number in count(2))
    return next(name for name in chain([wanted], numbered) if name not in taken)
