"""What a made-up household has listed in five programs, as these export it: all invented, always the same.

Books stand in Goodreads and discs in CLZ; Letterboxd knows which films were seen, of which some are on a disc
as well; Discogs has the records, and a spreadsheet the rest: boxes of the series of the demo library, games,
comics, some of the books once more by their ISBN, and two by their title alone.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from demo.titles_movies import MOVIES
from demo.titles_series import SERIES

BOOKS, DISCS, FILMS, RECORDS, GAMES, COMICS = 120, 90, 80, 60, 36, 30
ALSO_ON_DISC, ALSO_LISTED, DOUBTFUL = 6, 5, 2
"""Films that are on a disc too, and books of the spreadsheet too: by ISBN, or by title alone."""

_FIRST = "Ada Ben Carla Dario Edith Farid Greta Hugo Ines Jonas Kaya Levin Mara Nils Olga Pablo Rosa Sven"
_LAST = "Abel Brandt Castell Dorn Eklund Fane Gruber Holm Ivers Jansson Kowal Lind Moreau Novak Okafor Pine"
_WHAT = (
    "Lighthouse Orchard Compass Winter Harbour Garden Letter Machine Bridge Mirror Clock Island Forest Tide "
    "Voyage Attic Signal Library Station Meadow Bell Kitchen Tower Ferry"
)
_HOW = "Quiet Last Hidden Crooked Distant Paper Silver Forgotten Restless Northern Hollow Borrowed"
_GENRES = "Crime Fantasy History Nature Poetry Science-Fiction Travel"
_ISBN, _EAN = "97800{:07}", "40000{:07}"

Row = Mapping[str, object]


def lists() -> dict[str, bytes]:
    """The files by their names, in the order in which they are imported."""
    made = random.Random(1965)  # noqa: S311 - for the same household every time
    titles, people = _titles(made), _people(made)
    books = [_book(number, next(titles), made.choice(people), made) for number in range(1, BOOKS + 1)]
    ours = [(title.title, title.year) for title in MOVIES if title.audio]
    discs = [*ours, *((next(titles), made.randint(1950, 2024)) for _ in range(DISCS - len(ours)))]
    seen = [*discs[:ALSO_ON_DISC], *((next(titles), made.randint(1930, 2024)) for _ in range(FILMS))]
    records = [_record(number, next(titles), made.choice(people), made) for number in range(1, RECORDS + 1)]
    on_disc = [_disc(number, *disc, made.choice(people), made) for number, disc in enumerate(discs, 1)]
    return {
        "goodreads_library_export.csv": _table(books),
        "movies.xml": _clz(on_disc),
        "letterboxd-ute.zip": _letterboxd(seen, made),
        "ute-collection.csv": _table(records),
        "everything else.csv": _table(_rest(books, titles, people, made), delimiter=";"),
    }


def _titles(made: random.Random) -> Iterator[str]:
    """Titles of which no two are alike."""
    things, ways, people = _WHAT.split(), _HOW.split(), _LAST.split()
    found = [f"The {how} {what}" for how in ways for what in things]
    found += [f"{name}'s {what}" for name in people for what in things]
    made.shuffle(found)
    return iter(found)


def _people(made: random.Random) -> list[str]:
    names = [f"{first} {last}" for first in _FIRST.split() for last in _LAST.split()]
    return made.sample(names, 60)


def _with_check_digit(number: str) -> str:
    """An EAN or ISBN with its last digit (ISO/IEC 15420: weights of one and three in turns)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number))
    return f"{number}{-total % 10}"


def _day(made: random.Random, first: int = 2005) -> date:
    return date(first, 1, 1) + timedelta(days=made.randrange(365 * (2025 - first)))


def _book(number: int, title: str, author: str, made: random.Random) -> Row:
    in_series = number % 6 == 1
    shelf = made.choice(("read", "read", "read", "currently-reading", "to-read"))
    read_on = f"{_day(made, 2012):%Y/%m/%d}" if shelf == "read" else ""
    return {
        "Book Id": 4000 + number,
        "Title": f"{title} (The Salt Coast, #{number // 6})" if in_series else title,
        "Author": author,
        "ISBN": "",
        "ISBN13": f'="{_with_check_digit(_ISBN.format(number * 37))}"',
        "My Rating": made.randint(2, 5) if shelf == "read" else 0,
        "Average Rating": f"{made.uniform(3, 4.6):.2f}",
        "Publisher": made.choice(("Pier Press", "Northern Books", "Tideline")),
        "Binding": made.choice(("Hardcover", "Paperback", "Paperback")),
        "Number of Pages": made.randint(120, 900),
        "Original Publication Year": made.randint(1920, 2024),
        "Date Read": read_on,
        "Date Added": f"{_day(made, 2010):%Y/%m/%d}",
        "Bookshelves": f"{shelf}, {made.choice(_GENRES.split()).lower()}",
        "Exclusive Shelf": shelf,
        "Owned Copies": int(shelf != "to-read"),
    }


