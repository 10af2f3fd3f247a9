"""Users and what they may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import PhraseField


class Role(models.TextChoices):
    """What a user may do: an admin everything, a user add and edit what is theirs, a viewer only look."""

    ADMIN = "admin", _("Admin")
    USER = "user", _("User")
    VIEWER = "viewer", _("Viewer")


class Scope(models.TextChoices):
    READ = "read", _("Look at everything but settings")
    WRITE = "write", _("Scan, tag, and change policies and titles")
    SETTINGS = "settings", _("See and change settings, backups and logs")


class UserManager(DjangoUserManager["User"]):
    """Makes users; one made on the command line as a superuser is an admin."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> User:
        extra_fields.setdefault("role", Role.ADMIN)
        return super().create_superuser(username, email, password, **extra_fields)


class User(AbstractUser):
    """A person who signs in. The role is the one source of rights: Django's own flags follow it."""

    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text=_("In which language the pages are shown; empty: as the browser asks."),
    )

    objects: ClassVar[UserManager] = UserManager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_staff = self.is_superuser = self.is_admin
        super().save(*args, **kwargs)

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def may_add(self) -> bool:
        """Whether they add things of their own, and edit those."""
        return self.role in (Role.ADMIN, Role.USER)


class ApiKey(models.Model):
    """A key for programs. It belongs to a user, and can never do more than that user.

    The key itself is shown once and not kept: `digest` is its SHA-256 in hexadecimal, `prefix` its first
    characters, by which a person recognises it. `networks` are where it may come from, empty for anywhere.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name


class ResetRequest(models.Model):
    """Somebody asked for a link to a new password, for an account with this mail address if there is one.

    The row is all that the request leaves, known address or not; `accounts.password_resets` does the rest.
    """

    address = models.EmailField()
    language = models.CharField(max_length=10)
    made_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.IntegerField(default=0)
    error = PhraseField(default="", blank=True)

    def __str__(self) -> str:
        return f"reset {self.pk}"
