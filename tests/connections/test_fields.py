"""What a kind of connection may ask for: what is taken of each type, and when it is asked for at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps

from connections import kinds, services
from connections.fields import (
    ChoiceField,
    Field,
    MappingsField,
    NumberField,
    RowField,
    SecretField,
    SwitchField,
    TextField,
    cleaned,
)
from connections.kinds import Answer, ConnectionKind
from connections.models import Connection
from core.errors import ConfigError, FieldError
from scanner.models import Policy
from web.connection_forms import FORGET, ConnectionForm

TEXT = TextField(name="box", title="Box", required=True)
NUMBER = NumberField(name="shelf", title="Shelf", least=1, most=9)
CHOICE = ChoiceField(
    name="side", title="Side", default="left", choices=(("left", "Left"), ("right", "Right"))
)
SWITCH = SwitchField(name="loud", title="Loud")
PAIRS = MappingsField(name="pairs", title="Pairs", columns=("there", "here"))
ROW = RowField(name="policy", title="Policy", rows=Policy.objects.all, section="policies")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        (TEXT, 3, "Box takes text."),
        (TEXT, " ", "Box is missing: fill it in."),
        (TEXT, "a\0b", "Box takes one line of at most 2000 characters."),
        (TEXT, "x" * 2001, "Box takes one line of at most 2000 characters."),
        (NUMBER, True, "Shelf takes a whole number from 1 to 9."),
        (NUMBER, 0, "Shelf takes a whole number from 1 to 9."),
        (NUMBER, "3", "Shelf takes a whole number from 1 to 9."),
        (replace(NUMBER, default=5), None, "Shelf takes a whole number from 1 to 9."),
        (CHOICE, "lefft", "Side cannot be “lefft”: did you mean left?"),
        (CHOICE, ["left"], "Side cannot be “['left']”: did you mean left?"),
        (SWITCH, 1, "Loud takes true or false."),
        (PAIRS, [{"there": "/tv"}], "Pairs is a list of mappings with there and here."),
        (PAIRS, [{"there": "/tv", "here": "a\0b"}], "Pairs is a list of mappings with there and here."),
        (PAIRS, "/tv", "Pairs is a list of mappings with there and here."),
    ],
)
def test_what_is_no_value_of_its_type_is_refused_by_name(field: Field, value: Any, told: str) -> None:
    with pytest.raises(FieldError) as caught:
        field.clean(value)
    assert (caught.value.field, str(caught.value)) == (field.name, told)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (TEXT, " red ", "red"),
        (NUMBER, "3", 3),
        (NUMBER, "", None),
        (CHOICE, "right", "right"),
        (SWITCH, "Yes", True),
        (SWITCH, "off", False),
        (PAIRS, "/a=b = /c\n\n/d=/e", [{"there": "/a=b", "here": "/c"}, {"there": "/d", "here": "/e"}]),
    ],
)
def test_a_text_of_the_command_line_stands_for_a_value(field: Field, text: str, value: Any) -> None:
    assert field.clean(field.from_text(text)) == value


def test_pairs_are_shown_as_they_are_typed() -> None:
    text = "/a=b = /c\n/d = /e"
    assert PAIRS.to_text(PAIRS.from_text(text)) == text


@pytest.mark.django_db
def test_a_row_is_found_by_number_and_by_name_and_a_wrong_one_named() -> None:
    english = Policy.objects.create(name="English", target_languages=["eng"])
    assert ROW.clean(english.pk) == ROW.clean("english") == ROW.clean(english) == english
    with pytest.raises(FieldError, match="There is no policy Englsh: did you mean English"):
        ROW.clean("Englsh")
    with pytest.raises(FieldError, match="Policy is missing"):
        ROW.clean(None)
    for value in (0, True, 2.5, ["1"]):
        with pytest.raises(FieldError, match="There is no policy"):
            ROW.clean(value)


def test_a_field_is_asked_for_only_where_another_says_so() -> None:
    box = TextField(name="box", title="Box", required=True, when=("side", ("right",)))
    assert cleaned((CHOICE, box), {"box": 3}, {}) == {"side": "left"}
    with pytest.raises(FieldError, match="Box is missing"):
        cleaned((CHOICE, box), {"side": "right"}, {})
    assert cleaned((CHOICE, box), {"side": "right"}, {"box": "red"}) == {"side": "right", "box": "red"}


def test_what_its_own_check_refuses_is_told_by_its_name() -> None:
    def refuse(_: str) -> str:
        raise ConfigError("No box is red.")

    with pytest.raises(FieldError, match="No box is red") as caught:
        TextField(name="box", title="Box", check=refuse).clean("red")
    assert caught.value.field == "box"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> ConnectionKind:
    """A kind with an address of its own, and a secret that need not be given."""
    made = ConnectionKind(
        "service",
        "Service",
        "",
        lambda target: Answer("Service", "".join(target.secrets.values()) or "none"),
        lambda _: None,
        secrets=(SecretField(name="token", title="Token", required=False),),
        default_url="http://service.test",
        may_connect=lambda _: None,
    )
    monkeypatch.setitem(kinds._known(), "service", (apps.get_app_config("connections"), made))
    return made


@pytest.mark.django_db
def test_a_secret_that_need_not_be_given_is_kept_and_forgotten(service: ConnectionKind) -> None:
    made = services.add("service", name="One", token="sesame")
    assert (made.url, made.version) == ("http://service.test", "sesame")
    services.edit(made, name="Two", token="")
    assert Connection.objects.get().secrets() == {"token": "sesame"}
    services.edit(made, token=None)
    assert Connection.objects.get().secrets() == {}
    assert Connection.objects.get().version == "none"


@pytest.mark.django_db
def test_a_form_asks_for_fields_of_every_type(
    service: ConnectionKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = services.add("service", name="One", token="sesame")
    told = replace(TEXT, when=("side", ("right", "left")))
    kind = replace(service, options=(told, NUMBER, CHOICE, SWITCH))
    monkeypatch.setitem(kinds._known(), "service", (apps.get_app_config("connections"), kind))

    page = str(ConnectionForm(kind=kind))
    assert 'data-when="side" data-when-values="right left"' in page
    assert '<input type="checkbox" name="loud"' in page
    assert 'name="shelf" min="1" max="9"' in page
    assert "forget_token" not in page

    typed = {"name": "One", "url": made.url, "side": "right", "box": "red", "shelf": "3"}
    form = ConnectionForm({**typed, FORGET + "token": "on"}, kind=kind, known=made)
    assert form.is_valid(), form.errors
    given = form.given()
    assert (given["token"], given["box"], given["shelf"], given["loud"]) == (None, "red", 3, False)


@pytest.mark.django_db
def test_two_apps_cannot_bring_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    app, kind = kinds._known()["sonarr"]
    twice = kinds.Connections(kinds=(kind,))
    monkeypatch.setattr(kinds, "brought", lambda *_args, **_kwargs: [(app, twice), (app, twice)])
    with pytest.raises(ConfigError, match="Two apps bring a kind of connections called sonarr"):
        kinds._known.__wrapped__()
