"""Whether files can be read here at all."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from connections.health import to_connection
from core.cage.keeper import StalledError, UnreadyError
from core.cage.walls import Wall
from core.issues import Action, Issue, Severity
from core.words import Phrase
from library.models import PathMapping
from library.paths import check_mapping
from scanner.probe.caged import CAGE


def reader() -> Iterator[Issue]:
    """Yield an issue where MediaInfo is missing, or its process is not kept from the rest of the system.

    It is started to find out: what is loaded here would stay in memory.
    """
    try:
        wall = CAGE.find_wall()
    except UnreadyError as error:
        if error.lasting:
            yield Issue(
                severity=Severity.ERROR,
                what=Phrase("mediainfo.missing"),
                meaning=_("Files whose header does not tell all cannot be read."),
                remedy=_(
                    "Install the requirements again; on Alpine or another small system install libmediainfo."
                ),
                action=_about(),
            )
        return
    except StalledError:  # the machine is busy or full, which other checks tell
        return
    if wall != Wall.CALLS:
        yield Issue(
            what=Phrase("cage.open"),
            meaning=_("Its limits of memory and time hold; a file made to take it over could do more."),
            remedy=_("Allow seccomp filters, or read media from sources that you trust alone."),
            action=_about(),
        )


def path_mappings() -> Iterator[Issue]:
    mappings = PathMapping.objects.filter(connection__enabled=True).exclude(
        connection__scan_settings__facts_from="arr"
    )
    rows = mappings.values_list("connection_id", "connection__name", "remote_prefix", "local_prefix")
    for pk, name, remote, local in rows.order_by("connection__name", "remote_prefix"):
        if sentence := check_mapping(remote, local):
            yield Issue(
                source=name,
                what=Phrase("mapping.nowhere", folder=remote),
                meaning=_("Its files cannot be read from disk here."),
                remedy=sentence,
                action=to_connection(pk),
            )


def _about() -> Action:
    return Action(_("Show what is installed"), "about")
