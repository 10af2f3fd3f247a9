"""What players have to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.features import Words
from players.clients import words as clients
from players.events import PlayerEvent

TEXTS = {
    "cause.ambiguous": _("Several titles of the player could be this one, or none is sure enough."),
    "cause.bad_source": _("What the source says of this title cannot be read."),
    "cause.bug": _("Taggarr itself went wrong."),
    "cause.edited": _("Somebody else changed what Taggarr wrote."),
    "cause.not_there": _("The player does not have this title."),
    "cause.partial": _("The player accepted the change and kept only part of it."),
    "cause.refused_key": _("The player refused the key."),
    "cause.refused_value": _("The player refused what was written."),
    "cause.slow": _("The player was too busy to answer."),
    "cause.unreachable": _("The player could not be reached."),
    "push.failed": ngettext_lazy("%(number)d title failed", "%(number)d titles failed", "number"),
    "push.nothing-written": _("nothing to write"),
    "push.planned": ngettext_lazy("%(number)d title to write", "%(number)d titles to write", "number"),
    "push.written": ngettext_lazy("%(number)d title written", "%(number)d titles written", "number"),
    "remedy.ambiguous": _("Choose the right one, or add a path mapping to the player."),
    "remedy.bad_source": _("Correct the title at its source: it is sent again once it changes."),
    "remedy.bug": _("Send it again; if that does not help, report it with the log of the worker."),
    "remedy.edited": _("Keep the change, or take the field back."),
    "remedy.not_there": _("Have the player scan its folder, or correct the path mapping."),
    "remedy.partial": _("Look at the title in the player, then send it again."),
    "remedy.refused_key": _("Enter a new key in the settings of the connection."),
    "remedy.refused_value": _("Shorten or correct it at the source, or switch that field off."),
    "remedy.slow": _("Wait: it is sent again by itself. If it stays that way, lower the load on the player."),
    "remedy.unreachable": _("Switch the player on, or correct its address: it is sent again by itself."),
    "detail.collection": _("Collection"),
    "detail.collections": _("Collections"),
    "detail.date": _("Date"),
    "detail.directors": _("Directors"),
    "detail.genre": _("Genre"),
    "detail.label": _("Label"),
    "detail.path": _("Path"),
    "detail.performers": _("Performers"),
    "detail.poster": _("Poster"),
    "detail.rating": _("Rating"),
    "detail.season": _("Season"),
    "detail.sort_title": _("Sort title"),
    "detail.studio": _("Studio"),
    "detail.summary": _("Summary"),
    "detail.tag": _("Tag"),
    "detail.tagline": _("Tagline"),
    "detail.tags": _("Tags"),
    "detail.title": _("Title"),
    "grade.20": _("the same title and year"),
    "grade.40": _("the same file name"),
    "grade.60": _("the same last two names of the path"),
    "grade.80": _("the same id, which no other title has"),
    "grade.90": _("the same id and folder name"),
    "grade.95": _("the same folder"),
    "grade.100": _("the same file"),
    "hand.link-given-back": _("Edits of %(title)s left alone again"),
    "hand.link-pinned": _("Chose the item %(id)s for %(title)s"),
    "hand.link-taken-back": ngettext_lazy(
        "Took back one field or label of %(title)s",
        "Took back %(number)d fields and labels of %(title)s",
        "number",
    ),
    "hand.link-unpinned": _("Let the rules find %(title)s again"),
    "hand.links-dismissed": ngettext_lazy(
        "Left one title alone until it changes", "Left %(number)d titles alone until they change", "number"
    ),
    "hand.links-purged": ngettext_lazy(
        "Forgot one title that could not be sent", "Forgot %(number)d titles that could not be sent", "number"
    ),
    "hand.links-retried": ngettext_lazy("Sent one title again", "Sent %(number)d titles again", "number"),
    "hand.player-held": _("What was released in %(player)s is held again"),
    "hand.player-left": ngettext_lazy(
        "Deletes %(player)s once the labels of one title are off there",
        "Deletes %(player)s once the labels of %(number)d titles are off there",
        "number",
    ),
    "hand.player-released": _("Released %(player)s"),
    "hand.route-added": _("%(source)s goes to %(player)s"),
    "hand.route-changed": _("Changed what of %(source)s goes to %(player)s"),
    "hand.route-deleted": _("%(source)s no longer goes to %(player)s"),
    "link.ambiguous": ngettext_lazy(
        "%(player)s has one title that could be this one, but not surely: look at it and choose it.",
        "%(player)s has %(number)d titles that could be this one: choose the right one.",
        "number",
    ),
    "link.bad-source": _("What is known of %(title)s cannot be read (%(reason)s)."),
    "link.edited": _("Somebody else changed this of %(title)s in %(player)s, and it stays so: %(what)s."),
    "link.is-sent": _("%(title)s has been sent since: there is nothing to undo."),
    "link.none-called": _("No title called %(name)s goes to any player."),
    "link.no-item": _("%(player)s has no title with the id %(id)s: read its library anew and try again."),
    "link.not-there": _("%(player)s does not have %(title)s: Taggarr looks for it again."),
    "link.other-kind": _("%(item)s is something else than %(title)s: choose another."),
    "link.one-act": _("Choose one of --retry, --clear and --purge."),
    "link.other-number": ngettext_lazy(
        "It is one title by now, not %(meant)d: look at it, and confirm that number.",
        "There are %(number)d titles by now, not %(meant)d: look at them, and confirm that number.",
        "number",
    ),
    "player.edited": ngettext_lazy(
        "Somebody else changed what Taggarr wrote in one title.",
        "Somebody else changed what Taggarr wrote in %(number)d titles.",
        "number",
    ),
    "player.cannot-leave": _(
        "Nothing can be taken off in %(player)s while it is paused or only looked at: let it write first."
    ),
    "player.held-again": _("Somebody held it again: release it to send the rest."),
    "player.held": ngettext_lazy(
        "One of %(total)d titles would lose a label or change: look at it, then release the player.",
        "%(number)d of %(total)d titles would lose a label or change: look at them, then release the player.",
        "number",
    ),
    "player.index-old": _("Its library was last read more than a day ago."),
    "player.is-away": _("It does not answer. What waits is sent once it is back."),
    "player.is-current": ngettext_lazy(
        "Up to date: %(number)d title.", "Up to date: %(number)d titles.", "number"
    ),
    "player.is-dry": ngettext_lazy(
        "One title would be sent: this player is only looked at.",
        "%(number)d titles would be sent: this player is only looked at.",
        "number",
    ),
    "player.is-new": _("New: its library is read before anything is sent."),
    "player.is-none": _("%(name)s is not a player."),
    "player.is-off": _("Switched off. What waits is sent once it is on again."),
    "player.is-paused": _("Paused: nothing is sent until you resume it."),
    "player.is-refusing": _("It refuses the key: enter a new one in its settings."),
    "player.is-sending": _("Sending: %(done)d of %(total)d titles."),
    "player.is-stuck": ngettext_lazy(
        "One title needs you; the rest is up to date.",
        "%(number)d titles need you; the rest is up to date.",
        "number",
    ),
    "player.is-waiting": ngettext_lazy(
        "One title waits to be sent.", "%(number)d titles wait to be sent.", "number"
    ),
    "player.mapping-path": _("%(path)s is not a full path: write it as the player does, such as /data/tv."),
    "player.mapping-proposed": _("It seems to call its folders by other names: %(pairs)s."),
    "player.no-params": _("A job %(job)s takes no parameters."),
    "player.not-held": _("%(player)s is not held: there is nothing to release."),
    "player.not-released": _("Nothing is left to hold in %(player)s: all that was released is sent."),
    "player.nothing-found": _("None of the titles is found in it."),
    "player.other-server": _(
        "%(player)s: another server (%(name)s) answers at this address. Correct the address, or delete this "
        "connection and add the new server."
    ),
    "player.reconcile-params": _(
        "reconcile_player takes everything and dry_run, true or false, and scope: %(scopes)s."
    ),
    "player.stuck": ngettext_lazy(
        "One title is not as it should be: %(cause)s",
        "%(number)d titles are not as they should be: %(cause)s",
        "number",
    ),
    "player.unread": _(
        "%(player)s did not read the changed NFO files of %(title)s: refresh the title there."
    ),
    "route.field": _("%(player)s has no field %(field)s that could be written: choose from %(known)s."),
    "route.form": _("%(player)s cannot show labels as %(form)s: choose from %(known)s."),
    "route.mode": _("%(field)s cannot be written as %(mode)s: choose from %(known)s."),
    "route.never-emptied": _("%(field)s is never emptied: take it out of clear."),
    "route.no-setting": _("A route has no %(name)s: choose from %(known)s."),
    "route.no-source": _("%(name)s has nothing for players: choose a Sonarr, Radarr, folder or Stash."),
    "route.pattern": _(
        "Write how a label looks, with %(label)s for the label itself, in %(most)d characters at most."
    ),
    "route.twice": _("%(source)s goes to %(player)s already: change that route."),
}

STASH = {
    "hook.empty": _("Say what changed: Stash's own arguments, or id and type, or ids."),
    "stash.address": _("Write the address like http://taggarr:8484, as Stash sees it."),
    "stash.folder": _("%(path)s is not a full path: write it as Stash does, such as /data/clips."),
    "stash.is-none": _("%(name)s is not a Stash."),
    "stash.no-folder": _("%(path)s cannot be written: %(reason)s."),
    "stash.none": _("There is no Stash yet: connect one first."),
    "stash.reload": _("Now reload the plugins of %(stash)s, under Settings → Plugins."),
    "stash.silent": ngettext_lazy(
        "One change was found that Stash had not told.",
        "%(number)d changes were found that Stash had not told.",
        "number",
    ),
    "stash.which": _("Which Stash do you mean: %(names)s?"),
}

BRINGS = Words(
    jobs={
        "push": _("send to a player"),
        "index_player": _("read a player's library"),
        "reconcile_player": _("compare with a player"),
        "follow_stash": _("ask Stash what changed"),
    },
    events=dict(PlayerEvent.choices),
    steps={"lane": _("what is sent")},
    audited={
        "player settings": _("settings of a player"),
        "player mapping": _("path mapping of a player"),
        "route": _("route"),
        "stash settings": _("settings of Stash"),
    },
    texts={**clients.TEXTS, **TEXTS, **STASH},
)
