"""Sizes out of heads, against Pillow; and what is refused before anything is decoded."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.heads import HEAD, MOST_SIDE, PictureError, checked_head, kind_of, read_head
from tests.storage.make import drawn, encoded

KINDS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}


@pytest.mark.parametrize("size", [(1, 1), (300, 450), (1, 700), (701, 33)])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": b"Exif\0\0" + bytes(60_000), "icc_profile": bytes(150_000)}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"icc_profile": bytes(500)}),
        ("GIF", {}),
        ("AVIF", {}),
    ],
)
def test_the_size_that_pillow_sees(name, options, size):
    head = read_head(encoded(drawn(3, size), name, **options)[:HEAD])
    assert (head.kind, head.width, head.height, head.animated) == (KINDS[name], *size, False)


@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF"])
def test_what_moves_is_refused(name):
    data = encoded(drawn(1), name, save_all=True, append_images=[drawn(2)], duration=100)
    assert read_head(data).animated
    with pytest.raises(PictureError, match="is animated"):
        checked_head(data)


def png_head(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_a_bomb_is_refused_by_its_head():
    with pytest.raises(
        PictureError, match="10000 by 6001 pixels: make it smaller, at most 12000 on a side and 60 million"
    ):
        checked_head(png_head(10_000, 6_001))
    with pytest.raises(PictureError, match="12001 by 1 pixels"):
        checked_head(png_head(MOST_SIDE + 1, 1))
    assert checked_head(png_head(10_000, 6_000)).width == 10_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "a web page or a text"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b"<SVG onload=alert(1)>", "SVG"),
        (b"PK\x03\x04", "does not know this kind of picture"),
        (b"\xff\xd8\xff\xd9", "cut short or damaged"),
        (b"\xff\xd8\xff", "cut short or damaged"),
        (png_head(0, 5), "cut short or damaged"),
        (b"RIFF\0\0\0\0WEBPVP8X", "cut short or damaged"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(data, says):
    with pytest.raises(PictureError, match=says):
        read_head(data)


STARTS = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X", b"\0\0\0\x1cftypavif"]


@given(st.sampled_from(STARTS), st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(start, rest):
    try:
        head = read_head(start + rest)
    except PictureError:
        return
    assert head.kind == kind_of(start + rest)
    assert head.width > 0
    assert head.height > 0


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_damaged_head_is_a_head_or_refused(name, data):
    whole = bytearray(encoded(drawn(1, (40, 40)), name))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, min(len(whole), 300) - 1))] = data.draw(st.integers(0, 255))
    with suppress(PictureError):
        read_head(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
