"""Lists that are read record by record, whatever their pieces, and what is too much of anything."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ApiPermanentError, ApiTransientError
from core.outbound import records
from core.outbound.records import read_records
from core.outbound.shapes import WireError
from library.clients import RadarrClient, base
from library.clients.wire import read_movie

MIB = 2**20
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


def read(*pieces: bytes) -> list[dict[str, object]]:
    return read_records(iter(pieces), dict, "things")


@given(
    found=st.lists(st.dictionaries(st.text(), values, max_size=3), max_size=5),
    indent=st.sampled_from([None, 2]),
    cuts=st.lists(st.integers(0, 200), max_size=8),
    plain=st.booleans(),
)
def test_a_list_is_the_same_whatever_its_pieces(found, indent, cuts, plain):
    body = (
        b" " + json.dumps(found, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass") + b"\n"
    )
    places = sorted({0, *(min(cut, len(body)) for cut in cuts), len(body)})
    pieces = [body[first:last] for first, last in pairwise(places)]
    assert read(*pieces) == found


@given(st.binary(max_size=30) | st.text('[]{},:"01a \\', max_size=30).map(str.encode))
def test_what_is_no_list_of_objects_for_json_is_none_here(body):
    try:
        told = json.loads(body.decode("utf-8-sig", "surrogatepass"))
    except ValueError:
        told = None
    is_list = isinstance(told, list) and all(isinstance(one, dict) for one in told)
    try:
        assert read(body) == told
        assert is_list
    except (ValueError, WireError):
        assert not is_list


@pytest.mark.parametrize("piece", [1, 1000, 70_000, 300_000])
def test_records_are_larger_and_smaller_than_pieces(piece, monkeypatch):
    monkeypatch.setattr(records, "_PIECE", 1000)
    found = [{"id": n, "text": "ä🎬" * (n * 400)} for n in range(12)]
    body = json.dumps(found, ensure_ascii=False).encode()
    step = max(piece, len(body) // 500)
    assert read(*(body[at : at + step] for at in range(0, len(body), step))) == found


@pytest.mark.parametrize(
    "body", [b"", b"[", b'[{"a": 1}', b'[{"a": 1},', b'[{"a": 1}{"a": 2}]', b"[{}] x", b'[{"a']
)
def test_what_is_cut_short_or_damaged_is_no_list(body):
    with pytest.raises(ValueError):  # noqa: PT011  (whatever json says)
        read(body)


def flood(record: str, times: int) -> Iterator[bytes]:
    """A list that repeats a record so many times, with a number of its own in each."""
    yield b"["
    for first in range(0, times, 1000):
        yield b",".join(record.replace("%", str(n + 1)).encode() for n in range(first, first + 1000)) + b","
    yield b"{}]"


def peak_of(pieces: Iterator[bytes], what: str) -> tuple[int, int]:
    """The most bytes in memory until the list was refused for `what`, and those that were read."""
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for piece in pieces:
            taken += len(piece)
            yield piece

    tracemalloc.start()
    try:
        with pytest.raises(WireError, match=what):
            read_records(counted(), read_movie, "movies")
        return tracemalloc.get_traced_memory()[1], taken
    finally:
        tracemalloc.stop()


def test_a_hundred_megabytes_of_empty_objects_take_no_memory():
    peak, taken = peak_of(flood("{}", 35 * 10**6), "'id' should be a number")
    assert peak < 8 * MIB
    assert taken < MIB


@pytest.mark.uncounted
def test_a_hundred_megabytes_of_the_smallest_movies_take_what_a_large_library_takes():
    peak, taken = peak_of(flood('{"id":%,"path":"/"}', 4 * 10**6), "it lists more than 100000 movies")
    assert peak < 64 * MIB
    assert taken < 8 * MIB


def test_a_hundred_megabytes_within_one_record_take_little_memory():
    def nested() -> Iterator[bytes]:
        yield b'[{"id":1,"path":"/","x":['
        for _ in range(35_000):
            yield b"{}," * 1000
        yield b"{}]}]"

    peak, taken = peak_of(nested(), "one record holds more than 250000 values")
    assert peak < 32 * MIB
    assert taken < 8 * MIB


def test_one_endless_text_is_no_record():
    peak, _ = peak_of(
        (b"x" * 65536 if n else b'[{"id":"' for n in range(1000)), "one record has more than 16 MiB"
    )
    assert peak < 128 * MIB


@pytest.fixture
def net():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def client() -> RadarrClient:
    return RadarrClient("http://nas.lan:7878", "0123456789abcdef", name="Films", tries=1)


LIST = "http://nas.lan:7878/api/v3/movie"


def test_a_refused_list_is_one_sentence(net, monkeypatch):
    monkeypatch.setattr(records, "MOST_RECORDS", 2)
    net.get(LIST, json=[{"id": n + 1, "path": f"/m/{n}"} for n in range(3)])
    with pytest.raises(ApiPermanentError) as caught:
        client().media()
    assert str(caught.value) == (
        "Films: this is not an answer of Radarr's API: it lists more than 2 movie. Is this the right address?"
    )


def test_what_is_kept_of_a_list_has_a_weight(net, monkeypatch):
    monkeypatch.setattr(base, "MOST_KEPT", MIB)
    # Of texts with one picture in them, every letter takes four bytes.
    long = "🎬" + "x" * 4000
    net.get(LIST, json=[{"id": n + 1, "path": f"/{n}{long}"} for n in range(100)])
    with pytest.raises(ApiPermanentError, match="what it tells takes more than 1 MiB"):
        client().media()
    net.replace(responses.GET, LIST, json=[{"id": n + 1, "path": f"/m/{n}"} for n in range(100)])
    assert len(client().media()) == 100


def test_of_an_answer_with_an_error_no_more_is_read_than_it_takes_to_tell_it(net):
    net.get(LIST, body=b'{"message": "no", "x": [' + b"{}," * 10**7 + b"{}]}", status=500)
    tracemalloc.start()
    try:
        with pytest.raises(ApiTransientError, match="Radarr answered 500"):
            client().media()
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_single_answer_of_too_many_values_is_refused_with_one_sentence(net):
    net.get(
        f"{LIST}/7", body=b'{"id": 7, "x": [' + b"{}," * 300_000 + b"{}]}", content_type="application/json"
    )
    with pytest.raises(ApiPermanentError, match=r"one record holds more than 250000 values\. Is this the"):
        client().one_media(7)
