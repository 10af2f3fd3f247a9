"""`script/screenshots`: pictures of a fresh demo, walked through in a browser from the first visit on.

Every page is taken at the width of a desk, of a large screen and of a phone, in both themes, and the first
screens of all of them stand on a contact sheet for each. `--docs` takes those that README and docs show, and
nothing else; `--data` says where the installation lies meanwhile, whose paths are seen in them. Chromium
comes from the system, else from Playwright. No Django in this process.
"""

from __future__ import annotations

import argparse
import io
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from core import env, options
from core.errors import ConfigError
from demo.arr.process import StandIn
from demo.library import lose_dubs
from demo.pages import ADDRESSES, FORMS_OF_A_WORK, LIST
from demo.run import (
    USER,
    answers,
    demo_installation,
    make_library,
    register,
    send_to,
    show_features,
    stand_in_players,
    stand_in_providers,
    stand_ins,
)
from system import programs
from system.up import FOLDER, Installation, choose_ports, end_like_ctrl_c, shown_address, tell

PASSWORD = "only for pictures"  # noqa: S105 - of an installation that is thrown away
DESK, WIDE, PHONE, PART = (1440, 900), (2560, 1300), (390, 844), (1100, 700)
THEMES = ("light", "dark")
UNSETTLED = ".htmx-request, [hx-trigger^=load] > p.muted:only-child, .loading-container"
PICTURES_ARE_THERE = """[...document.images].every(
    one => one.complete && (one.naturalWidth || !Number(one.dataset.again))
)"""
"""One that is fetched from a provider may be asked for again."""

