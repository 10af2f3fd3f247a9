"""What the scanner has to say."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.features import Words
from scanner.events import ScanEvent
from scanner.languages.codes import normalise
from scanner.languages.names import listed, named
from scanner.models import Verdict

MODES = {
    "update": _("new and changed titles"),
    "rewrite": _("everything"),
    "remove": _("removal of tags"),
}
FLAGS = {
    "default": _("default"),
    "forced": _("forced"),
    "commentary": _("commentary"),
    "descriptive": _("audio description"),
    "hearing impaired": _("for the hearing impaired"),
    "original": _("original"),
}
VERDICTS = dict(Verdict.choices)

TEXTS = {
    "brake.held": _("%(instance)s: %(reason)s"),
    "brake.labels": _("take language tags off %(part)d of %(total)d titles"),
    "brake.not-held": _("%(name)s is not held: there is nothing to release."),
    "brake.none-of-these": _("None of these titles of %(name)s waits: look at the list again."),
    "brake.policy": _(
        "The policy “%(policy)s” would %(what)s, more than %(limit)d %%: look at them, then release or "
        "decline the changes."
    ),
    "brake.reason": _(
        "The scan would %(what)s, more than %(limit)d %%: look at them, then release or decline the changes."
    ),
    "brake.verdicts": _("change %(part)d of %(total)d verdicts"),
    "brake.waiting": ngettext_lazy(
        "Held: %(number)d change waits", "Held: %(number)d changes wait", "number"
    ),
    "cage.open": _("This system cannot lock in the reader of damaged files (seccomp)."),
    "file.all-targets": _("The file holds all that is wanted: %(present)s."),
    "file.assumed-by-code": _(
        "%(why)s Audio track %(number)d is in “%(code)s”, not a known language, and is taken as %(language)s."
    ),
    "file.assumed-by-nothing": _(
        "%(why)s Audio track %(number)d names no language and is taken as %(language)s."
    ),
    "file.assumed-several": _(
        "%(why)s Audio track %(number)d holds several languages and is taken as %(language)s."
    ),
    "file.commentaries": _("Every audio track is a commentary or an audio description."),
    "file.episodes-unknown": _("Sonarr has not said which episodes this file holds: scan the series first."),
    "file.extra-forbidden": _("The file also holds %(extra)s, and the policy forbids other languages."),
    "file.native": _("The file holds %(present)s: wanted, and the original."),
    "file.no-audio": _("The file has no audio track."),
    "file.no-dub": _("The file holds only %(languages)s and lacks %(missing)s."),
    "file.no-speech": _("Nobody speaks in this file: there is nothing to dub."),
    "file.only-other-languages": _(
        "The file holds %(extra)s, neither wanted nor the original, and lacks %(missing)s."
    ),
    "file.original-alone": _("The audio is in the original language, and that is unknown."),
    "file.original-unknown": _(
        "The file holds %(languages)s and lacks %(missing)s; the original language is unknown."
    ),
    "file.some-targets": _("The file holds %(present)s but lacks %(missing)s."),
    "file.unknown-codes": _("No audio track that counts names a known language: %(codes)s."),
    "file.unnamed": _("No audio track that counts names a language."),
    "file.unreadable": _("The file could not be read."),
    "files.bad-name": ngettext_lazy(
        "%(number)d file cannot be opened, for its name is not valid UTF-8: %(names)s.",
        "%(number)d files cannot be opened, for their names are not valid UTF-8: %(names)s.",
        "number",
    ),
    "files.silent": ngettext_lazy(
        "%(number)d file has no audio track: %(names)s.",
        "%(number)d files have no audio track: %(names)s.",
        "number",
    ),
    "files.unreached": ngettext_lazy(
        "%(number)d file could not be reached: %(names)s.",
        "%(number)d files could not be reached: %(names)s.",
        "number",
    ),
    "files.unreadable": ngettext_lazy(
        "%(number)d file cannot be read: %(names)s.",
        "%(number)d files cannot be read: %(names)s.",
        "number",
    ),
    "hand.adopted": _("Adopted tags of %(instance)s: %(labels)s"),
    "hand.asked-again": _("Tags of %(instance)s wait for an answer again: %(labels)s"),
    "hand.declined": ngettext_lazy(
        "Declined %(number)d change in %(name)s; %(left)d wait on",
        "Declined %(number)d changes in %(name)s; %(left)d wait on",
        "number",
    ),
    "hand.excluded": _("excluded"),
    "hand.excluded-many": ngettext_lazy("Excluded %(number)d title", "Excluded %(number)d titles", "number"),
    "hand.included": _("taken back in"),
    "hand.included-many": ngettext_lazy(
        "Took %(number)d title back in",
        "Took %(number)d titles back in",
        "number",
    ),
    "hand.left": _("Left tags of %(instance)s alone: %(labels)s"),
    "hand.listed": _("marked as needing attention"),
    "hand.not-wrong": _("Only a wrong dub can be unmonitored here."),
    "hand.original": _("original language %(language)s"),
    "hand.original-of-app": _("original language as the app says it"),
    "hand.own-policy": _("its instance's policy"),
    "hand.own-policy-many": ngettext_lazy(
        "Gave %(number)d title its instance's policy",
        "Gave %(number)d titles their instance's policy",
        "number",
    ),
    "hand.policy": _("policy %(name)s"),
    "hand.policy-many": ngettext_lazy(
        "Gave %(number)d title the policy %(name)s",
        "Gave %(number)d titles the policy %(name)s",
        "number",
    ),
    "hand.reconsidered": ngettext_lazy(
        "Took back the decision to leave %(number)d title in %(name)s as it is",
        "Took back the decision to leave %(number)d titles in %(name)s as they are",
        "number",
    ),
    "hand.released": _("Released %(name)s"),
    "hand.released-some": ngettext_lazy(
        "Released %(number)d change in %(name)s; %(left)d wait on",
        "Released %(number)d changes in %(name)s; %(left)d wait on",
        "number",
    ),
    "hand.search": _("Asked %(instance)s to search for a replacement for %(title)s"),
    "hand.seen-to": _("dealt with"),
    "hand.title": _("%(title)s: %(changes)s"),
    "hand.unmonitored": _("%(instance)s no longer monitors %(title)s"),
    "hand.webhook": _("Connected the webhook of %(name)s"),
    "job.instance-gone": _("The instance has been deleted."),
    "label.adopt": _(
        "The tag “%(label)s” was in %(instance)s before Taggarr wrote it: adopt it, leave it alone, or "
        "choose another tag in the policy."
    ),
    "label.choose": _("Choose at least one tag."),
    "label.found": _("The tag “%(label)s” was there before Taggarr wrote it."),
    "label.heard": ngettext_lazy(
        "%(languages)s is heard in the file.",
        "%(languages)s is heard in all %(number)d files.",
        "number",
    ),
    "label.heard-in": _("%(languages)s is heard in %(count)d of %(number)d files."),
    "label.none-wait": _("No tag of %(instance)s is waiting to be adopted."),
    "label.none-waits": _("No tag “%(label)s” in %(instance)s is waiting to be adopted."),
    "label.read": ngettext_lazy(
        "Not dubbed, with subtitles in %(languages)s in the file.",
        "Not dubbed, with subtitles in %(languages)s in all %(number)d files.",
        "number",
    ),
    "label.read-in": _("Not dubbed, with subtitles in %(languages)s in %(count)d of %(number)d files."),
    "label.unnamed": ngettext_lazy(
        "No audio track of the file names a language.",
        "No audio track of %(number)d files names a language.",
        "number",
    ),
    "language.advice": _("give a name or a code, such as English or eng."),
    "language.guess": _("did you mean %(language)s?"),
    "language.missing": _("The language is missing: %(advice)s"),
    "language.not-one": _("“%(text)s” does not stand for one language: %(advice)s"),
    "language.unknown": _("Taggarr knows no language “%(text)s”: %(hint)s"),
    "left-out.not_probed": _("%(number)d not read yet"),
    "left-out.specials": _("%(number)d among the specials"),
    "left-out.unmonitored": _("%(number)d not monitored"),
    "mapping.nowhere": _("The path mapping of %(folder)s leads nowhere on this machine."),
    "mediainfo.missing": _("The MediaInfo library is missing."),
    "mediainfo.not-loaded": _(
        "The MediaInfo library cannot be loaded (%(error)s): install the pymediainfo wheel for this "
        "system, or its package libmediainfo."
    ),
    "nfo.emptied": _("%(title)s: removed all tags from the NFO"),
    "nfo.leads-out": _("The NFO %(path)s is a link that leads out of %(root)s: Taggarr left it alone."),
    "nfo.left-alone": _("Taggarr left %(path)s alone: %(error)s"),
    "nfo.no-file": _("The NFO %(path)s is not a regular file: Taggarr left it alone."),
    "nfo.no-rights": _("Taggarr's user may not do that; give it write permission on the file's folder"),
    "nfo.not-looked-for": _("The NFO %(path)s could not be looked for: %(reason)s."),
    "nfo.not-read": _("The NFO %(path)s could not be read: %(reason)s."),
    "nfo.not-written": _("The NFO %(path)s could not be written: %(reason)s."),
    "nfo.read-only": _(
        "it lies on a read-only mount; mount it writable or switch NFO writing off in the policy"
    ),
    "nfo.written": _("%(title)s: wrote %(labels)s into the NFO"),
    "policy.dry-run": _("The policy %(name)s is a dry run, which writes nothing: switch that off first."),
    "policy.forbids": _("The policy %(name)s does not allow that: switch on %(option)s there first."),
    "policy.no-former": _("%(name)s has no earlier version to go back to."),
    "policy.no-target": _("A policy needs at least one target language."),
    "policy.no-version": _("%(name)s has no former version %(number)d: look at the list again."),
    "probe.bad-name": _("%(name)s has a name that is not valid UTF-8: rename it."),
    "probe.broken": _(
        "%(name)s cannot be read: MediaInfo %(what)s. It is damaged, or made to do harm: replace it or "
        "delete it."
    ),
    "probe.copying": _("%(name)s is still being copied: Taggarr reads it once it has stopped growing."),
    "probe.cut-off": _("%(name)s is cut off (%(reason)s): copy it again or delete it."),
    "probe.device": _(
        "%(name)s is a pipe, a socket or a device and no video file, though it is named like one."
    ),
    "probe.empty": _("%(name)s is empty (0 bytes): copy it again or delete it."),
    "probe.folder": _("%(name)s is a directory and no video file, though it is named like one."),
    "probe.forbidden": _(
        "%(name)s may not be read: give the user that Taggarr runs as permission to read it."
    ),
    "probe.format": _(
        "%(name)s is %(format)s, which Taggarr does not read: put the film into a Matroska file."
    ),
    "probe.gone": _("There is no file %(name)s now: it was moved or deleted, or its mount is away."),
    "probe.long-name": _("%(name)s has a name that is too long for this system: rename it."),
    "probe.loop": _("%(name)s is a symbolic link that leads back to itself: delete it or mend it."),
    "probe.nothing": _(
        "%(name)s cannot be read: MediaInfo finds no audio and no video in it. If it does not play "
        "either, copy it again or delete it."
    ),
    "probe.nothing-by-either": _(
        "%(name)s cannot be read: the header reader met %(note)s, and MediaInfo finds no audio and no "
        "video in it. If it does not play either, copy it again or delete it."
    ),
    "probe.nul": _("%(name)s holds a NUL character, so it cannot be a file's name."),
    "probe.odd": _("%(name)s waits for the other files (%(reason)s): Taggarr reads it in a few minutes."),
    "probe.quick": _("A quick scan reads one file a season."),
    "probe.stalled": _(
        "%(name)s cannot be read now: MediaInfo %(what)s. Check its disk or mount, and whether this "
        "machine has too much to do."
    ),
    "probe.tracks": _(
        "%(name)s lists more than %(most)d audio and subtitle tracks, as no honest file does: replace "
        "it or delete it."
    ),
    "probe.unreached": ngettext_lazy(
        "%(first)s %(number)d more file could not be read.",
        "%(first)s %(number)d more files could not be read.",
        "number",
    ),
    "probe.unread": _("%(name)s cannot be read now (%(reason)s): check its disk or mount."),
    "probe.unready": _("%(name)s cannot be read now: MediaInfo runs apart, and %(what)s."),
    "root.disk-full": _("The disk of %(folder)s is nearly full: %(free)d MiB left."),
    "root.unwatched": _("The root folders cannot be looked at: %(reason)s."),
    "scan.nfos-planned": ngettext_lazy(
        "%(number)d NFO file to write", "%(number)d NFO files to write", "number"
    ),
    "scan.nfos-written": ngettext_lazy(
        "%(number)d NFO file written", "%(number)d NFO files written", "number"
    ),
    "scan.nothing-changed": _("nothing changed"),
    "scan.tags-changed": ngettext_lazy("%(number)d tag changed", "%(number)d tags changed", "number"),
    "scan.tags-planned": ngettext_lazy("%(number)d tag to change", "%(number)d tags to change", "number"),
    "scan.verdicts-changed": ngettext_lazy(
        "%(number)d verdict changed", "%(number)d verdicts changed", "number"
    ),
    "scan.remove-one": _("Tags are removed from whole instances: to take them off one title, exclude it."),
    "setup.left-out": ngettext_lazy(
        "The files of %(number)d title cannot be read here: it is left out until its folder is mounted.",
        "The files of %(number)d titles cannot be read here: they are left out until their folder is "
        "mounted.",
        "number",
    ),
    "setup.not-mounted": ngettext_lazy(
        "The files of %(number)d title are not mounted here: what %(app)s says of it is all that is known.",
        "The files of %(number)d titles are not mounted here: what %(app)s says of them is all that is "
        "known.",
        "number",
    ),
    "setup.unfinished": _("The set-up is not finished: nothing is written until it is."),
    "tags.added": _("%(title)s: added %(added)s in %(instance)s"),
    "tags.changed": _("%(title)s: added %(added)s and removed %(removed)s in %(instance)s"),
    "tags.removed": _("%(title)s: removed %(removed)s in %(instance)s"),
    "tags.unchanged": _("%(title)s: no change in %(instance)s"),
    "tags.undone": _("The tags of %(titles)s came undone %(times)d times: %(names)s."),
    "title.added": _("%(title)s was added to %(instance)s"),
    "title.all-dub": _("All %(number)d files hold %(wanted)s."),
    "title.all-left-out": _("No file counts: %(causes)s."),
    "title.deleted": _("%(title)s was deleted in %(instance)s"),
    "title.gone": _("The app no longer has it; the next scan forgets it."),
    "title.native": _("All %(number)d files hold %(wanted)s, the original and the wanted language."),
    "title.no-files": _("There is no file to judge."),
    "title.none-dub": _("None of %(number)d files is dubbed: %(missing)s is missing."),
    "title.nothing-known": _("None of %(number)d files could be judged. The first: %(first)s"),
    "title.original-missing": ngettext_lazy(
        "%(title)s: %(lacking)d of %(number)d file lacks the original language",
        "%(title)s: %(lacking)d of %(number)d files lack the original language",
        "number",
    ),
    "title.removed": _("%(title)s is gone from %(instance)s"),
    "title.some-dub": ngettext_lazy(
        "%(number)d of %(known)d files lacks %(missing)s: %(files)s.",
        "%(number)d of %(known)d files lack %(missing)s: %(files)s.",
        "number",
    ),
    "title.some-unknown": ngettext_lazy(
        "%(why)s %(number)d file could not be judged.",
        "%(why)s %(number)d files could not be judged.",
        "number",
    ),
    "title.wrong-files": ngettext_lazy(
        "%(number)d of %(known)d files holds %(extra)s, neither wanted nor the original: %(files)s.",
        "%(number)d of %(known)d files hold %(extra)s, neither wanted nor the original: %(files)s.",
        "number",
    ),
    "titles.all": ngettext_lazy("%(number)d title", "%(number)d titles", "number"),
    "titles.movies": ngettext_lazy("%(number)d movie", "%(number)d movies", "number"),
    "titles.series": ngettext_lazy("%(number)d series", "%(number)d series", "number"),
    "track.commentary-flag": _("the file marks it as a commentary"),
    "track.commentary-title": _("its title says commentary"),
    "track.description-flag": _("the file marks it as an audio description"),
    "track.description-title": _("its title says audio description"),
    "track.dropped": _("Audio track %(number)d does not count: %(why)s."),
    "track.dropped-by-name": _("Audio track %(number)d “%(title)s” does not count: %(why)s."),
    "track.music-title": _("its title says that it holds music alone"),
    "track.no-language": _("it names no language"),
    "track.original-unknown": _("it stands for the original language, which is unknown"),
    "track.several-languages": _("it holds several languages and does not say which"),
    "track.unknown-code": _("its code is “%(code)s”, which is not a known language"),
    "verdict.changed": _("%(title)s: %(before)s → %(after)s. %(why)s"),
    "verdict.first": _("%(title)s: %(after)s. %(why)s"),
    "webhook.none": _("%(name)s has no webhook among its connections: update the app."),
}


def _listed(joint: str) -> Callable[..., str]:
    return lambda codes: listed([known for code in codes if (known := normalise(code))], joint)


TOLD = {
    "language.name": lambda code: named(code),  # noqa: PLW0108  (its part is called code)
    "language.and": _listed("and"),
    "language.or": _listed("or"),
    "verdict.name": lambda verdict: str(VERDICTS.get(verdict, verdict)),
}
"""What only the scanner can tell."""

BRINGS = Words(
    texts={**TEXTS, **TOLD},
    audited={"policy": _("policy"), "scan settings": _("settings of scans")},
    jobs={
        "scan": _("scan"),
        "look_again": _("look again for files"),
        "reconcile": _("write tags"),
        "decide": _("decide anew"),
        "fetch": _("look up in the app"),
        "check_roots": _("look for folders"),
    },
    steps={
        "media": _("Title"),
        "send": _("Send tags"),
        "fetch": _("Look up"),
        "part": _("Titles"),
    },
    events=dict(ScanEvent.choices),
)
