"""What artwork keeps of a connection: how its titles are prepared and written, and what happens by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from artwork import jobs
from artwork.choice.rules import checked_language, parse_rule, write_rule
from artwork.foreseeing import SETTINGS
from artwork.models import Adopt, ArtSettings, Entity, NfoMode, usual_languages, usual_providers
from artwork.names import Profile
from artwork.rule_words import rules_told
from connections.fields import ChoiceField, Field, MappingsField, SwitchField, TextField, cleaned
from connections.kinds import Beside, Connections
from connections.models import Connection
from core.errors import ConfigError
from library.models import Kind

if TYPE_CHECKING:
    from accounts.models import User

OWN = "own"
MODES: Mapping[str, Mapping[str, bool]] = {
    "manual": {"prepare": False, "publish": False, "publish_new": False, "restore": True},
    "hybrid": {"prepare": True, "publish": False, "publish_new": True, "restore": True},
    "yolo": {"prepare": True, "publish": True, "publish_new": True, "restore": True},
}
"""Which switches a mode sets; only the switches act."""

_LISTS = ("languages", "providers")
_PREPARED_BY = frozenset({"languages", "country", "providers", "rules", "fall_back", "adopt"})
"""What is told and chosen of a title depends on these."""


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(name for one in text.split(",") if (name := one.strip())))


def _checked_languages(text: str) -> str:
    return ", ".join(dict.fromkeys(checked_language(name) for name in _listed(text)))


def _checked_providers(text: str) -> str:
    names = [name.lower() for name in _listed(text)]
    known = usual_providers()
    for name in names:
        if name not in known:
            raise ConfigError("artwork.provider", name=name, known=known)
    return ", ".join(dict.fromkeys(names))


def _checked_country(text: str) -> str:
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise ConfigError("artwork.country", country=text)
    return text.upper()


def _checked_rules(pairs: list[dict[str, str]]) -> list[dict[str, str]]:
    found = {pair["type"].lower(): parse_rule(pair["type"].lower(), pair["rule"]) for pair in pairs}
    if len(found) < len(pairs):
        raise ConfigError("artwork.rule-twice")
    return _pairs(found)


def _pairs(rules: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"type": art, "rule": write_rule(rule)} for art, rule in sorted(rules.items())]


def _switch(name: str, title: Any, *, default: bool) -> SwitchField:
    return SwitchField(
        name=f"art_{name}",
        title=title,
        default=default,
        when=("art_mode", (OWN,)),
        implied=lambda values: MODES[values["art_mode"]][name],
    )


FIELDS: tuple[Field, ...] = (
    ChoiceField(
        name="art_mode",
        title=_("What happens by itself"),
        help=_("Hybrid prepares all titles and publishes new ones; yolo publishes every change."),
        default="hybrid",
        choices=(
            ("manual", _("Manual: only lost files are put back")),
            ("hybrid", _("Hybrid: you publish what changes")),
            ("yolo", _("Yolo: everything")),
            (OWN, _("As set here")),
        ),
    ),
    _switch("prepare", _("Fetch metadata and choose pictures"), default=True),
    _switch("publish", _("Publish without asking"), default=False),
    _switch("publish_new", _("Publish a new title when its app imports it"), default=True),
    _switch("restore", _("Put back what was published when the app changes a title"), default=True),
    TextField(
        name="art_languages",
        title=_("Languages"),
        help=_("In the order you want them, with commas between: codes, original, and none for no text."),
        default=", ".join(usual_languages()),
        required=True,
        check=_checked_languages,
    ),
    TextField(
        name="art_country",
        rare=True,
        title=_("Country"),
        help=_("Two letters: the country whose age ratings are used."),
        default="US",
        required=True,
        check=_checked_country,
    ),
    TextField(
        name="art_providers",
        rare=True,
        title=_("Providers"),
        help=_("In the order you want them, with commas between: tmdb, tvdb, fanart."),
        default=", ".join(usual_providers()),
        required=True,
        check=_checked_providers,
    ),
    MappingsField(
        name="art_rules",
        rare=True,
        title=_("Rules for types of pictures"),
        help=_("Only where the defaults will not do, such as fanart = most 5, min_width 1920."),
        columns=("type", "rule"),
        check=_checked_rules,
        page="art_rules",
        shown=rules_told,
    ),
    SwitchField(
        name="art_fall_back",
        rare=True,
        title=_("Give a season without a poster that of its series"),
        default=True,
    ),
    ChoiceField(
        name="art_profile",
        title=_("Names for"),
        default=Profile.UNIVERSAL.value,
        choices=(
            (Profile.UNIVERSAL.value, _("All players")),
            (Profile.KODI.value, "Kodi"),
            (Profile.JELLYFIN.value, "Jellyfin"),
            (Profile.PLEX.value, "Plex"),
        ),
    ),
    ChoiceField(
        name="art_adopt",
        rare=True,
        title=_("Pictures that stand there already"),
        default=Adopt.KEEP.value,
        choices=(
            (Adopt.KEEP.value, _("Keep them until you choose others")),
            (Adopt.LOCK.value, _("Lock them")),
            (Adopt.REPLACE.value, _("Replace them by better ones")),
        ),
    ),
    ChoiceField(
        name="art_nfo",
        title=_("NFO files"),
        default=NfoMode.OFF.value,
        choices=(
            (NfoMode.OFF.value, _("Leave them alone")),
            (NfoMode.MERGE.value, _("Add what is missing")),
            (NfoMode.OWN.value, _("Write them anew")),
        ),
    ),
)
_PREFIX = "art_"


def mode_of(settings: ArtSettings) -> str:
    """The mode that sets the switches as they are; `OWN` where none does."""
    switches = {name: getattr(settings, name) for name in MODES["manual"]}
    return next((mode for mode, sets in MODES.items() if sets == switches), OWN)


_READ: Mapping[str, Callable[[ArtSettings], Any]] = {
    "mode": mode_of,
    "rules": lambda settings: _pairs(settings.rules),
    "languages": lambda settings: ", ".join(settings.languages),
    "providers": lambda settings: ", ".join(settings.providers),
}


def _settings(connection: Connection) -> ArtSettings:
    return getattr(connection, "artwork", None) or ArtSettings(connection=connection)


def _read(connection: Connection) -> dict[str, Any]:
    """What is kept; the usual where nothing is."""
    return values_of(_settings(connection))


def values_of(settings: ArtSettings) -> dict[str, Any]:
    """What the fields of a connection hold by these settings."""
    names = [field.name.removeprefix(_PREFIX) for field in FIELDS]
    return {
        _PREFIX + name: _READ[name](settings) if name in _READ else getattr(settings, name) for name in names
    }


@transaction.atomic
def _save(connection: Connection, values: Mapping[str, Any], user: User | None) -> None:
    """What changes which files should stand beside titles has all of them looked at by a job.

    Where nothing is published by itself any more, the first publication asks again.
    """
    settings, _is_new = ArtSettings.objects.select_for_update().get_or_create(connection=connection)
    before = {name: getattr(settings, name) for name in ("profile", "nfo", "publish", *_PREPARED_BY)}
    for name, value in _columns(values).items():
        setattr(settings, name, value)
    if not settings.publish:
        settings.released, settings.held_since, settings.held_reason = False, None, ""
    settings.save()
    changed = {name for name, value in before.items() if getattr(settings, name) != value}
    titles = Entity.objects.filter(connection=connection, title=None)
    if not changed or not titles.exists():
        return
    if changed & _PREPARED_BY:
        titles.update(prepared_at=None)
    jobs.start(jobs.SETTLE, connection=connection, user=user)


def chosen_by(connection: Connection, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a choice depends on, as these fields would set them. Raises FieldError."""
    fields = [field for field in FIELDS if field.name.removeprefix(_PREFIX) in SETTINGS]
    return _columns(cleaned(fields, given, _read(connection)))


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what was given."""
    given = {name.removeprefix(_PREFIX): value for name, value in values.items()}
    given |= MODES.get(given.pop("mode", OWN), {})
    for name in _LISTS:
        if name in given:
            given[name] = _listed(given[name])
    if "rules" in given:
        given["rules"] = {pair["type"]: parse_rule(pair["type"], pair["rule"]) for pair in given["rules"]}
    return given


def _state(connection: Connection) -> dict[str, Any]:
    settings = _settings(connection)
    return {"art_held_since": settings.held_since, "art_held_reason": settings.held_reason}


BRINGS = Connections(
    beside=(
        Beside(
            kinds=tuple(Kind.values),
            title=_("Artwork"),
            fields=lambda _kind: FIELDS,
            read=_read,
            save=_save,
            state=_state,
            rows=("artwork",),
        ),
    )
)
