"""The names of tracks in MP4 and QuickTime: every place where writers put them."""

import struct

import pytest

from .building import (
    audio_entry,
    box,
    ftyp,
    full_box,
    hdlr,
    mdhd,
    minf,
    moov,
    mp4,
    read,
    tkhd,
    trak,
    video_trak,
)


def only(data):
    (track,) = read(data)
    return track


def quicktime(*traks):
    return ftyp(b"qt  ") + moov(video_trak(), *traks)


def item(kind, text):
    """An item of metadata, as iTunes and QuickTime write it."""
    return box(kind, box(b"data", struct.pack(">II", 1, 0), text.encode()))


def nam(text):
    return box(b"\xa9nam", struct.pack(">HH", len(text.encode()), 0x55C4), text.encode())


def titl(text):
    return full_box(b"titl", struct.pack(">H", 0x55C4), text)


KEYS = ("mdta.x", "com.apple.quicktime.title")
QUICKTIME_META = (
    hdlr(b"mdta", b""),
    full_box(
        b"keys",
        struct.pack(">I", len(KEYS)),
        *(struct.pack(">I4s", 8 + len(key), b"mdta") + key.encode() for key in KEYS),
    ),
    box(b"ilst", item(b"\0\0\0\1", "Not this"), item(b"\0\0\0\2", "Überblick")),
)
ITUNES_META = (hdlr(b"mdir", b""), box(b"ilst", item(b"\xa9too", "Lavf"), item(b"\xa9nam", "Überblick")))


class TestTitle:
    @pytest.mark.parametrize(
        "data",
        [
            titl("Überblick\0".encode()),
            titl("\ufeffÜberblick\0".encode("utf-16-be")),
            titl("\ufeffÜberblick\0".encode("utf-16-le")),
            nam("Überblick") + nam("Overview"),
            full_box(b"meta", *ITUNES_META),
            box(b"meta", *ITUNES_META),
            full_box(b"meta", *QUICKTIME_META),
            box(b"meta", *QUICKTIME_META),
            full_box(b"titl") + box(b"\xa9nam", b"\0") + box(b"meta") + box(b"name", "Überblick".encode()),
            nam("Other") + box(b"name", "Überblick".encode()),
            box(b"name", b"\0") + nam("Überblick"),
        ],
    )
    def test_every_place_for_a_name(self, data):
        assert only(mp4(trak(b"soun", "eng", data))).title == "Überblick"

    def test_metadata_beside_the_user_data(self):
        media = box(b"mdia", mdhd("eng"), hdlr(b"soun"), minf(audio_entry()))
        assert only(mp4(box(b"trak", tkhd(), media, full_box(b"meta", *ITUNES_META)))).title == "Überblick"

    @pytest.mark.parametrize(
        "broken",
        [
            box(b"meta", b"nonsense" * 9),
            full_box(b"meta", *QUICKTIME_META[:1], full_box(b"keys", bytes(40)), QUICKTIME_META[2]),
            full_box(b"meta", box(b"ilst", box(b"\xa9nam", box(b"data", b"x")))),
            full_box(b"meta", box(b"ilst", struct.pack(">I4s", 999, b"\xa9nam"))),
        ],
    )
    def test_metadata_without_sense_is_no_title_and_no_harm(self, broken):
        track = only(mp4(trak(b"soun", "jpn", broken)))
        assert (track.language, track.title) == ("jpn", "")

    def test_of_the_user_data(self):
        assert only(mp4(trak(b"soun", "eng", box(b"name", "Überblick\0".encode())))).title == "Überblick"

    def test_of_the_handler(self):
        assert only(mp4(trak(name=b"Director\0"))).title == "Director"

    def test_of_a_quicktime_handler(self):
        media = box(b"mdia", mdhd("eng"), hdlr(b"soun", b"\x06Stereo", b"mhlr"), minf(audio_entry()))
        assert only(quicktime(box(b"trak", tkhd(), media))).title == "Stereo"

    @pytest.mark.parametrize(
        "name",
        [
            b"SoundHandler\0",
            b"ISO Media file produced by Google Inc.\0",
            b"Core Media Audio\0",
            b"Apple Sound Media Handler\0",
            b"Handler\0",
            b"",
        ],
    )
    def test_software_that_names_itself_is_no_title(self, name):
        assert only(mp4(trak(name=name))).title == ""

    def test_the_word_handler_is_left_out_of_a_name(self):
        assert only(mp4(trak(name=b"English Handler\0"))).title == "English"
        assert only(mp4(trak(name=b"Director's Commentary (handler)\0"))).title == "Director's Commentary"

    def test_both(self):
        assert only(mp4(trak(b"soun", "eng", box(b"name", b"Dub"), name=b"Stereo\0"))).title == "Stereo / Dub"
        assert only(mp4(trak(b"soun", "eng", box(b"name", b"Dub"), name=b"Dub\0"))).title == "Dub"
