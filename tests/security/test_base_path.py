"""Below a path of its own, behind a proxy that strips it or passes it on, every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import requests

from tests.api.conftest import SCOPES
from tests.waiting import PATIENCE
from tests.web.rows import make_rows

BASE = "/taggarr"
LINK = re.compile(r'\s(?:href|src|action|hx-get|hx-post)="([^"]+)"')
MOST = 150


pytestmark = pytest.mark.usefixtures("slow_hashes")


@pytest.fixture
def address(start_web: Callable[..., str], transactional_db: None) -> str:
    """A web server below the base path, with a small library; its address without the path."""
    make_rows()
    return start_web(TAGGARR_BASE_PATH=BASE)


def sign_in(address: str) -> requests.Session:
    session = requests.Session()
    page = session.get(f"{address}{BASE}/login", timeout=PATIENCE)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    form = {"login": "ada", "password": "correct horse", "csrfmiddlewaretoken": token[1]}
    answer = session.post(f"{address}{BASE}/login", form, timeout=PATIENCE, allow_redirects=False)
    assert answer.headers["Location"] == f"{BASE}/"
    assert {cookie.path for cookie in session.cookies} == {f"{BASE}/"}
    return session


def test_every_link_of_every_page_stays_below_the_path_and_leads_somewhere(address, transactional_db):
    from accounts.models import Role, User

    User.objects.create_user("ada", password="correct horse", role=Role.ADMIN)
    session = sign_in(address)
    waiting, seen, wrong = [f"{address}{BASE}/"], set[str](), list[str]()
    while waiting and len(seen) < MOST:
        url = waiting.pop(0)
        answer = session.get(url, timeout=PATIENCE, allow_redirects=False)
        seen.add(url)
        if answer.status_code >= 400 and answer.status_code != 405:  # what is posted to
            wrong.append(f"{url}: {answer.status_code}")
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        found = [unescape(link) for link in LINK.findall(answer.text)]
        for link in [*found, answer.headers.get("Location", "")]:
            target = urldefrag(urljoin(url, link))[0]
            # Nobody keeps the picture that the rows name.
            if not target.startswith(address) or target.endswith("/poster") or "/kept/000" in target:
                continue
            if not urlsplit(target).path.startswith(f"{BASE}/"):
                wrong.append(f"{url} links to {link}")
            bare = re.sub(r"\?.*|/\d+", "", target)
            if bare not in {re.sub(r"\?.*|/\d+", "", one) for one in [*seen, *waiting]}:
                waiting.append(target)

    assert "\n".join(wrong) == ""
    assert len(seen) > 40


def test_a_proxy_that_strips_the_path_gets_the_same_page(address, transactional_db):
    from accounts.models import User

    User.objects.create_user("ada")
    stripped, whole = (requests.get(f"{address}{path}/login", timeout=PATIENCE).text for path in ("", BASE))
    hide = re.compile(r'(csrfmiddlewaretoken" value|name="next" value)="[^"]+"')

    assert hide.sub("", stripped) == hide.sub("", whole)
    location = requests.get(f"{address}/wanted", timeout=PATIENCE, allow_redirects=False).headers["Location"]
    assert location == f"{BASE}/login?next={BASE}/wanted"


def test_the_api_names_addresses_below_the_path(address, transactional_db):
    from accounts.keys import create_key
    from accounts.models import Role, User

    owner = User.objects.create_user("ada", role=Role.ADMIN)
    _, key = create_key(owner, "test", scopes=SCOPES, expires_at=None)
    for _number in range(2):
        create_key(owner, "more", expires_at=None)
    page = requests.get(
        f"{address}{BASE}/api/v1/api-keys?page_size=1", headers={"X-Api-Key": key}, timeout=PATIENCE
    )

    assert page.status_code == 200, page.text
    assert f"{BASE}/api/v1/api-keys" in page.headers.get("Link", "") + page.text
