"""Rows of a collection as tests need them."""

from __future__ import annotations

from typing import Any

from accounts.models import Role, User
from catalogue.folding import fold
from catalogue.models import Copy, Edition, Library, Work


def add_user(name: str, role: Role = Role.USER) -> User:
    return User.objects.create_user(name, role=role)


def add_work(title: str, **fields: Any) -> Work:
    fields.setdefault("library", Library.usual())
    return Work.objects.create(**{"kind": "book", "title": title, "folded": fold(title), **fields})


def add_copy(work: Work, **fields: Any) -> Copy:
    return Copy.objects.create(edition=Edition.objects.create(work=work), **fields)
