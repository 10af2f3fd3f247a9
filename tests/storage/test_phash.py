"""The perceptual hash: the same bits as imagehash, where that is at hand, and as what was noted of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from storage import pictures
from storage.keeping import as_signed
from storage.phash import distance, phash
from tests.storage.make import drawn, encoded, opened
from tests.storage.peers import BIN, needs

NOTED = {1: 0xA51AC31EF136E934}
"""What imagehash 4.3.2 makes of some of our pictures, where there is none to ask."""

_ASK = """
import sys, json, imagehash
from PIL import Image
for name in json.load(sys.stdin):
    print(str(imagehash.phash(Image.open(name))))
"""


def of_imagehash(paths: list[Path]) -> list[int]:
    told = subprocess.run(
        [BIN / "python", "-c", _ASK],
        input=json.dumps([str(path) for path in paths]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return [int(line, 16) for line in told.stdout.split()]


def pictures_to_compare() -> list[Image.Image]:
    slope = Image.linear_gradient("L")
    return [
        *(drawn(seed, (100 + 7 * seed, 60 + 11 * seed)) for seed in range(60)),
        *(drawn(seed, (64, 64), "L") for seed in range(20)),
        Image.effect_noise((500, 300), 80),
        Image.new("RGB", (50, 80), (200, 10, 90)),
        Image.new("L", (32, 32), 0),
        slope.resize((300, 200)),
        slope.rotate(90),
        Image.radial_gradient("L"),
    ]


@needs("imagehash")
def test_the_same_bits_as_imagehash(tmp_path):
    paths = []
    ours = []
    for number, picture in enumerate(pictures_to_compare()):
        path = tmp_path / f"{number}.png"
        picture.save(path)
        paths.append(path)
        with path.open("rb") as file:
            ours.append(pictures.look(file).phash)
    assert ours == of_imagehash(paths)


@needs("imagehash")
def test_a_jpeg_decoded_small_has_nearly_the_bits_of_imagehash(tmp_path):
    paths, small, whole = [], [], []
    for seed in range(20):
        path = tmp_path / f"{seed}.jpg"
        drawn(seed, (1000, 1500)).save(path, quality=90)
        paths.append(path)
        with path.open("rb") as file:
            small.append(pictures.look(file).phash)
            whole.append(pictures.look(file, draft=False).phash)
    peers = of_imagehash(paths)
    assert whole == peers
    assert max(distance(one, other) for one, other in zip(small, peers, strict=True)) <= 2


def test_a_hash_that_was_noted():
    for seed, noted in NOTED.items():
        assert pictures.look(opened(encoded(drawn(seed), "PNG"))).phash == noted


def test_scaled_and_saved_anew_it_stays_and_another_picture_is_far():
    first = pictures.look(opened(encoded(drawn(1, (600, 900)), "PNG"))).phash
    again = pictures.look(opened(encoded(drawn(1, (600, 900)).resize((200, 300)), quality=60))).phash
    other = pictures.look(opened(encoded(drawn(2, (600, 900)), "PNG"))).phash
    assert distance(first, again) <= 6
    assert distance(first, other) > 12


def test_a_black_and_a_white_logo_are_the_same_one_inverted():
    logos = []
    for colour in (0, 255):
        logo = Image.new("LA", (200, 80), (0, 0))
        mask = drawn(4, (200, 80), "L").point(lambda grey: 255 if grey > 128 else 0)
        logo.paste((colour, 255), mask=mask)
        logos.append(pictures.look(opened(encoded(logo, "PNG"))))
    assert all(logo.alpha for logo in logos)
    assert distance(logos[0].phash, logos[1].phash, inverted=True) <= 6


@given(st.binary(min_size=1024, max_size=1024))
def test_turning_the_greys_over_turns_the_bits_over(greys):
    one, other = phash(greys), phash(bytes(255 - grey for grey in greys))
    # The first wave is how bright it is: it stays above nothing.
    assert 0 <= one < 1 << 64
    assert 0 <= other < 1 << 64
    assert one.bit_count() <= 32


@given(st.integers(0, 2**64 - 1))
def test_a_hash_fits_where_it_is_kept(number):
    assert -(2**63) <= as_signed(number) < 2**63
    assert as_signed(number) % 2**64 == number


def test_what_is_no_32_by_32_is_refused():
    with pytest.raises(ValueError, match="32 by 32"):
        phash(b"123")