def _disc(number: int, title: str, year: int, director: str, made: random.Random) -> str:
    """A movie as the XML of CLZ has it: what is chosen from a list, and years, in a `displayname`."""
    bought, price = _day(made), f"€{made.randint(3, 30)}.99"
    place = made.choice(("Living room", "Living room, top shelf", "Attic"))
    person = f"<roleid>dfDirector</roleid><person>{_named(director)}</person>"
    day = f"<year>{_named(bought.year)}</year><month>{bought.month}</month><day>{bought.day}</day>"
    return (
        f"<movie><id>{number}</id><title>{escape(title)}</title>"
        f"<releasedate><year>{_named(year)}</year></releasedate>"
        f"<format>{_named(made.choice(('DVD', 'Blu-ray', 'Blu-ray', '4K UHD')))}</format>"
        f"<runtime>{made.randint(78, 170)}</runtime>"
        f"<upc>{_with_check_digit(_EAN.format(number * 91))}</upc>"
        f"<location>{_named(place)}</location><collectionstatus>In Collection</collectionstatus>"
        f"<crew><member>{person}</member></crew>"
        f"<purchasedate>{day}</purchasedate><purchaseprice>{price}</purchaseprice></movie>"
    )


def _named(value: object) -> str:
    return f"<displayname>{escape(str(value))}</displayname>"


def _clz(things: Iterable[str]) -> bytes:
    told = "".join(things)
    text = f'<?xml version="1.0" encoding="UTF-8"?><movieinfo><movielist>{told}</movielist></movieinfo>'
    return text.encode()


def _letterboxd(seen: Sequence[tuple[str, int]], made: random.Random) -> bytes:
    films: list[dict[str, object]] = [
        {
            "Date": f"{_day(made, 2018):%Y-%m-%d}",
            "Name": title,
            "Year": year,
            "Letterboxd URI": f"https://boxd.it/{1000 + number}",
        }
        for number, (title, year) in enumerate(seen)
    ]
    later = films[-10:]
    rated = [{**film, "Rating": made.randint(3, 10) / 2} for film in films[:-10:2]]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, rows in (("watched", films[:-10]), ("ratings", rated), ("watchlist", later)):
            # With the time of a member that is written now the file would be another one every time.
            archive.writestr(zipfile.ZipInfo(f"{name}.csv"), _table(rows))
    return packed.getvalue()


def _record(number: int, title: str, artist: str, made: random.Random) -> Row:
    return {
        "Catalog#": f"PIER {number:03}",
        "Artist": artist,
        "Title": title,
        "Label": made.choice(("Pier", "Low Tide", "Gull")),
        "Format": made.choice(("LP, Album", "LP, Album, RE", "CD, Album", '7", Single')),
        "Rating": made.choice(("", 3, 4, 5)),
        "Released": made.randint(1958, 2023),
        "release_id": 70000 + number,
        "CollectionFolder": made.choice(("Living room", "Box under the stairs")),
        "Date Added": f"{_day(made, 2014):%Y-%m-%d} 12:00:00",
        "Collection Media Condition": made.choice(("Very Good Plus (VG+)", "Good (G)")),
        "Collection Sleeve Condition": made.choice(("Very Good (VG)", "Good (G)")),
        "Collection Notes": "",
    }


def _rest(
    books: Sequence[Row], titles: Iterator[str], people: Sequence[str], made: random.Random
) -> list[Row]:
    """A spreadsheet: what stands where, of all kinds."""
    boxes = [
        {"title": one.title, "kind": "tv_series", "year": one.year, "format": "Blu-ray", "location": "Attic"}
        for one in SERIES[::3]
    ]
    games = [
        {
            "title": next(titles),
            "kind": "game",
            "year": made.randint(1990, 2024),
            "platform": made.choice(("Switch", "PC", "PlayStation 4")),
            "format": "Cartridge" if number % 3 else "Disc",
            "location": "Drawer",
        }
        for number in range(GAMES)
    ]
    series = [next(titles) for _ in range(3)]
    comics = [
        {
            "title": f"{series[number % 3]} {number // 3 + 1}",
            "kind": "comic",
            "series": series[number % 3],
            "position": number // 3 + 1,
            "year": 2001 + number // 3,
            "creator": people[number % 3],
            "location": "Attic",
        }
        for number in range(COMICS)
    ]
    known = [
        {
            "title": book["Title"],
            "kind": "book",
            "creator": book["Author"],
            "isbn": str(book["ISBN13"]).strip('="'),
            "location": "Living room, top shelf",
            "price": "9.90",
            "currency": "EUR",
        }
        for book in books[:ALSO_LISTED]
    ]
    doubtful = [{"title": book["Title"], "kind": "book", "location": "Attic"} for book in books[-DOUBTFUL:]]
    return [*boxes, *games, *comics, *known, *doubtful]


def _table(rows: Sequence[Row], delimiter: str = ",") -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
