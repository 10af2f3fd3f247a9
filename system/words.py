"""What the system has to say."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core import flags
from core.features import Words, features


class SystemEvent(TextChoices):
    """The kinds of events of the system."""

    HEALTH = "health", _("Health issue")
    RESTORED = "restored", _("Health restored")
    NEW_VERSION = "new_version", _("New version")


TEXTS = {
    "backup.bomb": _("This backup would unpack from %(packed)d to %(unpacked)d MiB, as no real one does."),
    "backup.columns": _("The table %(table)s of this backup has other columns: see %(column)s."),
    "backup.failed": _("The backup could not be restored, and nothing was changed: %(reason)s."),
    "backup.file-damaged": _("The file %(name)s of this backup is damaged (%(error)s)."),
    "backup.file-missing": _("The file %(name)s is missing in this backup."),
    "backup.file-too-large": _("The file %(name)s of this backup is larger than any of ours."),
    "backup.file-unread": _("The file %(name)s of this backup cannot be read: %(reason)s."),
    "backup.folder": _("The folder %(folder)s cannot be made: %(reason)s."),
    "backup.format": _(
        "This backup has format %(format)s, and this Taggarr reads only format %(ours)s: restore it "
        "with the Taggarr that wrote it (%(version)s)."
    ),
    "backup.interrupted": _("The restore of the backup %(name)s was interrupted."),
    "backup.manifest": _("The manifest of this backup is incomplete or damaged: see %(key)s."),
    "backup.migrations": _("The manifest of this backup names other migrations than its tables do."),
    "backup.newer": _(
        "This backup was made by a newer Taggarr (%(version)s; %(migration)s): update this one first."
    ),
    "backup.no-file": _("There is no file %(name)s."),
    "backup.no-library": _("This backup holds no library: it was made before the database was."),
    "backup.not-complete": _("%(name)s is not a complete backup: it is damaged or cut off (%(error)s)."),
    "backup.not-moved": _("%(folder)s cannot be moved to %(to)s: %(reason)s."),
    "backup.not-ours": _("This is not a backup of Taggarr: it holds no manifest."),
    "backup.not-restored": _("The backup %(name)s was not restored: %(reason)s"),
    "backup.not-whole": _("The backup %(name)s was written, but it is not whole: %(trouble)s"),
    "backup.other-key": _(
        "The secrets in this backup were encrypted with another key: put that installation's key "
        "(encryption_keys in its data folder) into TAGGARR_ENCRYPTION_KEYS, after this one's and a "
        "comma; or restore without them (--drop-secrets) and enter the API keys again."
    ),
    "backup.rows": _("The table %(table)s has %(found)d rows instead of %(rows)d."),
    "backup.same-name": _("This backup holds two files of the same name."),
    "backup.staged-failed": _("The staged backup was not restored. %(error)s"),
    "backup.strange-file": _("This backup holds a file that does not belong: %(name)s."),
    "backup.table-damaged": _("The table %(table)s of this backup is damaged: it is not what was written."),
    "backup.table-missing": _("The table %(table)s is missing in this backup."),
    "backup.table-unknown": _("This Taggarr does not know the table %(table)s of this backup."),
    "backup.too-large": _("The file is larger than 4 GiB: Taggarr did not take it."),
    "backup.unexpected": _("An unexpected error (%(error)s) stopped it: the log of this start says more."),
    "backup.unknown": _("There is no backup called %(name)s."),
    "backup.unread": _("%(name)s cannot be read: %(reason)s."),
    "backup.unwritten": _("The backup cannot be written to %(folder)s: %(reason)s."),
    "backup.workers": _(
        "Workers are running (%(queues)s): stop them first, or restore at the next start (--at-next-start)."
    ),
    "database.superuser": _("The database role %(role)s is a superuser."),
    "disk.full": _("The disk of %(folder)s is nearly full: %(free)d MiB left."),
    "export.printed": _("standard output"),
    "health.again": _("%(source)s works again. The problem was: %(what)s"),
    "health.issue": _("%(source)s: %(what)s"),
    "limit.address": _("%(who)s reached the limit of %(most)d open connections for one address."),
    "limit.connections": _("The web server reached its limit of %(most)d open connections."),
    "limit.requests": _("%(who)s reached the limit of %(most)d simultaneous requests for one address."),
    "limit.slow": _("%(who)s began %(most)d or more requests within a minute and finished none."),
    "limit.streams": _("%(who)s reached the limit of %(most)d live event streams for one key or person."),
    "log-level.name": _("log level"),
    "log-level.unknown": _("There is no log level “%(level)s”: choose %(levels)s."),
    "log.unknown": _("There is no log file called %(name)s."),
    "rehearsal.changed": _("%(name)s is not what was signed: somebody changed it."),
    "rehearsal.folder": _("The rehearsal cannot work in %(folder)s: %(reason)s."),
    "rehearsal.key": _(
        "%(name)s holds no Ed25519 key that can be used here: give one as PEM, without a password."
    ),
    "rehearsal.no-keys": _(
        "There are no keys here: put the installation's secret_key and encryption_keys into %(folder)s."
    ),
    "rehearsal.no-report": _("%(name)s is not the report of a rehearsal."),
    "rehearsal.no-room": _(
        "A rehearsal of this backup needs about %(needed)d MiB in %(folder)s, where %(free)d MiB are free: "
        "make room, or name another folder with TMPDIR."
    ),
    "rehearsal.other-key": _("%(name)s was signed with another key, %(key)s: give the right one with --key."),
    "rehearsal.revision": _("This repository has no version %(revision)s: git tag shows those it has."),
    "rehearsal.unwritten": _("The report cannot be written to %(path)s: %(reason)s."),
    "server.clock": _("The clocks of this machine and of the database differ by %(seconds)d s."),
    "server.database": _("The database (PostgreSQL)"),
    "server.old-version": _(
        "%(server)s is too old: Taggarr needs version %(oldest)d or newer, and this is %(version)d."
    ),
    "server.slow": _("%(server)s is slow: the smallest query took %(seconds)s seconds."),
    "server.too-old": _("%(server)s is too old: Taggarr needs version %(oldest)d or newer."),
    "switch.unknown": _("There is no switch %(key)s."),
    "version.newer": _("Taggarr %(newer)s is out; this is %(version)s."),
}


def _switch(key: str) -> str:
    titles = {feature.slug: feature.title for feature in features()}
    return str(titles.get(key) or next((flag.what for flag in flags.declared() if flag.key == key), key))


BRINGS = Words(
    texts={**TEXTS, "switch.name": _switch},
    jobs={"backup": _("backup"), "cleanup": _("clean-up")},
    events=dict(SystemEvent.choices),
    audited={
        "backup": _("backup"),
        "log": _("log"),
        "setting": _("setting"),
        "settings": _("settings"),
        "switch": _("switch"),
    },
)
