"""What somebody is told on the pages of an import whose file is damaged, lies or attacks."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.keys import create_key
from accounts.models import User
from catalogue.models import Import, Work
from tests.catalogue.formats.build import archive, table
from tests.catalogue.formats.test_hostile import LAUGHS, SAMPLES
from tests.catalogue.formats.test_tellico_and_gcstar import collection
from tests.catalogue.tables import rows_of_all
from tests.catalogue.test_import_pages import run
from tests.catalogue.test_pages import browser_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "no_worker_is_asked", "data")]

BROKEN = "The file is damaged here: export it once more."
UNKNOWN = "No format is known in which the file is written"
LONG = "x" * 1_000_001
GOOD = "<title>Dune</title>"
HALF = "title,notes,location\nDune,sand,\nEmma,wa"

FILES: dict[str, tuple[bytes, str, list[str]]] = {
    # What is uploaded, what is said of it, and which titles are in the collection then.
    "an XML bomb": (f'{LAUGHS}<book title="&b;" uuid="1"/></items></library>'.encode(), UNKNOWN, []),
    "a bomb behind a good record": (
        collection(2, GOOD).replace("</collection>", "<entry id='2'><title>&x;</title></entry>").encode(),
        BROKEN,
        ["Dune"],
    ),
    "a ZIP bomb": (archive(ending="", **{"tellico.xml": b"0" * 30_000_000}), BROKEN, []),
    "a path in a ZIP": (archive(ending="", **{"../tellico.xml": collection(2, GOOD)}), UNKNOWN, []),
    "a megabyte in a cell": (
        f"title,notes\nDune,sand\nEmma,{LONG}\nIda,\n".encode(),
        "The row is too large to be read: shorten it. Emma",
        ["Dune", "Ida"],
    ),
    "cut off": (HALF.encode(), f"{BROKEN} Emma", ["Dune"]),
    "a quote without end": (b'title,notes\nDune,sand\n"Emma,x\nIda,y\n', BROKEN, ["Dune", "Ida"]),
    "NUL and halves of letters": (
        "title\nDu\0ne\nEm\ud800ma\n".encode("utf-16", "surrogatepass"),
        "",
        ["Dune", "Em\ufffdma"],
    ),
    "cp1252, by semicolons": (
        "Title;Notes\nCafé \u201cS\u201d;ß\n".encode("cp1252"),
        "",
        ["Café \u201cS\u201d"],
    ),
    "columns between colons": (b"title:year\nDune:1965\n", UNKNOWN, []),
    "a formula": (b'title,notes\n"=HYPERLINK(""http://x"")",@SUM\n', "", ['=HYPERLINK("http://x")']),
    "a row too wide": (table(["title"], ["Dune"], ["x"] * 2_000).encode(), "too many columns", ["Dune"]),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", UNKNOWN, []),
    "empty": (b"", "The file is empty: export it once more.", []),
}


def upload(client: Client, content: bytes, name: str = "list.csv") -> str:
    return str(
        client.post("/collection/imports/upload", {"file": SimpleUploadedFile(name, content)})["Location"]
    )


@pytest.mark.parametrize("what", FILES)
def test_each_is_told_where_one_looks_and_each_good_row_is_in_once(what: str, ute: User):
    content, said, titles = FILES[what]
    client = browser_of(ute)
    page = upload(client, content)
    assert said in text_of(client, page)
    for _ in range(2):
        client.post(f"{page}/start", {"mode": "fill"})
        of = run(page)
        of.refresh_from_db()
        assert sorted(Work.objects.values_list("title", flat=True)) == titles
        assert said in text_of(client, page)
        assert ("failed" in of.counts) == bool(said)
        before, page = rows_of_all(), upload(client, content)
    assert rows_of_all() == before


def test_a_list_is_what_is_in_it_whatever_it_is_called(ute: User):
    client = browser_of(ute)
    names = {
        "letterboxd": "x.db",
        "tc": "films.csv",
        "clz": "metadata.db",
        "calibre json": "a.zip",
        "tellico": "é\0.tc",
    }
    for kind, name in names.items():
        page = upload(client, SAMPLES[kind], name)
        assert UNKNOWN not in text_of(client, page)
        assert BROKEN not in text_of(client, page)
    key = create_key(ute, "key", scopes=("write",), expires_at=None)[1]
    for name, status in (
        ("a%00b.csv", 422),
        ("%ed%a0%80.csv", 201),
        ("..%2f..%2fetc%2fpasswd", 201),
        ("x" * 2_000, 201),
    ):
        answer = Client().post(
            f"/api/v1/collection/imports/upload?name={name}",
            b"title\nDune\n",
            content_type="application/octet-stream",
            headers={"X-Api-Key": key},
        )
        assert answer.status_code == status, name


def test_twenty_titles_of_a_megabyte_make_no_page_of_twenty(ute: User):
    client = browser_of(ute)
    page = upload(
        client, "\n".join(["title", *(f"{number} {LONG[:900_000]}" for number in range(20))]).encode()
    )
    looked = client.get(page)
    client.post(f"{page}/start", {"mode": "fill"})
    run(page)
    for answer in (looked, client.get(page), client.get("/collection")):
        assert answer.status_code == 200
        assert len(answer.content) < 500_000
    assert Work.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_breaks_off_is_no_import(ute: User, live_server):
    key = create_key(ute, "key", scopes=("write",), expires_at=None)[1]
    address = urlsplit(live_server.url)
    head = (
        "POST /api/v1/collection/imports/upload?name=list.csv HTTP/1.1\r\nHost: localhost\r\n"
        f"X-Api-Key: {key}\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as sent:
        sent.sendall(head.encode() + b"title\nDune\nEm")
        sent.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: sent.recv(65_536), b""))
    assert b"The upload broke off: send it again." in answer
    assert not Import.objects.exists()
