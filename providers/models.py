"""What providers answered, and what is kept of a connection to one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from connections.models import Connection
from core.secrets import EncryptedTextField, RowKey


class Answer(models.Model):
    """One answer, known by its request: `key` is the SHA-256 of that, without any secret, in hexadecimal.

    `body` is its JSON, packed with gzip; None says that there is no such thing. `kind` and `subject` are the
    title that it is about, empty for lists. It is taken for true until `stale_at`; `is_changed` says that a
    list of changes named its title since, and after `ends_at` it is used no more, come what may.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, blank=True, default="")
    subject = models.CharField(max_length=20, blank=True, default="")
    body = models.BinaryField(null=True)
    etag = models.CharField(max_length=200, blank=True, default="")
    fetched_at = models.DateTimeField()
    stale_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_changed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="answer_once")]
        indexes = [
            models.Index(
                fields=["connection", "kind", "subject"], name="answer_subject", condition=~Q(subject="")
            ),
            models.Index(fields=["ends_at"], name="answer_ends"),
        ]

    def __str__(self) -> str:
        return f"answer {self.key[:12]}"


class Standing(models.Model):
    """How we stand with a provider: who we are signed in as, and up to when we know what changed.

    `token` holds the token and the secrets it was given for. Whoever wrote `renewing_until` signs in, until
    then; the others wait. All changes from `covered_since` to `covered_until` were looked at.
    """

    id = RowKey(primary_key=True)
    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="+")
    token = EncryptedTextField(blank=True, default="")
    renewing_until = models.DateTimeField(null=True)
    covered_since = models.DateTimeField(null=True)
    covered_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"standing with {self.connection_id}"
