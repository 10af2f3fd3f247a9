"""What the library has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

TEXTS = {
    "files.listed-twice": _("Another scan listed the same files at the same time: they are compared again."),
    "folder.closed": _(
        "%(path)s is not in a folder that Taggarr may read: add a path mapping, or name the folder in "
        "TAGGARR_MEDIA_FOLDERS."
    ),
    "folder.dry-run": _("%(name)s: a dry run writes nothing."),
    "folder.full-path": _("Enter the folder's full path as the workers see it, such as /media/movies."),
    "folder.in-data": _(
        "%(path)s is in TAGGARR_DATA, where Taggarr keeps its own things: no media belongs there."
    ),
    "folder.locked": _("Another worker is writing in the folder %(folder)s: Taggarr tries again later."),
    "folder.no-app": _("%(name)s is a plain folder: no app can do that for it."),
    "folder.not-root": _("Enter the folder that holds the titles, such as /media/movies, not all of /."),
    "folder.unread": _("The folder %(folder)s cannot be read: check its mount."),
    "instance.deleted": _("The instance %(name)s has been deleted meanwhile."),
    "instance.other-answers": _(
        "%(name)s: %(other)s answers there, not %(app)s: correct the instance's address."
    ),
    "instance.other-app": _("This is %(found)s, not %(app)s: choose another kind, or correct the address."),
    "instance.too-old": _("This is %(app)s %(version)s, and Taggarr needs %(oldest)d or newer: update it."),
    "instance.twice": _("%(name)s: its list names the same %(what)s twice."),
    "mapping.elsewhere": _("%(path)s is a path of another machine: add a path mapping."),
    "mapping.empty": _("The folder %(path)s is empty: is it mounted?"),
    "mapping.local": _("Enter the full path of the folder here: it begins with /."),
    "mapping.local-path": _("%(path)s is not a full path: a folder here begins with /."),
    "mapping.missing": _("The folder %(path)s does not exist here: mount it, or correct the path."),
    "mapping.no-folder": _("%(path)s is not a folder: correct the path."),
    "mapping.no-roots": _("It has no root folder yet."),
    "mapping.remote": _("Enter the full path as the app names it, such as /tv or D:\\TV."),
    "mapping.remote-path": _("%(path)s is not a full path: write it as the app does, such as /tv or D:\\TV."),
    "mapping.twice": _("Map each folder of the app only once."),
    "mapping.unreadable": _(
        "The folder %(path)s cannot be read (%(reason)s): check its mount and permissions."
    ),
    "nfo.doctype": _(
        "The NFO has a <!DOCTYPE> declaration, which Taggarr refuses to read: remove that line."
    ),
    "nfo.empty-root": _("The NFO holds an empty root element and nothing else: have the file written again."),
    "nfo.encoding": _(
        "The NFO declares a character encoding that Taggarr cannot edit (line 1): save it as UTF-8."
    ),
    "nfo.malformed": _(
        "Line %(line)d of the NFO is malformed (%(reason)s): mend it, or have the file written again."
    ),
    "nfo.no-xml": _("The NFO holds no XML to edit (it is empty, or only a link or plain text)."),
    "nfo.too-large": _("The NFO is larger than %(size)d MiB, as no real one is: Taggarr did not read it."),
    "root.empty": _("The folder %(folder)s is empty, though the app has files in it: check its mount."),
    "root.missing": _("The folder %(folder)s is not there: mount it, or add a path mapping to the instance."),
    "root.other": _(
        "None of its titles lies in the folder %(folder)s: it is another folder, or its mount is missing."
    ),
    "root.silent": _(
        "The folder %(folder)s does not answer: check the disk or the server it is mounted from."
    ),
    "root.unreadable": _(
        "The folder %(folder)s cannot be read (%(reason)s): check its mount and permissions."
    ),
    "sync.folder-fewer": _(
        "The folder no longer holds %(orphans)d of %(known)d titles, more than %(limit)d %%"
    ),
    "sync.movies-fewer": _("Radarr no longer lists %(orphans)d of %(known)d movies, more than %(limit)d %%"),
    "sync.no-movies": _("Radarr lists no movies at all; it had %(known)d"),
    "sync.no-series": _("Sonarr lists no series at all; it had %(known)d"),
    "sync.not-forgotten": _(
        "%(seen)s: Taggarr has forgotten nothing. Look at the library there, then release it to forget them, "
        "or decline."
    ),
    "sync.series-fewer": _("Sonarr no longer lists %(orphans)d of %(known)d series, more than %(limit)d %%"),
    "sync.still-fewer": _("%(orphans)d of %(known)d titles are no longer listed and wait for an answer"),
}

BRINGS = Words(texts=TEXTS, audited={"path mapping": _("path mapping")})
