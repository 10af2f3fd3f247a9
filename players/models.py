"""What is kept of players."""

from __future__ import annotations

import uuid

from django.db import models


class Device(models.Model):
    """As which device this installation calls players: made once, else each start is a new one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    identifier = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="device_is_one")]

    def __str__(self) -> str:
        return str(self.identifier)

    @classmethod
    def ours(cls) -> str:
        return str(cls.objects.get_or_create(pk=1)[0])
