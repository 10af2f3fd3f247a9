"""Users and what they may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models


class Role(models.TextChoices):
    """What a user may do: an admin everything, a viewer only look."""

    ADMIN = "admin", "Admin"
    VIEWER = "viewer", "Viewer"


class UserManager(DjangoUserManager["User"]):
    """Makes users; one made on the command line as a superuser is an admin."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> User:
        """Return a new admin."""
        extra_fields.setdefault("role", Role.ADMIN)
        return super().create_superuser(username, email, password, **extra_fields)


class User(AbstractUser):
    """A person who signs in. The role is the one source of rights: Django's own flags follow it."""

    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)

    objects: ClassVar[UserManager] = UserManager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with Django's staff and superuser flags made equal to the role."""
        self.is_staff = self.is_superuser = self.is_admin
        super().save(*args, **kwargs)

    @property
    def is_admin(self) -> bool:
        """Whether this user may change anything."""
        return self.role == Role.ADMIN