ALL_IS_DRAWN = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { content-visibility: visible !important; }");
    document.adoptedStyleSheets = [sheet];
    for (const one of document.images) one.loading = "eager";
}"""
"""Else what lies below the screen is not, until somebody comes near."""

PATIENCE_MS = 60_000
COLOURS = 256
IN_A_ROW, THUMBNAIL, GAP = 6, 400, 12
"""Of a contact sheet: pictures, and the pixels of their width and between them."""

Step = Callable[[Page], None]

IN_DOCS = {
    "home": ("home", DESK, "light"),
    "library": ("library", DESK, "dark"),
    "series": ("series", DESK, "light"),
    "policy-preview": ("policy-preview", DESK, "light"),
    "wanted": ("wanted-missing", DESK, "light"),
    "player": ("player", DESK, "light"),
    "artwork": ("title-artwork", DESK, "dark"),
    "collection": ("collection", DESK, "light"),
    "phone-series": ("series", PHONE, "dark"),
    "first-account": ("setup-1-account", PART, "light"),
    "first-app": ("setup-2-app", PART, "light"),
    "first-folders": ("setup-3-folders", PART, "light"),
    "first-result": ("setup-6-result", PART, "light"),
}
"""Name of the picture in docs/img: which page, width and theme it shows."""


class Camera:
    """Takes pictures of a page into a folder; `only` names those that are wanted, None all of them."""

    def __init__(self, folder: Path, only: dict[str, tuple[str, tuple[int, int], str]] | None) -> None:
        self._folder, self._only = folder, only

    def take(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Take the page in every width and theme that is wanted; the part that is seen unless `whole`."""
        page.wait_for_load_state("load")
        expect(page.locator(UNSETTLED)).to_have_count(0, timeout=PATIENCE_MS)
        page.evaluate(ALL_IS_DRAWN)
        while not page.evaluate(PICTURES_ARE_THERE):
            page.wait_for_timeout(100)
        for picture, (width, height), theme in self._wanted(name):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            page.wait_for_timeout(400)  # styles change over a tenth of a second; posters come
            seen = whole and self._only is None
            (self._folder / f"{picture}.png").write_bytes(_small(page.screenshot(full_page=seen)))

    def _wanted(self, name: str) -> list[tuple[str, tuple[int, int], str]]:
        if self._only is None:
            sizes = itertools.product((DESK, WIDE, PHONE), THEMES)
            return [(f"{name}-{size[0]}-{theme}", size, theme) for size, theme in sizes]
        return [(picture, size, theme) for picture, (of, size, theme) in self._only.items() if of == name]

    def lay_out(self) -> None:
        """Put the first screens of all pages on a sheet for each width and theme: `sheet-1440-dark.png`."""
        for (width, height), theme in itertools.product((DESK, WIDE, PHONE), THEMES):
            screens = []
            for file in sorted(self._folder.glob(f"*-{width}-{theme}.png")):
                if not file.name.startswith("sheet-"):
                    with Image.open(file) as whole:
                        screens.append(whole.convert("RGB").crop((0, 0, width, height)))
            size = (THUMBNAIL, THUMBNAIL * height // width)
            step = (size[0] + GAP, size[1] + GAP)
            rows = -(-len(screens) // IN_A_ROW)
            sheet = Image.new("RGB", (IN_A_ROW * step[0] + GAP, rows * step[1] + GAP), "grey")
            for number, screen in enumerate(screens):
                row, column = divmod(number, IN_A_ROW)
                place = (GAP + column * step[0], GAP + row * step[1])
                sheet.paste(screen.resize(size, Image.Resampling.LANCZOS), place)
            sheet.save(self._folder / f"sheet-{width}-{theme}.png")


def _small(picture: bytes) -> bytes:
    """The picture in a palette: a third of the size, and no eye sees it."""
    file = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


def first_steps(page: Page, found: Installation, app: StandIn, camera: Camera) -> None:
    """Create the account and connect Sonarr, as a person would, up to a scan that has written its tags."""
    page.goto("/")
    page.get_by_label("Token").fill(_setup_token(found))
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    camera.take(page, "setup-1-account")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Address").fill(app.url)
    page.get_by_label("API key").fill(app.api_key)
    camera.take(page, "setup-2-app")
    page.get_by_role("button", name="Test and go on").click()
    page.get_by_text("✓ Seen").first.wait_for()
    camera.take(page, "setup-3-folders")
    page.get_by_role("button", name="Save and go on").click()
    camera.take(page, "setup-4-tags")
    page.get_by_role("link", name="Go on").or_(page.get_by_role("link", name="Decide later")).click()
    page.get_by_role("button", name="Remove English").wait_for()
    camera.take(page, "setup-5-languages")
    page.get_by_role("button", name="Start the dry run").click()
    page.get_by_text("Would add").wait_for()
    camera.take(page, "setup-6-result")
    page.get_by_role("button", name="Write these tags").click()
    camera.take(page, "job-running")
    page.get_by_text("Completed").first.wait_for()
    camera.take(page, "job")


def opened(page: Page, camera: Camera) -> None:
    """Take what is reached by clicks: a title, a policy with its preview, questions."""
    page.goto("/settings/policies")
    page.locator("tbody th a").first.click()
    page.get_by_role("navigation", name="Parts of the policy").get_by_role("link", name="Actions").click()
    page.get_by_label("Offer to search for a replacement of a file").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/library?view=table&kind=sonarr&verdict=wrong-dub")
    page.locator("tbody th a").last.click()
    page.locator(".cell.v-wrong-dub").first.click()
    page.locator("#file table").wait_for()
    camera.take(page, "series")
    page.get_by_role("button", name="Search for a replacement…").click()
    camera.take(page, "question", whole=False)
    page.goto("/library?view=grid&kind=radarr")
    page.locator(".poster a").first.click()
    camera.take(page, "movie")
    page.goto(page.get_by_role("link", name="Options", include_hidden=True).get_attribute("href") or "")
    camera.take(page, "movie-options")
    page.goto("/library?view=grid")
    for box in page.locator("input[name=media]").all()[:3]:
        box.check(force=True)
    camera.take(page, "library-chosen", whole=False)
    players_opened(page, camera)
    page.goto("/settings/connections")
    page.get_by_role("link", name="Demo Radarr").click()
    camera.take(page, "instance")
    page.goto("/settings/policies")
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name="Remove English").click()
    page.get_by_label("Languages you want to hear").fill("German")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()
    camera.take(page, "policy-preview")
    page.goto("/system/backups")
    page.get_by_role("link", name="Restore…").first.click()
    confirm(page)
    camera.take(page, "backup-restore")


def players_opened(page: Page, camera: Camera) -> None:
    """Take the pages of a player, its questions among them, and what titles say of players."""
    page.goto("/players")
    page.locator(".player h2 a").first.click()
    camera.take(page, "player")
    player = page.url
    page.get_by_role("button", name="Delete…").click()
    camera.take(page, "player-delete", whole=False)
    page.goto(player)
    page.locator("a[href^='/players/routes/']").first.click()
    camera.take(page, "player-route")
    page.goto(player)
    page.get_by_role("link", name="Titles", exact=True).click()
    camera.take(page, "player-titles")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Compare with").click()
    camera.take(page, "player-title")
    page.goto("/library?view=grid&kind=sonarr")
    page.locator(".poster a").first.click()
    page.get_by_role("link", name="Players", exact=True).last.click()
    camera.take(page, "title-players")
    page.goto("/settings/connections")
    page.get_by_role("link", name="Demo Plex").click()
    camera.take(page, "player-settings")
    for kind in ("plex", "stash"):
        page.goto(f"/settings/connections/add/{kind}")
        camera.take(page, f"connection-add-{kind}")


def opened_in_features(page: Page, camera: Camera) -> None:
    """Take what is reached by clicks in artwork and the collection."""
    page.goto("/artwork?view=grid&state=unpublished")
    page.locator(".poster a").first.click()
    camera.take(page, "title-artwork")
    page.get_by_text("Show and change").click()
    camera.take(page, "title-told")
    page.get_by_role("link", name="Poster").first.click()
    camera.take(page, "picture-choose")
    for box in page.get_by_label("Compare Poster").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare two").click()
    camera.take(page, "picture-compare")
    page.goto("/artwork/rules")
    page.get_by_label("Languages").first.fill("de, none")
    page.get_by_role("button", name="Preview").click()
    page.locator("#would-change").wait_for(timeout=PATIENCE_MS)
    camera.take(page, "artwork-rules-preview")
    page.goto("/collection?view=grid&q=kind:book+series:salt")
    page.locator(".poster a").first.click()
    camera.take(page, "work")
    work = page.url
    for name, link in FORMS_OF_A_WORK.items():
        page.goto(work)
        page.locator(link).first.click()
        camera.take(page, name)
    page.goto("/collection/imports")
    page.locator("tbody th a").first.click()
    camera.take(page, "collection-import")
    page.goto("/collection/imports")
    page.get_by_label("File").set_input_files({"name": "shelves.csv", "mimeType": "text/csv", "buffer": LIST})
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Import").first.wait_for()
    camera.take(page, "collection-import-preview")


def broken(page: Page, found: Installation, camera: Camera) -> None:
    """Take what is seen where Taggarr itself fails: the table of one page is gone for a moment."""
    with psycopg.connect(found.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("ALTER TABLE history_auditentry RENAME TO gone")
        page.goto("/system/audit")
        camera.take(page, "error")
        database.execute("ALTER TABLE gone RENAME TO history_auditentry")


def outside(page: Page, camera: Camera) -> None:
    """Take what is seen without rights, and the pages in German."""
    page.goto("/")
    page.get_by_role("button", name="Account:").click()
    page.get_by_label("Language of the pages").select_option("de")
    page.locator("html[lang=de]").wait_for()
    camera.take(page, "home-german")
    page.get_by_role("button", name="Konto:").click()
    page.get_by_label("Sprache der Seiten").select_option("en")
    page.locator("html[lang=en]").wait_for()
    visit(page, "/settings/users")
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="Sign out").click()
    camera.take(page, "login")
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/settings/connections")
    camera.take(page, "forbidden")


def visit(page: Page, address: str) -> None:
    """Open a page; some ask for the password again where signing in was long ago."""
    page.goto(address)
    confirm(page)


def confirm(page: Page) -> None:
    """Enter the password where the page asks for it again."""
    asking = "/account/reauthenticate/"
    if asking in page.url:
        page.locator("main input[type=password]").fill(PASSWORD)
        page.locator("main button.first").click()
        page.wait_for_url(lambda address: asking not in address)


def walk(base: str, camera: Camera, first: Step, make: Callable[[], None], last: Step) -> None:
    """Take every page of what answers at `base`.

    `first` is the first visit, `make` makes what the pages show then, `last` comes before signing out.
    """
    while not answers(f"{base}/ping"):
        time.sleep(0.2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"],  # as root it has none; it visits our own pages alone
        )
        context = browser.new_context(base_url=base, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        first(page)
        make()
        for name, address in ADDRESSES.items():
            visit(page, address)
            camera.take(page, name)
        opened(page, camera)
        opened_in_features(page, camera)
        last(page)
        outside(page, camera)
        browser.close()


def _setup_token(found: Installation) -> str:
    command = programs.manage("setup_token")
    done = subprocess.run(
        command, cwd=FOLDER, env=found.environment, check=True, capture_output=True, text=True
    )
    return done.stdout.split()[-1]


@contextmanager
def _new_folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="taggarr-screenshots-") as temporary:
            Path(temporary).chmod(0o711)  # as root, the database's own user must get in
            yield Path(temporary)
        return
    try:
        wanted.mkdir(mode=0o711)
    except OSError as error:
        raise ConfigError(f"{wanted} cannot be made ({error.strerror}): name a folder that is new.") from None
    try:
        yield wanted
    finally:
        shutil.rmtree(wanted)


def take(camera: Camera, folder: Path | None) -> None:
    """Start a fresh installation over the demo library, in `folder` or a temporary one, and walk through it.

    The folder must not be there yet, and is gone afterwards. Raises ConfigError.
    """
    with _new_folder(folder) as data, demo_installation(data, {}) as found:
        library, ports = make_library(data), choose_ports(flower=False)
        with (
            stand_ins(library) as apps,
            stand_in_players(library, data) as players,
            stand_in_providers(library) as providers,
            found.supervisor(ports, echo=False),
        ):

            def make() -> None:
                register(found, apps[1:], library, PASSWORD, players=players, providers=providers)
                found.manage("scan")
                if lose_dubs(apps[0]):
                    found.manage("scan")
                send_to(found, players)
                show_features(found)
                found.manage("backup")

            base = shown_address(options.BIND.read(), ports.web)
            walk(
                base,
                camera,
                lambda page: first_steps(page, found, apps[0], camera),
                make,
                lambda page: broken(page, found, camera),
            )


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures; the exit code is 0, or 2 where that could not be."""
    parser = argparse.ArgumentParser(prog="script/screenshots", description="Pictures of every page.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("screenshots"), help="where they go")
    parser.add_argument("--docs", action="store_true", help="only those of README and docs, into docs/img")
    parser.add_argument("--data", type=Path, help="a new folder for the installation while they are taken")
    given = parser.parse_args(arguments)
    folder = FOLDER / "docs" / "img" if given.docs else given.folder
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(folder, IN_DOCS if given.docs else None)
    end_like_ctrl_c()
    with env.refusing():
        try:
            take(camera, given.data)
        except RuntimeError as error:  # a stand-in that did not start
            raise ConfigError(str(error)) from None
    if not given.docs:
        camera.lay_out()
    tell(f"Pictures are in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
