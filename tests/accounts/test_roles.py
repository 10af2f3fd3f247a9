"""What each role may do, in person and by key."""

from __future__ import annotations

import pytest

from accounts.keys import create_key
from accounts.models import Role, Scope, User
from accounts.rights import ADD, CHANGE, IN_PERSON, LOOK, MANAGE, refusal
from core.errors import FieldError

pytestmark = pytest.mark.django_db

NEEDS = {"look": LOOK, "add": ADD, "change": CHANGE, "manage": MANAGE, "in person": IN_PERSON}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, {"look"}),
        (Role.USER, {"look", "add"}),
        (Role.ADMIN, {"look", "add", "change", "manage", "in person"}),
    ],
)
def test_each_role_may_what_those_below_it_may(role: Role, may: set[str]):
    user = User.objects.create_user("pia", role=role)
    assert {name for name, need in NEEDS.items() if not refusal(need, user, recent=True)} == may
    assert user.may_add == ("add" in may)


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.VIEWER, {Scope.READ}),
        (Role.USER, {Scope.READ, Scope.WRITE}),
        (Role.ADMIN, {Scope.READ, Scope.WRITE, Scope.SETTINGS}),
    ],
)
def test_a_key_has_no_scope_that_its_owner_could_not_use(role: Role, scopes: set[Scope]):
    owner = User.objects.create_user("pia", role=role)
    for scope in scopes:
        assert create_key(owner, "a key", scopes=[scope], expires_at=None)
    for scope in set(Scope) - scopes:
        with pytest.raises(FieldError) as refused:
            create_key(owner, "a key", scopes=[scope], expires_at=None)
        assert refused.value.field == "scopes"
