"""Pictures of strangers: decoded in the cage, made anew, refused in a sentence."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import pytest
from PIL import AvifImagePlugin, Image, ImageCms, PngImagePlugin

from core.cage.keeper import BrokenError, StalledError, UnreadyError
from core.errors import StorageError
from storage import caged, pictures
from storage.heads import PictureError
from tests.storage.make import drawn, encoded, opened, poster


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_kind_is_decoded_in_the_cage(kind):
    seen = pictures.look(opened(poster(1, (320, 480), kind)))
    assert (seen.width, seen.height, seen.alpha) == (320, 480, False)
    assert pictures.CAGE.process


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_that_was_cut_short_is_refused(kind):
    whole = poster(1, (320, 480), kind)
    with pytest.raises(PictureError, match="cut short or damaged"):
        pictures.look(opened(whole[: len(whole) * 2 // 3]))


def test_an_animated_gif_is_refused():
    data = encoded(drawn(1), "GIF", save_all=True, append_images=[drawn(2)])
    with pytest.raises(PictureError, match="is animated"):
        pictures.look(opened(data))


def test_a_bomb_that_lies_about_its_size_costs_a_sentence():
    """A PNG of 60 MP of zeros in few bytes is let in by its head, and stays in the cage's limits."""
    rows = zlib.compress(bytes(10_001 * 6_000), 9)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 10_000, 6_000, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    assert len(data) < 200_000
    assert pictures.look(opened(data)).width == 10_000
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(64 << 20)))
    with pytest.raises(PictureError):
        pictures.look(opened(data[:33] + text + data[33:]))


def test_an_upload_is_made_anew_upright_and_without_its_place():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 7.0)  # GPSLatitude
    exif[0x010E] = "a secret description"
    data = encoded(drawn(1, (400, 200)), exif=exif, comment=b"a secret comment")
    made = pictures.upright(opened(data + b"<script>alert(1)</script>PK\x03\x04"))
    assert (made.kind, made.width, made.height) == ("jpg", 200, 400)
    with Image.open(io.BytesIO(made.data)) as again:
        assert not again.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & again.info.keys()
    for leftover in (b"secret", b"script", b"PK\x03\x04"):
        assert leftover not in made.data


def test_what_is_transparent_stays_so():
    made = pictures.upright(opened(encoded(drawn(1, (60, 40), "RGBA"), "PNG")))
    assert made.kind == "png"
    with Image.open(io.BytesIO(made.data)) as again:
        assert again.mode == "RGBA"


def test_colours_of_another_space_come_as_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = pictures.upright(opened(encoded(drawn(1, (60, 40)), "PNG")))
    same = pictures.upright(opened(encoded(drawn(1, (60, 40)), "PNG", icc_profile=lab)))
    broken = pictures.upright(opened(encoded(drawn(1, (60, 40)), "PNG", icc_profile=b"nonsense")))
    assert broken.data == plain.data
    assert same.width == 60


@pytest.mark.parametrize("width", pictures.WIDTHS)
def test_a_thumbnail_is_as_wide_as_asked_and_never_wider_than_the_picture(width):
    large = pictures.thumbnail(opened(poster(1, (900, 1350))), width)
    assert (large.kind, large.width, large.height) == ("webp", width, width * 3 // 2)
    small = pictures.thumbnail(opened(poster(1, (90, 135))), width)
    assert (small.width, small.height) == (90, 135)


def test_a_picture_of_sixty_million_pixels_fits_into_the_cage():
    made = pictures.upright(opened(encoded(Image.new("RGB", (10_000, 6_000), "red"), quality=50)))
    assert made.width == 10_000


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"width": 1, "height": 1, "alpha": False, "phash": 1},
        {"kind": "jpg", "width": 1, "height": 1, "data": base64.b64encode(poster(kind="PNG")).decode()},
        {"refused": "why not"},
        [1],
        "no",
    ],
)
def test_the_cage_is_believed_no_more_than_the_picture(answer, monkeypatch):
    monkeypatch.setattr(pictures.CAGE, "call", lambda *_: answer)
    with pytest.raises(PictureError):
        pictures.look(opened(poster()))
    with pytest.raises(PictureError):
        pictures.upright(opened(poster()))


@pytest.mark.parametrize(
    ("error", "told", "says"),
    [
        (BrokenError("crashed (SIGSEGV)"), PictureError, r"its decoder crashed \(SIGSEGV\)"),
        (StalledError("had no answer"), StorageError, "had no answer"),
        (UnreadyError("it could not be started", lasting=False), StorageError, "could not be started"),
    ],
)
def test_a_picture_is_blamed_for_what_breaks_the_cage_and_for_nothing_else(error, told, says, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(pictures.CAGE, "call", broken)
    with pytest.raises(told, match=says):
        pictures.look(opened(poster()))


def test_a_picture_that_turns_out_to_have_too_many_pixels_is_told_of_so(monkeypatch):
    monkeypatch.setattr(pictures.CAGE, "call", lambda *_: {"refused": "pixels"})
    with pytest.raises(PictureError, match="holds more pixels than it declares"):
        pictures.look(opened(poster()))


def test_both_sides_of_the_cage_fit_together(monkeypatch):
    """What the inner side makes of a picture is what the outer one tells of it."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_MEMORY", PngImagePlugin.MAX_TEXT_MEMORY)
    monkeypatch.setattr(AvifImagePlugin, "DEFAULT_MAX_THREADS", AvifImagePlugin.DEFAULT_MAX_THREADS)
    caged.prepare_inside()

    def inside(data: bytes, kind: str, do: str, **more: object) -> dict[str, object]:
        file = opened(data)
        return caged.work_inside(file.fileno(), {"kind": kind, "do": do, **more})

    photo = poster(1, (320, 480))
    clear = encoded(drawn(1, (320, 480), "RGBA"), "PNG")
    for data, kind in ((photo, "jpg"), (clear, "png")):
        seen = pictures.look(opened(data))
        told = inside(data, kind, "look", draft=False)
        assert (told["width"], told["height"], told["alpha"]) == (seen.width, seen.height, seen.alpha)
        made = inside(data, kind, "upright")
        assert (made["kind"], made["width"], made["height"]) == (kind, 320, 480)
        small = inside(data, kind, "thumbnail", width=80)
        assert (small["kind"], small["width"], small["height"]) == ("webp", 80, 120)
    moving = encoded(drawn(1), "GIF", save_all=True, append_images=[drawn(2)])
    assert inside(moving, "gif", "look", draft=False) == {"refused": "moves"}
    assert inside(photo[:2000], "jpg", "upright") == {"refused": "broken"}
    assert inside(b"no picture", "png", "look", draft=False) == {"refused": "broken"}
    monkeypatch.setattr(caged, "MOST_PIXELS", 1000)
    assert inside(photo, "jpg", "look", draft=True) == {"refused": "pixels"}
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert inside(photo, "jpg", "look", draft=True) == {"refused": "pixels"}
