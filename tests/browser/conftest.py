"""A browser, where there is one, on pages that are served for real."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.scanner.conftest import (  # noqa: F401
    root,
    scan,
    series_instance,
    shows,
    sonarr,
)
from tests.waiting import PATIENCE
from tests.web.files import make_files
from tests.web.rows import Rows, make_rows

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from playwright.sync_api import Browser, ConsoleMessage, Page

# Playwright's own loop runs in this thread, where Django would then refuse all work with the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
WAIT = int(PATIENCE * 1000)
"""Milliseconds that a page may take to show what it should."""

SWITCHED_OFF = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AimEnabled"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "PreconnectToSearch"),
)
"""Of Chromium: the menus of its address field, which no test sees, and which are pages of their own.

The last such list counts, so that of Playwright stands here again.
"""

WHOLE = ("chromium", "chromium-browser")
"""The browser with its windows, under the names it has."""

PICTURE = {"content_type": "image/svg+xml", "body": '<svg xmlns="http://www.w3.org/2000/svg"/>'}
"""What is shown for the picture that the rows name, and nobody keeps."""

EVENTS, KEPT = "/api/v1/events", f"/kept/{'0' * 64}"


def without_streams(app: WSGIApplication) -> WSGIApplication:
    """The pages of Django's own test server, which cannot stream: there pages poll.

    Not `route`: a browser that has one asks Playwright about every file, and keeps none of them.
    """

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == EVENTS:
            start("204 No Content", [])
            return []
        if path.startswith(KEPT):
            start("200 OK", [("Content-Type", PICTURE["content_type"])])
            return [PICTURE["body"].encode()]
        if not path.startswith("/static/"):
            return app(environ, start)

        def kept(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, ("Cache-Control", "max-age=600")], *more)

        return app(environ, kept)

    return answer


@pytest.fixture(scope="session")
def pages(live_server: Any) -> str:
    """The address of Django's own test server, which serves the pages of most tests."""
    server = live_server.thread.httpd
    server.set_app(without_streams(server.get_app()))
    return str(live_server.url)


@pytest.fixture(scope="module")
def programs() -> tuple[str, ...]:
    """What is taken for Chromium: the first of them that is there."""
    return ("chromium-headless-shell", *WHOLE)


@pytest.fixture(scope="module")
def browser(programs: tuple[str, ...]) -> Iterator[Browser]:
    """Chromium: Debian's, or the one that Playwright has installed.

    Its headless shell, where it is there, computes half as much. Not for the whole session: while Playwright
    is up, its event loop runs in the thread of the tests.
    """
    from playwright.sync_api import Error, expect, sync_playwright

    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, programs)), None)
        arguments = [f"--disable-features={','.join(SWITCHED_OFF)}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        try:
            found = playwright.chromium.launch(executable_path=installed, args=arguments)
        except Error as error:
            pytest.skip(f"There is no Chromium here (apt install chromium): {str(error).splitlines()[0]}")
        yield found
        found.close()


@pytest.fixture(autouse=True)
def data(data: Path) -> Path:
    """A data folder with a log and a backup."""
    make_files(data)
    return data


@pytest.fixture
def rows(transactional_db: None) -> Rows:
    return make_rows()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said: it stays empty."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, pages: str, live_server: Any, complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """Opens a browser window, signed in with a role where one is given; `path` is where it begins.

    `server` is the address of one that can stream.
    """
    contexts = []

    def open_one(path: str = "/", *, role: str = "", server: str = "", **options: Any) -> Page:
        address = server or pages
        context = browser.new_context(base_url=address, **options)
        if server:
            context.route(f"**{KEPT}*", lambda route: route.fulfill(**PICTURE))
        context.set_default_timeout(WAIT)
        contexts.append(context)
        if role:
            context.add_cookies([{"name": "taggarr_session", "value": session(role), "url": address}])
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def _complaint(message: ConsoleMessage) -> Iterator[str]:
    """htmx also reports as errors what a page asked for and no longer waits for, since the reader went on."""
    left = message.text.startswith(("htmx:sendAbort,", "htmx:afterRequest,"))
    if message.type == "error" and not left:
        yield f"{message.text} ({message.location['url']})"


def session(role: str) -> str:
    """The key of a new session of a user with this role."""
    from django.test import Client

    from accounts.models import User

    user = User.objects.filter(username=role).first() or User.objects.create_user(role, role=role)
    client = Client()
    client.force_login(user)
    return str(client.cookies["taggarr_session"].value)


@pytest.fixture(autouse=True)
def _nothing_kept_of_another_test(empty_caches: None) -> None:
    pass


@pytest.fixture(autouse=True)
def _nobody_works_here(no_worker_is_asked: None) -> None:
    """Jobs are run by the tests themselves, so that they end when a test says so."""
