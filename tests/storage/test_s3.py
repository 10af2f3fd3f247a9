"""S3: our signature is botocore's; the storage works on a bucket of our stand-in, and on one of moto."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError, StorageError
from demo.s3 import CUT_SHORT
from storage.backends.sigv4 import Signer, encoded
from tests.ports import kept_port
from tests.storage.make import opened, poster
from tests.storage.peers import BIN, has, needs
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
KEY, SECRET = "AKIDEXAMPLE", "not/a+real=secret"
AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)

_SIGN = """
import sys, json
from botocore.auth import S3SigV4Auth
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from datetime import datetime, timezone
import botocore.compat
at = datetime(2026, 2, 3, 4, 5, 6)
botocore.auth.get_current_datetime = lambda *_, **__: at
for method, url, payload in json.load(sys.stdin):
    request = AWSRequest(method, url, headers={"X-Amz-Content-SHA256": payload})
    auth = S3SigV4Auth(Credentials("AKIDEXAMPLE", "not/a+real=secret"), "s3", "eu-central-1")
    auth.payload = lambda _request, payload=payload: payload
    auth.add_auth(request)
    print(json.dumps(dict(request.headers.items())))
"""

REQUESTS = [
    ("GET", "https://s3.example.org/bucket/ab/cd/abcd.jpg"),
    ("PUT", "http://127.0.0.1:9000/bucket/thumbs/ab/cd/abcd-200.webp"),
    ("DELETE", "https://s3.example.org:8443/bucket/" + encoded("a b/ä+~'(x)=&", "/")),
    ("GET", "https://s3.example.org/bucket?continuation-token=a%2Fb%3D%3D&list-type=2&prefix=t%20x%2F"),
    ("HEAD", "https://s3.example.org/"),
]


@needs("botocore")
def test_the_signature_is_that_of_botocore():
    payload = hashlib.sha256(b"x").hexdigest()
    told = subprocess.run(
        [BIN / "python", "-c", _SIGN],
        input=json.dumps([(*one, payload) for one in REQUESTS]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    signer = Signer(KEY, SECRET, "eu-central-1")
    for (method, url), line in zip(REQUESTS, told.stdout.splitlines(), strict=True):
        theirs = {name.lower(): value for name, value in json.loads(line).items()}
        ours = signer.headers(method, url, payload, AT)
        assert ours["x-amz-date"] == theirs["x-amz-date"] == "20260203T040506Z"
        assert ours["authorization"] == theirs["authorization"]


def test_a_signature_stays_what_botocore_made_of_the_same_request():
    made = Signer(KEY, SECRET, "us-east-1").headers(
        "GET", "https://bucket.example/?lifecycle", hashlib.sha256(b"").hexdigest(), AT
    )
    assert made["authorization"].endswith(
        "Signature=2412c0972a7f338077d32256867e9438f25952ffadda9149805aac627e5a633c"
    )


@given(st.text(min_size=1, max_size=30))
def test_two_requests_have_never_one_signature(name):
    signer = Signer(KEY, SECRET, "x")
    empty = hashlib.sha256(b"").hexdigest()
    one = signer.headers("GET", f"http://h/b/{encoded(name)}", empty, AT)
    other = signer.headers("GET", f"http://h/b/{encoded(name + 'x')}", empty, AT)
    assert one["authorization"] != other["authorization"]


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    with kept_port() as port:
        arguments = [sys.executable, "-m", "demo.s3", str(port), "bucket", KEY, SECRET]
        yield from served(arguments, port)


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    if not has("moto_server"):
        pytest.skip("moto is in no venv that PEERS_VENV names: S3 is tested before our stand-in alone")
    with kept_port() as port:
        for url in served([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], port):
            requests.put(f"{url}/bucket", headers={"Host": f"127.0.0.1:{port}"}, timeout=30)
            yield url


def served(arguments: list[str], port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(url), f"{arguments[0]} answers")
        yield url
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.RequestException:
        return False
    return True


@pytest.fixture(params=["stand_in", "moto"])
def url(request) -> str:
    return str(request.getfixturevalue(request.param))


def store(url: str, **changes):
    from storage.backends.s3 import S3, Bucket

    settings = {"bucket": "bucket", "region": "us-east-1", "key_id": KEY, "secret": SECRET, "prefix": "x y"}
    return S3(Bucket(url=url, **{**settings, **changes}))


def fail(url: str, *statuses: int) -> None:
    requests.post(f"{url}/-/faults", json=list(statuses), timeout=30)


def test_what_is_put_is_there_and_what_is_deleted_is_not(url):
    kept = store(url)
    assert not store(url, prefix="nowhere").is_there()
    kept.prepare()
    assert kept.is_there()
    data = poster(1)
    digest = hashlib.sha256(data).hexdigest()
    name = f"ab/cd/{digest}.jpg"
    assert kept.size(name) is None
    assert kept.open(name) is None
    kept.put(name, opened(data), len(data), digest)
    assert kept.size(name) == len(data)
    with kept.open(name) as file:
        assert file.read() == data
    names = dict(kept.names())
    assert list(names) == [name]
    assert abs(names[name] - datetime.now(UTC)) < timedelta(minutes=5)
    kept.delete(name)
    kept.delete(name)
    assert kept.open(name) is None
    assert list(kept.names()) == []


def test_a_list_that_is_larger_than_any_picture_is_read_whole(stand_in, monkeypatch):
    from storage.backends import s3

    data = b"title\n" * 1000
    kept = store(stand_in, prefix="large")
    kept.put("list", opened(data), len(data), hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(s3, "LARGEST", 100)
    with kept.open("list") as file:
        assert file.read() == data


def test_many_names_come_in_pages(stand_in):
    kept = store(stand_in, prefix="many")
    kept.prepare()
    for number in range(1005):
        data = str(number).encode()
        kept.put(f"{number:04}", opened(data), len(data), hashlib.sha256(data).hexdigest())
    assert sorted(name for name, _ in kept.names()) == [f"{number:04}" for number in range(1005)]


def test_bytes_that_changed_on_their_way_are_not_kept(stand_in):
    kept = store(stand_in)
    with pytest.raises(ConfigError):
        kept.put("wrong", opened(b"other"), 5, hashlib.sha256(b"bytes").hexdigest())
    assert kept.size("wrong") is None


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (403, ConfigError, "refuses the key"),
        (301, ConfigError, "in another region"),
        (500, StorageError, "answered 500"),
        (503, StorageError, "answered 503"),
        (0, StorageError, "does not answer"),
    ],
)
def test_what_fails_is_one_sentence_without_the_secret(stand_in, status, error, says):
    fail(stand_in, status)
    with pytest.raises(error, match=says) as raised:
        store(stand_in).size("a")
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(store(stand_in)._bucket)


def test_an_answer_that_breaks_off_is_tried_again_later(stand_in):
    fail(stand_in, CUT_SHORT, CUT_SHORT)
    with pytest.raises(StorageError, match="does not answer"):
        store(stand_in).open("a")
    with pytest.raises(StorageError, match="does not answer"):
        list(store(stand_in).names())


@pytest.mark.parametrize(
    "text",
    [
        b"<html>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<List><Contents><Key>a</Key><LastModified>yesterday</LastModified></Contents></List>",
    ],
)
def test_a_listing_that_is_none_of_s3_is_told(stand_in, monkeypatch, text):
    monkeypatch.setattr("core.outbound.read_whole", lambda *_, **__: text)
    with pytest.raises(StorageError, match="does not answer as S3 does"):
        list(store(stand_in).names())


@pytest.mark.parametrize("lacking", ["bucket", "key_id", "secret"])
def test_a_place_without_bucket_or_key_is_refused(lacking):
    with pytest.raises(ConfigError, match="needs a bucket, a key ID and its secret"):
        store("https://s3.example.org", **{lacking: ""})


def test_a_wrong_key_and_a_wrong_bucket_are_told_apart(stand_in):
    with pytest.raises(ConfigError, match="refuses the key"):
        store(stand_in, secret="wrong").put("a", opened(b"a"), 1, hashlib.sha256(b"a").hexdigest())
    with pytest.raises(ConfigError, match="no such bucket"):
        store(stand_in, bucket="other").put("a", opened(b"a"), 1, hashlib.sha256(b"a").hexdigest())
    with pytest.raises(ConfigError, match="no such bucket"):
        list(store(stand_in, bucket="other").names())


@pytest.mark.parametrize("address", ["http://169.254.169.254", "http://[::ffff:169.254.169.254]:80"])
def test_an_address_that_nobody_means_is_never_connected_to(address):
    with pytest.raises(ConfigError, match="never connects to"):
        store(address)


def test_loopback_is_refused_where_it_is_not_allowed(stand_in, settings):
    settings.ALLOW_LOOPBACK = False
    for address in (stand_in, stand_in.replace("127.0.0.1", "localhost")):
        with pytest.raises(ConfigError, match="TAGGARR_ALLOW_LOOPBACK"):
            store(address).size("a")


@pytest.mark.parametrize("url", ["ftp://x", "s3.example.org", "https://", "https://a:b@h", "https://h?x=1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigError, match="must look like"):
        store(url)


@pytest.mark.django_db
def test_the_whole_storage_works_on_s3(url, uses):
    from storage import checking, collecting, keeping, places
    from storage.models import Place, PlaceKind, Stored

    place = Place(kind=PlaceKind.S3, url=url, bucket="bucket", key_id=KEY, secret=SECRET, prefix="whole")
    places.use(place)
    assert SECRET not in str(Place.objects.values_list("secret", flat=True).get())
    stored = keeping.keep_picture([poster(1)])
    with keeping.read(stored) as file:
        assert file.read() == poster(1)
    keeping.thumbnail(stored, 200).close()
    assert len(list(places.backend().names())) == 2
    assert checking.check_some().damaged == 0
    places.backend().put(stored.name, opened(b"rotten"), 6, hashlib.sha256(b"rotten").hexdigest())
    Stored.objects.update(checked_at=None)
    assert checking.check_some().damaged == 1
    assert keeping.keep_picture([poster(1)]).damaged_at is None
    long_ago = "2020-01-01T00:00Z"
    Stored.objects.update(created_at=long_ago, seen_at=long_ago, unused_since=long_ago)
    uses(used=(list,))
    assert collecting.collect().files == 1
    assert list(places.backend().names()) == []
