"""Backups, for admins: making, keeping and restoring them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiRequest, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import IN_PERSON, MANAGE
from api.resource import Answering, Resource
from api.routes.jobs import JobSerializer, answer_start
from api.schema import example
from api.strict import BytesBody, Strict
from core.errors import ConfigError
from system.backup import services
from system.backup.services import Backup, Check, check_backup, known_checks
from system.downloads import send_file

ARCHIVE = "application/zip"
SHOWN = OpenApiExample("Archive", value="PK…", media_type=ARCHIVE)
_BACKUP = {
    "name": "taggarr-20260115-031500.zip",
    "kind": "taggarr",
    "size": 5242880,
    "made_at": "2026-01-15T03:15:00Z",
    "checked_at": "2026-01-15T03:15:04Z",
    "trouble": "",
}


@example(_BACKUP)
class BackupSerializer(serializers.Serializer[Any]):
    """One archive; `trouble` is what the last reading of it found, empty where it could be restored here."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["taggarr", "before-restore", "uploaded"])
    size = serializers.IntegerField(help_text="Bytes.")
    made_at = serializers.DateTimeField()
    checked_at = serializers.DateTimeField(allow_null=True)
    trouble = serializers.CharField(allow_blank=True)


@example(
    {
        "name": _BACKUP["name"],
        "version": "0.1.0",
        "created_at": "2026-01-15T03:15:00Z",
        "postgresql": "18.0",
        "rows": {"library_media": 812, "library_file": 30120},
    }
)
class BackupContentSerializer(serializers.Serializer[Any]):
    """What an archive says of itself; `rows` by table."""

    name = serializers.CharField()
    version = serializers.CharField()
    created_at = serializers.DateTimeField()
    postgresql = serializers.CharField()
    rows = serializers.DictField(child=serializers.IntegerField())


@example({}, {"drop_secrets": False})
class RestoreSerializer(Strict):
    """How to restore."""

    drop_secrets = serializers.BooleanField(
        default=False, help_text="Leave out what is encrypted, for whoever has lost the key."
    )


@example({"name": _BACKUP["name"], "asked_at": "2026-01-15T12:00:00Z", "drop_secrets": False})
class StagedSerializer(serializers.Serializer[Any]):
    """What is restored when Taggarr starts the next time."""

    name = serializers.CharField()
    asked_at = serializers.DateTimeField()
    drop_secrets = serializers.BooleanField()


class ArchiveBody(BytesBody):
    media_type = ARCHIVE


class Backups(Resource):
    """All that the database holds, as archives."""

    nouns = ("a backup", "backups")
    look, change = MANAGE, MANAGE
    needs = {"download": IN_PERSON, "restore": IN_PERSON}
    serializer_class = BackupSerializer
    pagination_class = None
    filter_backends = ()
    lookup_field = "name"
    lookup_value_converter = "str"

    @property
    def largest_body(self) -> int:  # type: ignore[override]
        return services.LARGEST_UPLOAD if self.action == "upload" else super().largest_body

    def list(self, request: Request) -> Response:  # noqa: ARG002
        """List the backups, the newest first."""
        found = services.list_backups()
        checks = known_checks(found)
        shown = [_shown(backup, checks.get(backup.name)) for backup in found]
        return Response(BackupSerializer(shown, many=True).data)

    @extend_schema(request=None, responses={202: JobSerializer, 409: None})
    def create(self, request: Request) -> Response:
        """Start a job that makes a backup.

        409 where one runs already, with its address.
        """
        return answer_start(request, "backup")

    @extend_schema(responses=BackupContentSerializer)
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002
        """Show what a backup holds."""
        return Response(BackupContentSerializer(services.about(_path(name).name)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, name: str) -> Response:  # noqa: ARG002
        """Delete a backup."""
        services.delete_backup(_path(name).name)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request={ARCHIVE: OpenApiRequest(OpenApiTypes.BINARY, examples=[SHOWN])},
        responses={201: BackupSerializer},
    )
    @action(detail=False, methods=["post"], parser_classes=[ArchiveBody])
    def upload(self, request: Request) -> Response:
        """Take in a backup from elsewhere.

        The body is the archive. All of it is read; what could not be restored here is refused with 422.
        """
        pieces: Iterator[bytes] = request.data if isinstance(request.data, Iterator) else iter(())
        kept = services.take_in(pieces)
        return Response(BackupSerializer(_shown(kept, check_backup(kept.name))).data, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BackupSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, name: str) -> Response:  # noqa: ARG002
        """Read a backup as a whole and say whether it could be restored."""
        found = check_backup(_path(name).name)
        (backup,) = (one for one in services.list_backups() if one.name == name)
        return Response(BackupSerializer(_shown(backup, found)).data)

    @extend_schema(responses={(200, ARCHIVE): OpenApiResponse(OpenApiTypes.BINARY, examples=[SHOWN])})
    @action(detail=True)
    def download(self, request: Request, name: str) -> Any:
        """Send the archive itself."""
        return send_file(_path(name), ARCHIVE, kind="backup", head=request.method == "HEAD")

    @extend_schema(request=RestoreSerializer, responses={202: StagedSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, name: str) -> Response:
        """Have a backup restored when Taggarr starts the next time.

        It then takes the place of all that the database holds, which is backed up before.
        """
        wish = RestoreSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        drop: bool = wish.validated_data["drop_secrets"]
        services.stage(_path(name), drop_secrets=drop)
        return Response(StagedSerializer(services.staged()).data, status.HTTP_202_ACCEPTED)


class Staged(Answering):
    """What is restored at the next start."""

    look, change = MANAGE, MANAGE

    @extend_schema(operation_id="system_restore_retrieve", responses={200: StagedSerializer, 404: None})
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Show what is restored when Taggarr starts the next time.

        404 where nothing is.
        """
        found = services.staged()
        if found is None:
            raise NotFound("Nothing is to be restored.")
        return Response(StagedSerializer(found).data)

    @extend_schema(operation_id="system_restore_destroy", responses={204: None, 404: None})
    def delete(self, request: Request) -> Response:  # noqa: ARG002
        """Take back what was to be restored."""
        if not services.unstage():
            raise NotFound("Nothing is to be restored.")
        return Response(status=status.HTTP_204_NO_CONTENT)


def _path(name: str) -> Path:
    try:
        return services.path_of(name)
    except ConfigError as error:
        raise NotFound(str(error)) from None


def _shown(backup: Backup, check: Check | None) -> dict[str, Any]:
    return {
        **backup.to_json(),
        "kind": services.kind_of(backup.name),
        "checked_at": check.at if check else None,
        "trouble": check.trouble if check else "",
    }
