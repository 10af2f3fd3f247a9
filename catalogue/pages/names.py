"""What pages call the kinds, states and roles of the collection."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalogue.codes import Scheme
from catalogue.models import OwnField
from catalogue.values import Kind, Role, State, TermKind
from core.features import Text

KINDS: dict[Kind, Text] = {
    Kind.MOVIE: _("Movies"),
    Kind.TV: _("Series"),
    Kind.BOOK: _("Books"),
    Kind.AUDIO: _("Music and audio"),
    Kind.GAME: _("Games"),
    Kind.COMIC: _("Comics"),
    Kind.OTHER: _("Other things"),
}
KIND: dict[Kind, Text] = {
    Kind.MOVIE: _("Movie"),
    Kind.TV: _("TV series"),
    Kind.BOOK: _("Book"),
    Kind.AUDIO: _("Music or audio"),
    Kind.GAME: _("Game"),
    Kind.COMIC: _("Comic"),
    Kind.OTHER: _("Something else"),
}
STATES: dict[State, Text] = {
    State.UNSTARTED: _("Not begun"),
    State.STARTED: _("Begun"),
    State.COMPLETED: _("Finished"),
    State.DROPPED: _("Given up"),
}
"""How far somebody is: the same words for what is read, watched, heard and played."""

ROLES: dict[Role, Text] = {
    Role.DIRECTOR: _("Directed by"),
    Role.ACTOR: _("With"),
    Role.PRODUCER: _("Produced by"),
    Role.AUTHOR: _("Written by"),
    Role.EDITOR: _("Edited by"),
    Role.TRANSLATOR: _("Translated by"),
    Role.ILLUSTRATOR: _("Illustrated by"),
    Role.NARRATOR: _("Read by"),
    Role.ARTIST: _("By"),
    Role.COMPOSER: _("Composed by"),
    Role.WRITER: _("Script by"),
    Role.PENCILLER: _("Pencilled by"),
    Role.INKER: _("Inked by"),
    Role.COLORIST: _("Coloured by"),
    Role.LETTERER: _("Lettered by"),
    Role.COVER_ARTIST: _("Cover by"),
    Role.DEVELOPER: _("Developed by"),
}
TERMS: dict[TermKind, Text] = {
    TermKind.GENRE: _("Genres"),
    TermKind.TAG: _("Tags"),
    TermKind.STUDIO: _("Studios"),
    TermKind.PLATFORM: _("Platforms"),
}
SCHEMES: dict[Scheme, Text] = {
    Scheme.ISBN: "ISBN",
    Scheme.GTIN: _("Barcode"),
    Scheme.ADDON: _("Barcode with add-on"),
    Scheme.ISSN: "ISSN",
    Scheme.ASIN: "ASIN",
    Scheme.IMDB: "IMDb",
    Scheme.TMDB_MOVIE: "TMDB",
    Scheme.TMDB_TV: "TMDB",
    Scheme.TVDB: "TheTVDB",
    Scheme.MUSICBRAINZ: "MusicBrainz",
    Scheme.DISCOGS: "Discogs",
    Scheme.IGDB: "IGDB",
    Scheme.METRON: "Metron",
    Scheme.GCD: "Grand Comics Database",
    Scheme.COMICVINE: "Comic Vine",
    Scheme.OPEN_LIBRARY: "Open Library",
    Scheme.GOOGLE: "Google Books",
    Scheme.GOODREADS: "Goodreads",
    Scheme.LIBRARYTHING: "LibraryThing",
    Scheme.LETTERBOXD: "Letterboxd",
    Scheme.CALIBRE: "Calibre",
    Scheme.CLZ: "CLZ",
    Scheme.DELICIOUS: "Delicious Library",
}
FIELD_TYPES: dict[str, Text] = {
    OwnField.Type.TEXT.value: _("Text"),
    OwnField.Type.NUMBER.value: _("A number"),
    OwnField.Type.DATE.value: _("A day"),
    OwnField.Type.YES_NO.value: _("Yes or no"),
    OwnField.Type.CHOICE.value: _("A choice"),
    OwnField.Type.LINK.value: _("A link"),
}
PROGRAMS: dict[str, Text] = {
    "calibre": "Calibre",
    "clz": "CLZ (Collectorz)",
    "delicious": "Delicious Library",
    "discogs": "Discogs",
    "gcstar": "GCstar",
    "goodreads": "Goodreads",
    "letterboxd": "Letterboxd",
    "libib": "Libib",
    "librarything": "LibraryThing",
    "storygraph": "StoryGraph",
    "tellico": "Tellico",
    "archived": _("An archive of a collection"),
    "ours": _("A table with a column for titles"),
    "codes": _("A list of ISBNs or barcodes"),
    "manual": _("Entered by hand"),
}
"""Where works come from, by the keys of formats."""
