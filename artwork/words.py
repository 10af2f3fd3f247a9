"""What artwork has to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from babel import Locale
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from artwork.choice.scoring import NONE, ORIGINAL
from artwork.events import ArtEvent
from core.features import Text, Words

WITHOUT_TEXT, ORIGINAL_LANGUAGE = _("without text"), _("the original language")


def language_name(code: str) -> str:
    """A language of pictures by its code, `none` and `original` among them, in the language of the page."""
    if code in (NONE, ORIGINAL):
        return str(WITHOUT_TEXT if code == NONE else ORIGINAL_LANGUAGE)
    names = Locale.parse(get_language() or "en", sep="-").languages
    return str(names.get(code, code))


def _languages(languages: Sequence[str]) -> str:
    return ", ".join(map(language_name, languages))


TEXTS: dict[str, Text | Callable[..., str]] = {
    "art.banner": _("Banner"),
    "art.characterart": _("Character art"),
    "art.clearart": _("Clear art"),
    "art.clearlogo": _("Logo"),
    "art.discart": _("Disc"),
    "art.fanart": _("Fanart"),
    "art.keyart": _("Key art"),
    "art.landscape": _("Landscape"),
    "art.nfo": _("NFO file"),
    "art.poster": _("Poster"),
    "art.thumb": _("Still"),
    "art-part.episode": _("S%(season)sE%(episodes)s"),
    "art-part.season": _("Season %(number)d"),
    "art-part.specials": _("Specials"),
    "artwork.address": _(
        "That is not the address of a picture: write all of it, such as https://example.org/poster.jpg."
    ),
    "artwork.away": _("%(path)s is not there: check that its disk is mounted."),
    "artwork.changed-meanwhile": _(
        "Another program wrote %(path)s at the same time: Taggarr leaves the folder as it was and tries "
        "later."
    ),
    "artwork.chosen": _("Picture chosen by hand: %(art)s of %(of)s"),
    "artwork.country": _("%(country)s is not a country: write its two letters, such as US or DE."),
    "artwork.damaged": _(
        "The kept file for %(path)s is gone or damaged: choose another picture, or restore the storage."
    ),
    "artwork.discarded": _("Went back to the pictures that were published"),
    "artwork.disk-full": _("%(path)s does not fit on its disk: free some space, then publish again."),
    "artwork.file-too-large": _(
        "%(path)s is larger than %(size)d MB and cannot be kept: move it away, then publish again."
    ),
    "artwork.folder-gone": _("The folder %(path)s no longer exists: nothing is written for its title."),
    "artwork.edited": _("Details of %(of)s entered by hand"),
    "artwork.fetch-params": _("art_fetch takes candidate and rank, two numbers, and nothing else."),
    "artwork.foresee-params": _("art_foresee takes settings, some of those of artwork, and nothing else."),
    "artwork.fought": _(
        "Another program keeps writing %(paths)s: switch off pictures and metadata in Sonarr, Radarr or the "
        "player, then publish again."
    ),
    "artwork.held": ngettext_lazy(
        "Artwork waits for you: publishing it writes one file of %(titles)d titles and replaces %(replaced)d "
        "that others wrote.",
        "Artwork waits for you: publishing it writes %(files)d files of %(titles)d titles and replaces "
        "%(replaced)d that others wrote.",
        "files",
    ),
    "artwork.identified": _("Identified by hand: %(title)s"),
    "artwork.identity-taken-back": _("Identified by hand no longer: %(title)s"),
    "artwork.language": _("%(language)s is not a language: write codes such as en or de, original, or none."),
    "artwork.left-out": _("No picture wanted: %(art)s of %(of)s"),
    "artwork.link": _(
        "%(path)s is a link or behind one: replace it with the file or folder itself, then publish again."
    ),
    "artwork.locked": _("Pictures locked: %(of)s"),
    "artwork.locked-many": ngettext_lazy(
        "Locked the pictures of one title", "Locked the pictures of %(number)d titles", "number"
    ),
    "artwork.name-outside": _(
        "%(path)s leads out of the folder of its title: correct the name of the video."
    ),
    "artwork.name-taken": _(
        "%(path)s and %(other)s are the same name to many disks: correct the names of the videos."
    ),
    "artwork.name-too-long": _(
        "%(path)s is too long a name for the disk: shorten the name of the video or folder."
    ),
    "artwork.name-unreadable": _("%(path)s holds characters that no file may have: rename the video."),
    "artwork.nfo-of-other": _("The NFO tells of a <%(root)s>, and players look for a <%(wanted)s> there."),
    "artwork.nfo-kept": _(
        "%(path)s stays as it is, for it cannot be read (%(error)s): mend or delete it, then publish again."
    ),
    "artwork.new-params": _("art_new takes arr_id, the number of a title in its app, and nothing else."),
    "artwork.no-field": _("%(name)s cannot be entered here; you can enter: %(known)s."),
    "artwork.no-match": _("%(title)s may not be this: choose one of its matches, or prepare it again."),
    "artwork.no-file": _("%(path)s is not a regular file: move it away, then publish again."),
    "artwork.no-lock": _("There is no lock called %(name)s here: choose from %(known)s."),
    "artwork.no-place": _("There is no place %(rank)d yet: fill those before it first."),
    "artwork.no-provider": _("No provider is connected: connect TMDB, TheTVDB or fanart.tv first."),
    "artwork.no-rights": _(
        "Taggarr may not write %(path)s: give its user the right to write in that folder."
    ),
    "artwork.no-slot": _("There is no picture called %(art)s here: choose from %(known)s."),
    "artwork.no-title": _("%(title)s is no longer in the library: nothing is written for it."),
    "artwork.no-video": _("There is no video of %(title)s in its folder: nothing is written until there is."),
    "artwork.none-called": _("Artwork knows no title called %(name)s: scan first, or check the name."),
    "artwork.not-held": _("Nothing of %(name)s waits to be published: the brake holds nothing there."),
    "artwork.not-identified": _("Nobody said which title %(title)s is: there is nothing to take back."),
    "artwork.not-done": _("Only what was published can be undone."),
    "artwork.not-kept": _(
        "This picture is not here yet: scan for what lies in folders; of a provider, connect it first."
    ),
    "artwork.nothing-to-undo": _(
        "Nothing of it can be undone: all of its files have been changed or removed since."
    ),
    "artwork.only-one": _("A title shows one picture of this type: %(art)s."),
    "artwork.of-episode": _("%(art)s of %(name)s"),
    "artwork.of-season": _("%(art)s of season %(season)d"),
    "artwork.of-series": _("that of the series"),
    "artwork.part-language": _("language %(percent)d %%"),
    "artwork.part-provider": _("provider %(percent)d %%"),
    "artwork.part-resolution": _("size %(percent)d %%"),
    "artwork.part-votes": _("votes %(percent)d %%"),
    "artwork.provider": _("There is no provider %(name)s: choose from %(known)s."),
    "artwork.published": ngettext_lazy(
        "%(title)s: one file published", "%(title)s: %(number)d files published", "number"
    ),
    "artwork.read-only": _("%(path)s is on a disk mounted read-only: mount it writable, then publish again."),
    "artwork.restored": ngettext_lazy(
        "%(title)s: one file put back", "%(title)s: %(number)d files put back", "number"
    ),
    "artwork.rejected": _("Picture rejected: %(art)s of %(of)s"),
    "artwork.rejected-everywhere": _("Picture rejected for all titles: %(art)s of %(of)s"),
    "artwork.rejection-taken-back": _("Picture no longer rejected: %(art)s of %(of)s"),
    "artwork.released": _("Artwork of %(name)s released: it is published without asking from now on"),
    "artwork.rule": _(
        "“%(part)s” is not a rule for %(art)s: write a name and its value, such as most 5. "
        "The names are: %(known)s."
    ),
    "artwork.rule-least": _("The rule for %(art)s wants more pictures at least than at most."),
    "artwork.rule-of": _("%(art)s: %(parts)s"),
    "artwork.rule-says-alike": _("the same picture if up to %(number)d bits differ"),
    "artwork.rule-says-languages": _languages,
    "artwork.rule-says-least": _("%(number)d or more"),
    "artwork.rule-says-min_height": _("%(number)d pixels high or more"),
    "artwork.rule-says-min_width": _("%(number)d pixels wide or more"),
    "artwork.rule-says-most": ngettext_lazy("at most one", "at most %(number)d", "number"),
    "artwork.rule-says-none": _("none"),
    "artwork.rule-says-tiers": _("a better language beats more points"),
    "artwork.rule-says-no-tiers": _("more points beat a better language"),
    "artwork.rule-says-tolerance": _("a shape up to %(percent)d %% off"),
    "artwork.rule-says-weights": _(
        "size counts %(resolution)d, votes %(votes)d, language %(language)d, provider %(provider)d"
    ),
    "artwork.rule-twice": _("One type of picture has two rules: write them into one, with a comma between."),
    "artwork.rule-type": _("There is no type of picture called %(art)s: choose from %(known)s."),
    "artwork.saver": _("%(name)s (%(parts)s)"),
    "artwork.saves-nfos": _("NFO files"),
    "artwork.saves-pictures": _("pictures"),
    "artwork.scan-held": _(
        "%(number)d of %(total)d folders are gone: check that all disks are mounted, then scan again. If "
        "that is right, run artwork_scan --release."
    ),
    "artwork.scan-params": _("art_scan takes release, true or false, and nothing else."),
    "artwork.score": _("%(points)s points: %(parts)s"),
    "artwork.several-called": _(
        "%(number)d titles are called something like %(name)s: write more of the name."
    ),
    "artwork.shadowed": _(
        "%(players)s: %(name)s is shown in place of %(planned)s. Choose that picture or reject it, then "
        "publish."
    ),
    "artwork.noticed": ngettext_lazy(
        "One title was published with a problem (%(titles)s): %(problem)s",
        "%(number)d titles were published with problems (%(titles)s). Of the first: %(problem)s",
        "number",
    ),
    "artwork.troubled": ngettext_lazy(
        "The artwork of one title could not be written (%(titles)s): %(problem)s",
        "The artwork of %(number)d titles could not be written (%(titles)s). Of the first: %(problem)s",
        "number",
    ),
    "artwork.undo-params": _("art_undo takes publication, the number of one, and nothing else."),
    "artwork.undone": ngettext_lazy(
        "%(title)s: one file as it was before", "%(title)s: %(number)d files as they were before", "number"
    ),
    "artwork.unlocked": _("Pictures unlocked: %(of)s"),
    "artwork.unlocked-many": ngettext_lazy(
        "Unlocked the pictures of one title", "Unlocked the pictures of %(number)d titles", "number"
    ),
    "artwork.uploaded": _("Picture uploaded: %(art)s of %(of)s"),
    "artwork.value": _(
        "%(name)s takes text, or a list of texts where there may be several, of %(most)d letters at most."
    ),
    "artwork.verify-params": _("art_verify takes deep, true or false, and nothing else."),
    "artwork.unblocked": _("Picture taken off the list of those that are never taken: %(address)s"),
    "artwork.unfinished": _("A publication of %(title)s was interrupted and is not finished yet."),
    "artwork.votes": ngettext_lazy(
        "%(favour)s of 10 by one vote", "%(favour)s of 10 by %(number)d votes", "number"
    ),
    "artwork.why-blocked": _("It is on the list of pictures that are never taken."),
    "artwork.why-duplicate": _("It shows the same as a better one."),
    "artwork.why-gone": _("Its provider does not list it any more."),
    "artwork.why-locked": _("The choice is locked: unlock it, or choose this picture yourself."),
    "artwork.why-looks-blocked": _("It looks like a picture that is never taken."),
    "artwork.why-not-better-enough": _(
        "It has %(score)s points, the chosen one %(chosen)s: only one with %(needed)d more takes its place."
    ),
    "artwork.why-opaque": _("It has no transparent background."),
    "artwork.why-rejected": _("You rejected it for this title."),
    "artwork.why-score": _("It has %(score)s points, the chosen one %(chosen)s."),
    "artwork.why-shape": _("It is %(shape)s times as wide as high, where %(wanted)s is wanted."),
    "artwork.why-tie": _("It has as many points as the chosen one (%(score)s) and fewer votes or pixels."),
    "artwork.why-tier": _("Its language comes later in the list of languages than that of the chosen one."),
    "artwork.why-too-small": _(
        "It has %(width)d by %(height)d pixels, at least %(least_width)d by %(least_height)d are wanted."
    ),
    "artwork.would-choose": _("%(what)s: %(address)s from %(source)s (%(score)s)"),
    "artwork.would-drop": _("%(what)s: none any more"),
    "artwork.unwritten": _("%(path)s could not be written (%(reason)s): check the disk."),
    "artwork.written-twice": _("%(app)s writes pictures or NFO files itself: %(names)s."),
}

BRINGS = Words(
    jobs={
        "art_adopt": _("take in pictures"),
        "art_prepare": _("fetch metadata and pictures"),
        "art_publish": _("publish artwork"),
        "art_scan": _("look for artwork"),
        "art_new": _("publish a new title"),
        "art_settle": _("apply the settings of artwork"),
        "art_fetch": _("fetch a picture"),
        "art_foresee": _("preview other rules"),
        "art_finish": _("finish interrupted publications"),
        "art_undo": _("undo a publication"),
        "art_verify": _("check published artwork"),
    },
    steps={"titles": _("titles that are looked at")},
    events=dict(ArtEvent.choices),
    audited={"art settings": _("settings of artwork")},
    texts=TEXTS,
)
