"""The settings of the environment as people see them."""

from __future__ import annotations

from django.utils import translation

from system.environment import shown_settings


def shown(name):
    return next(one for one in shown_settings() if one.name == name)


def test_nothing_secret_is_shown(monkeypatch):
    monkeypatch.setenv("TAGGARR_METRICS_TOKEN", "a token of mine")

    token = shown("TAGGARR_METRICS_TOKEN")

    assert (token.value, token.given, token.secret) == ("", True, True)
    assert "a token of mine" not in str(shown_settings())


def test_a_secret_that_is_not_set_tells_its_default(monkeypatch):
    monkeypatch.delenv("TAGGARR_SECRET_KEY", raising=False)

    assert shown("TAGGARR_SECRET_KEY").value == "made at the first start"


def test_values_are_written_as_people_write_them(monkeypatch):
    monkeypatch.setenv("TAGGARR_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2")
    monkeypatch.delenv("UMASK", raising=False)

    assert shown("TAGGARR_TRUSTED_PROXIES").value == "10.0.0.1, 10.0.0.2"
    assert shown("TAGGARR_DEBUG").value == "off"
    assert shown("UMASK").value == "022"
    assert (shown("TAGGARR_PORT").value, shown("TAGGARR_PORT").given) == ("8484", False)


def test_what_they_are_for_is_told_in_the_language_of_the_page(monkeypatch):
    monkeypatch.delenv("TAGGARR_SECRET_KEY", raising=False)

    with translation.override("de"):
        port, key = shown("TAGGARR_PORT"), shown("TAGGARR_SECRET_KEY")

    assert port.about == "Der Port, auf dem der Webserver lauscht."
    assert (key.group, key.value) == ("Daten und Schlüssel", "beim ersten Start erzeugt")
