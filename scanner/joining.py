"""Connecting an instance for whoever wants some languages: the policy that wants them, and the instance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django.db import transaction

from connections import services
from connections.kinds import Answer
from connections.models import Connection
from core.errors import ConfigError, FieldError
from scanner.languages.codes import name_of_code
from scanner.models import Policy
from scanner.models.policy import clean_languages

from .policies import save_policy

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


def policy_for(languages: Sequence[str], name: str = "", *, user: User | None = None) -> Policy:
    """The policy of this name, else the one with these target languages, made where there is none."""
    try:
        targets = clean_languages([text for text in languages if text.strip()])
    except ConfigError as error:
        raise FieldError("languages", error.phrase) from None
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
