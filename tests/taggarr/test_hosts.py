from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from system.middleware import around_all


def answer(host, settings, names=()):
    settings.TAGGARR_HOSTS = list(names)
    handler: Any = around_all(lambda _request: HttpResponse("in"))
    return handler(RequestFactory().get("/ping", headers={"Host": host}))


@pytest.mark.parametrize("host", ["127.0.0.1:8484", "[::1]:8484", "nas:8484", "taggarr.lan"])
def test_local_hosts_get_in(settings, host):
    assert answer(host, settings).content == b"in"


def test_a_foreign_host_is_told_which_setting_allows_it(settings):
    refused = answer("rebound.example.org", settings)

    assert refused.status_code == 400
    assert b"TAGGARR_ALLOWED_HOSTS" in refused.content


def test_a_named_host_gets_in(settings):
    assert answer("taggarr.example.org:443", settings, ["taggarr.example.org"]).status_code == 200


@pytest.mark.parametrize("host", ["", "a b", "exa_mple.org", "nas\\@evil.org"])
def test_a_malformed_host_is_refused(settings, host):
    assert answer(host, settings).status_code == 400
