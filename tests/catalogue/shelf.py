"""A small collection of which each thing has something of its own to be found by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.models import User
from catalogue.folding import fold
from catalogue.models import (
    Contribution,
    Copy,
    Edition,
    Identifier,
    Location,
    Person,
    Play,
    Progress,
    Season,
    SetMember,
    Term,
    Work,
    WorkTerm,
)
from tests.catalogue.build import add_work


def add_person(work: Work, name: str, role: str) -> None:
    person, _ = Person.objects.get_or_create(folded=name.casefold(), defaults={"name": name})
    Contribution.objects.create(work=work, person=person, role=role)


def add_term(work: Work, kind: str, name: str) -> None:
    term, _ = Term.objects.get_or_create(kind=kind, folded=name.casefold(), defaults={"name": name})
    WorkTerm.objects.create(work=work, term=term)


def add_edition(work: Work, *codes: str, **fields: Any) -> Edition:
    edition = Edition.objects.create(work=work, **fields)
    for code in codes:
        scheme, _, value = code.partition(":")
        Identifier.objects.create(library=work.library, edition=edition, scheme=scheme, value=value)
    return edition


def make_shelf(user: User) -> dict[str, Work]:
    """Works by their titles; the progress is the user's."""
    attic = Location.objects.create(name="Attic")
    shelf = Location.objects.create(name="Shelf 2", parent=attic)
    works = {
        title: add_work(title, kind=kind, year=year, sort_title=fold(title), added_by=user, **more)
        for title, kind, year, more in (
            (
                "Dune",
                "book",
                1965,
                {"series": "Dune", "position": "1", "overview": "A desert and its worms."},
            ),
            ("Dune Messiah", "book", 1969, {"series": "Dune", "position": "2"}),
            ("Alien", "movie", 1979, {"runtime_min": 117, "language": "en", "own": {"Mood": "dark"}}),
            ("Amélie", "movie", 2001, {"original_title": "Le Fabuleux Destin d'Amélie Poulain"}),
            ("Firefly", "tv_series", 2002, {"community_rating": Decimal("9.1")}),
            ("Serenity", "movie", 2005, {}),
            ("Halo", "game", None, {}),
        )
    }
    dune, alien, halo = works["Dune"], works["Alien"], works["Halo"]
    add_person(dune, "Frank Herbert", "author")
    add_person(works["Dune Messiah"], "Frank Herbert", "author")
    add_person(alien, "Ridley Scott", "director")
    add_person(alien, "Sigourney Weaver", "actor")
    add_term(dune, "genre", "SF")
    add_term(alien, "genre", "SF")
    add_term(alien, "studio", "Fox")
    add_term(halo, "platform", "Xbox")
    hardcover = add_edition(dune, "isbn13:9780441013593", format="Hardcover", publisher="Chilton", pages=412)
    signed = [{"by": "Frank Herbert", "role": "author", "on": "1980-05-01", "at": "Tacoma"}]
    Copy.objects.create(edition=hardcover, location=shelf, added_by=user, signatures=signed)
    dvd = add_edition(alien, "gtin:5039036030281", format="DVD", resolution="576p", discs=2)
    Copy.objects.create(
        edition=dvd, owner=user, lent_to="Anna", quantity=2, price=Decimal("4.5"), currency="EUR"
    )
    Identifier.objects.create(library=alien.library, work=alien, scheme="imdb", value="tt0078748")
    box = add_edition(works["Firefly"], format="Blu-ray", is_set=True)
    SetMember.objects.create(box=box, position=1, work=works["Serenity"])
    SetMember.objects.create(box=box, position=2, note="An interview")
    Season.objects.create(work=works["Firefly"], number=1, expected=14, available=14)
    read = Progress.objects.create(user=user, work=dune, state="completed", rating=Decimal(9), review="Sand.")
    Play.objects.create(progress=read, started_on="2020-01-01", finished_on="2020-01-05")
    Progress.objects.create(user=user, work=halo, state="in_progress")
    Progress.objects.create(user=user, work=alien, is_wanted=True)
    return works
