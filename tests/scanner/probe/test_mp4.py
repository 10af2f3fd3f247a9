"""The header reader on MP4 and QuickTime: what it takes from a track, how it finds them, and where it gives
up.
"""

import struct

import pytest

from scanner.probe.engines import read_tracks
from scanner.probe.mp4 import MACINTOSH_LANGUAGES
from scanner.probe.tracks import Track
from scanner.probe.window import CutOffError, HeaderError

from .building import (
    Pieces,
    audio_entry,
    box,
    ftyp,
    full_box,
    hdlr,
    kind_box,
    large_box,
    mdhd,
    minf,
    moov,
    mp4,
    read,
    stsd,
    tkhd,
    trak,
    video_trak,
)

KIB, GIB = 1 << 10, 1 << 30
DASH = "urn:mpeg:dash:role:2011"


def only(data):
    (track,) = read(data)
    return track


def quicktime(*traks):
    return ftyp(b"qt  ") + moov(video_trak(), *traks)


class TestTrack:
    def test_a_plain_track(self):
        assert only(mp4(trak(language="jpn"))) == Track(
            kind="audio", index=0, language="jpn", default=True, codec="AAC", channels=2
        )

    @pytest.mark.parametrize("enabled", [True, False])
    def test_an_enabled_track_is_a_default_one(self, enabled):
        track = only(mp4(trak(enabled=enabled)))
        assert (track.enabled, track.default) == (enabled, enabled)

    def test_the_64_bit_headers(self):
        media = box(b"mdia", mdhd("kor", version=1), hdlr(b"soun"), minf(audio_entry()))
        track = only(mp4(box(b"trak", tkhd(version=1), media)))
        assert (track.language, track.default) == ("kor", True)

    @pytest.mark.parametrize("handler", [b"sbtl", b"subt", b"text", b"subp", b"clcp"])
    def test_handlers_of_subtitles(self, handler):
        assert only(mp4(trak(handler))).kind == "text"

    def test_other_handlers_are_left_out(self):
        assert read(mp4(trak(b"tmcd"), trak(b"hint"), trak(b"meta"))) == ()

    def test_chapters_are_no_subtitles(self):
        chapters = trak(b"text", number=7)
        referring = video_trak(box(b"tref", box(b"chap", struct.pack(">I", 7))))
        data = ftyp() + moov(referring, chapters, trak(b"sbtl", "fra", number=8))
        assert only(data).language == "fra"

    def test_a_subtitle_track_that_another_one_names_as_its_forced_one(self):
        pointer = box(b"tref", box(b"forc", struct.pack(">I", 4)))
        full = box(b"trak", tkhd(3), box(b"mdia", mdhd("eng"), hdlr(b"sbtl"), minf(b"")), pointer)
        first, second = read(mp4(full, trak(b"sbtl", number=4)))
        assert (first.forced, second.forced) == (False, True)

    def test_user_data_may_end_in_four_zero_bytes(self):
        assert only(mp4(trak(b"soun", "eng", box(b"name", b"Main"), bytes(4)))).title == "Main"


class TestLanguage:
    def test_the_extended_tag_wins(self):
        tag = full_box(b"elng", b"pt-BR\0")
        track = only(mp4(trak(language="eng", media=[tag])))
        assert (track.language, track.region) == ("por", "br")

    def test_und_and_unspecified_are_told_apart(self):
        assert only(mp4(trak(language="und"))).language == "und"
        assert only(mp4(trak(language=0x7FFF))).language is None

    def test_letters_that_are_none(self):
        assert only(mp4(trak(language=0x7FFE))).language == "und"

    @pytest.mark.parametrize(
        ("number", "code"), [(1, "fra"), (11, "jpn"), (94, "epo"), (128, "cym"), (138, "jav")]
    )
    def test_macintosh_codes(self, number, code):
        assert MACINTOSH_LANGUAGES[number] == code
        assert only(mp4(trak(language=number))).language == code

    @pytest.mark.parametrize("number", [95, 127, 151, 1000])
    def test_macintosh_codes_of_no_language(self, number):
        assert only(mp4(trak(language=number))).language == "und"

    def test_zero_is_english_in_quicktime_and_nothing_in_mp4(self):
        assert only(quicktime(trak(language=0))).language == "eng"
        assert only(moov(video_trak(), trak(language=0))).language == "eng"
        assert only(mp4(trak(language=0))).language is None


class TestRoles:
    @pytest.mark.parametrize(
        ("scheme", "role", "field", "expected"),
        [
            (DASH, "commentary", "commentary", True),
            (DASH, "description", "descriptive", True),
            (DASH, "caption", "hearing_impaired", True),
            (DASH, "dub", "original", False),
            (DASH, "main", "original", None),
            (DASH, "forced-subtitle", "forced", True),
            ("about:html-kind", "main-desc", "descriptive", True),
            ("urn:tva:metadata:cs:AudioPurposeCS:2007", "1", "descriptive", True),
            ("urn:tva:metadata:cs:AudioPurposeCS:2007", "4", "commentary", True),
            ("urn:example", "commentary", "commentary", False),
        ],
    )
    def test_kinds(self, scheme, role, field, expected):
        assert getattr(only(mp4(trak(b"soun", "eng", kind_box(scheme, role)))), field) is expected

    @pytest.mark.parametrize(
        ("tag", "field", "expected"),
        [
            (b"public.accessibility.describes-video", "descriptive", True),
            (b"public.original-content", "original", True),
            (b"public.translation.dubbed", "original", False),
            (b"public.subtitles.forced-only", "forced", True),
            (b"public.accessibility.describes-music-and-sound", "hearing_impaired", True),
            (b"public.easy-to-read", "hearing_impaired", False),
        ],
    )
    def test_quicktime_characteristics(self, tag, field, expected):
        assert getattr(only(quicktime(trak(b"soun", "eng", box(b"tagc", tag)))), field) is expected

    def test_several_roles_add_up(self):
        track = only(mp4(trak(b"soun", "eng", kind_box(DASH, "dub"), kind_box(DASH, "commentary"))))
        assert (track.original, track.commentary) == (False, True)

    def test_the_codecs_own_role_adds_up_with_the_containers(self):
        dac3 = box(b"dac3", bits((0, 2), (8, 5), (3, 3), (2, 3), (0, 1), (10, 5), (0, 5)))
        dub = trak(b"soun", "eng", kind_box(DASH, "dub"), entry=audio_entry(b"ac-3", dac3))
        assert (only(mp4(dub)).original, only(mp4(dub)).hearing_impaired) == (False, True)

    def test_timed_text_that_is_always_shown_is_forced(self):
        def timed_text(flags):
            return box(b"tx3g", bytes(8), struct.pack(">I", flags), bytes(26))

        assert only(mp4(trak(b"sbtl", entry=timed_text(0x80000000)))).forced
        assert not only(mp4(trak(b"sbtl", entry=timed_text(0x40000000)))).forced


def esds(*, object_type=0x40, configuration=b"\x11\x90", flags=0, optional=b"", wide=False):
    def descriptor(tag, body):
        return bytes([tag]) + (b"\x80\x80\x80" if wide else b"") + bytes([len(body)]) + body

    config = descriptor(4, bytes([object_type]) + bytes(12) + descriptor(5, configuration))
    return full_box(b"esds", descriptor(3, b"\0\1" + bytes([flags]) + optional + config))


def bits(*fields):
    """Bytes of (value, width) pairs."""
    text = "".join(f"{number:0{width}b}" for number, width in fields)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def codec(entry):
    track = only(mp4(trak(entry=entry)))
    return track.codec, track.channels


class TestSampleEntry:
    @pytest.mark.parametrize(
        ("configuration", "channels"),
        [
            (bits((2, 5), (3, 4), (6, 4)), 6),
            (bits((2, 5), (3, 4), (7, 4)), 8),
            (bits((2, 5), (15, 4), (44100, 24), (1, 4)), 1),
            (bits((29, 5), (7, 4), (1, 4)), 2),
            (bits((31, 5), (7, 6), (3, 4), (5, 4)), 5),
            (bits((2, 5), (3, 4), (0, 4)), 4),
            (b"", 4),
        ],
    )
    def test_channels_of_aac_come_from_its_configuration_where_that_says(self, configuration, channels):
        assert codec(audio_entry(b"mp4a", esds(configuration=configuration), channels=4)) == ("AAC", channels)

    @pytest.mark.parametrize(
        ("object_type", "name"), [(0x67, "AAC"), (0x6B, "MP3"), (0xA5, "AC-3"), (0xA9, "DTS"), (0x99, "AAC")]
    )
    def test_the_object_type_names_the_codec(self, object_type, name):
        assert codec(audio_entry(b"mp4a", esds(object_type=object_type)))[0] == name

    def test_optional_fields_of_the_descriptor_are_stepped_over(self):
        optional = b"\0\2" + b"\3url" + b"\0\3"
        entry = audio_entry(b"mp4a", esds(object_type=0x6B, flags=0xE0, optional=optional, wide=True))
        assert codec(entry) == ("MP3", 0)

    @pytest.mark.parametrize(
        "broken",
        [
            full_box(b"esds"),
            full_box(b"esds", b"\3\2ab"),
            full_box(b"esds", b"\3\x83\x83\x83\x83\x83"),
            full_box(b"esds", b"\3\3\0\1\0"),
            full_box(b"esds", b"\4\3\0\1\0"),
            struct.pack(">I4s", 4, b"esds"),
            struct.pack(">I4s", 400, b"esds"),
        ],
    )
    def test_a_broken_configuration_leaves_the_rest(self, broken):
        assert codec(audio_entry(b"mp4a", broken)) == ("AAC", 2)

    def test_ac3(self):
        dac3 = box(b"dac3", bits((0, 2), (8, 5), (0, 3), (7, 3), (1, 1), (10, 5), (0, 5)))
        assert codec(audio_entry(b"ac-3", dac3)) == ("AC-3", 6)

    @pytest.mark.parametrize(
        ("mode", "field"), [(0, None), (2, "descriptive"), (3, "hearing_impaired"), (5, "commentary")]
    )
    def test_the_bit_stream_mode_of_ac3_is_a_role(self, mode, field):
        dac3 = box(b"dac3", bits((0, 2), (8, 5), (mode, 3), (2, 3), (0, 1), (10, 5), (0, 5)))
        track = only(mp4(trak(entry=audio_entry(b"ac-3", dac3))))
        assert (track.commentary, track.descriptive) == (field == "commentary", field == "descriptive")

    def test_eac3_with_a_dependent_substream(self):
        head = [(448, 13), (0, 3), (0, 2), (16, 5), (0, 2), (0, 3), (7, 3), (1, 1), (0, 3)]
        assert codec(audio_entry(b"ec-3", box(b"dec3", bits(*head, (1, 4), (2, 9))))) == ("E-AC-3", 8)
        assert codec(audio_entry(b"ec-3", box(b"dec3", bits(*head, (0, 4), (0, 1))))) == ("E-AC-3", 6)

    def test_opus(self):
        assert codec(audio_entry(b"Opus", box(b"dOps", b"\0\6" + bytes(9)))) == ("Opus", 6)

    @pytest.mark.parametrize("boxes", [box(b"dac3", b"\0"), box(b"dec3", b"\0"), box(b"dOps"), box(b"chan")])
    def test_boxes_that_say_nothing(self, boxes):
        assert codec(audio_entry(b"fLaC", boxes, channels=3)) == ("FLAC", 3)

    def test_quicktime_sound_of_version_1(self):
        entry = audio_entry(b"mp4a", box(b"wave", esds()), version=1, extra=bytes(16), channels=6)
        assert codec(entry) == ("AAC", 2)

    def test_quicktime_sound_of_version_2(self):
        extra = struct.pack(">IdI", 72, 48000.0, 6) + bytes(20)
        assert codec(audio_entry(b"lpcm", version=2, extra=extra, channels=3)) == ("PCM", 6)

    def test_a_version_of_isos_own_adds_no_fields(self):
        sample = audio_entry(b"mp4a", esds(), version=1, channels=6)
        information = box(b"minf", box(b"stbl", stsd(sample, version=1)))
        media = box(b"mdia", mdhd("eng"), hdlr(b"soun"), information)
        assert only(mp4(box(b"trak", tkhd(), media))).channels == 2

    @pytest.mark.parametrize("encrypted", [b"enca", b"drms"])
    def test_the_codec_of_an_encrypted_entry(self, encrypted):
        def protected(original, *boxes):
            return audio_entry(
                encrypted, *boxes, box(b"sinf", box(b"frma", original), box(b"schm", bytes(12)))
            )

        assert codec(protected(b"ac-3")) == ("AC-3", 2)
        assert codec(protected(b"mp4a", esds())) == codec(audio_entry(b"mp4a", esds()))
        assert codec(audio_entry(encrypted))[0] == encrypted.decode()
        assert codec(audio_entry(encrypted, box(b"sinf", box(b"schm"))))[0] == encrypted.decode()

    def test_the_codec_of_encrypted_subtitles(self):
        entry = box(b"enct", bytes(8), box(b"sinf", box(b"frma", b"stpp")))
        assert only(mp4(trak(b"subt", entry=entry))).codec == "TTML"

    def test_a_codec_without_a_name_of_ours_keeps_its_own(self):
        assert codec(audio_entry(b"samr"))[0] == "samr"

    @pytest.mark.parametrize("entry", [b"", box(b"mp4a"), box(b"tx3g")])
    def test_entries_that_are_cut_off(self, entry):
        assert only(mp4(trak(entry=entry))).channels == 0
        assert not only(mp4(trak(b"sbtl", entry=entry))).forced

    def test_no_sample_table(self):
        media = box(b"mdia", mdhd("eng"), hdlr(b"soun"), box(b"minf", box(b"stbl")))
        assert only(mp4(box(b"trak", tkhd(), media))).codec == ""


class Sparse:
    """A huge file of which only these parts are not zero."""

    def __init__(self, **parts):
        self.parts = {int(name[1:]): data for name, data in parts.items()}
        self.reads = []

    def __call__(self, offset, length):
        self.reads.append((offset, length))
        piece = bytearray(length)
        for start, data in self.parts.items():
            for place, byte in enumerate(data, start - offset):
                if 0 <= place < length:
                    piece[place] = byte
        return bytes(piece)


class TestLayout:
    @pytest.mark.parametrize("length", [2 * GIB, 6 * GIB])
    def test_moov_last_behind_gigabytes(self, length):
        first, last = ftyp(), moov(video_trak(), trak(language="jpn"))
        end = len(first) + length
        source = Sparse(**{"_0": first + large_box(b"mdat", length), f"_{end}": last})
        (track,) = read_tracks(source, end + len(last))
        assert track.language == "jpn"
        assert len(source.reads) == 2

    def test_huge_sample_tables_are_stepped_over(self):
        def film(kind, language, number):
            table = box(b"stbl", stsd(audio_entry()), box(b"stsz", bytes(2 * 1024 * KIB)))
            media = box(b"mdia", mdhd(language), hdlr(kind), box(b"minf", box(b"smhd"), table))
            return box(b"trak", tkhd(number), media, box(b"udta", box(b"name", language.encode())))

        languages = ["eng", "fra", "deu", "jpn"]
        traks = [film(b"soun", language, number) for number, language in enumerate(languages, 2)]
        data = ftyp() + box(b"moov", full_box(b"mvhd", bytes(96)), film(b"vide", "und", 1), *traks)
        pieces = Pieces(data)
        found = read_tracks(pieces, pieces.size)
        assert [(track.language, track.title) for track in found] == [(code, code) for code in languages]
        assert len(pieces.reads) <= 3 + 2 * 5
        assert max(length for _, length in pieces.reads) <= 4 * KIB

    def test_quicktime_may_begin_with_anything(self):
        data = box(b"wide") + box(b"mdat", bytes(100)) + box(b"free", bytes(50))
        assert only(data + moov(video_trak(), trak(language="jpn"))).language == "jpn"

    def test_a_box_that_goes_on_to_the_end_of_the_file(self):
        media = moov(video_trak(), trak(language="jpn"))
        assert only(ftyp() + struct.pack(">I", 0) + media[4:]).language == "jpn"

    @pytest.mark.parametrize("length", [16, 100 * KIB])
    def test_a_uuid_box_may_come_first(self, length):
        data = box(b"uuid", bytes(length)) + mp4(trak(language="jpn"))
        pieces = Pieces(data)
        assert read_tracks(pieces, pieces.size)[0].language == "jpn"
        assert pieces.total <= 8 * KIB
        assert only(box(b"uuid", bytes(length)) + mp4(trak(language=0))).language is None

    def test_fragments(self):
        fragments = box(b"moof", box(b"mfhd", bytes(8))) + box(b"mdat", bytes(99))
        data = ftyp() + moov(video_trak(), trak(language="jpn"), box(b"mvex", bytes(32))) + fragments
        assert only(data).language == "jpn"

    def test_boxes_in_unusual_order(self):
        media = box(b"mdia", minf(audio_entry(b"ac-3")), hdlr(b"soun"), mdhd("jpn"))
        unusual = box(b"trak", box(b"udta", box(b"name", b"First")), media, tkhd(enabled=False))
        track = only(ftyp() + box(b"moov", unusual, full_box(b"mvhd", bytes(96))))
        assert (track.title, track.language, track.codec) == ("First", "jpn", "AC-3")


def rejected(data):
    with pytest.raises(HeaderError) as caught:
        read(data)
    return str(caught.value)


class TestNotSure:
    def test_no_moov(self):
        assert "no moov box at byte" in rejected(ftyp() + box(b"mdat", bytes(99)))

    def test_a_moov_behind_the_end_of_a_file_that_was_cut_off(self):
        data = ftyp() + box(b"mdat", bytes(99)) + moov(trak())
        for end in (100, -50):
            with pytest.raises(CutOffError, match="a box that is cut off at byte"):
                read(data[:end])

    @pytest.mark.parametrize(
        "broken",
        [
            struct.pack(">I4s", 4, b"trak"),
            struct.pack(">I4s", 0, b"trak"),
            struct.pack(">I4sQ", 1, b"trak", 8),
            struct.pack(">I4sQ", 1, b"trak", (1 << 64) - 1),
            struct.pack(">I4s", 999, b"trak"),
        ],
    )
    def test_sizes_that_make_no_sense(self, broken):
        assert "does not fit into what holds it at byte" in rejected(ftyp() + box(b"moov", broken, bytes(16)))

    def test_neither_audio_nor_video(self):
        assert "no audio and no video track" in rejected(ftyp() + moov(trak(b"sbtl")))
        assert "no audio and no video track" in rejected(ftyp() + moov(box(b"cmov", bytes(99))))

    @pytest.mark.parametrize(
        ("header", "words"),
        [
            (box(b"tkhd", bytes(9)), "track header"),
            (box(b"mdia", box(b"mdhd", bytes(9))), "media header"),
            (box(b"mdia", box(b"hdlr", bytes(9))), "handler"),
        ],
    )
    def test_headers_that_are_cut_off(self, header, words):
        assert f"a {words} that is cut off at byte" in rejected(ftyp() + moov(box(b"trak", header)))

    def test_more_tracks_than_any_file_has(self):
        assert "too many tracks" in rejected(mp4(*[trak()] * 256))

    def test_more_boxes_than_make_sense(self):
        assert "too many boxes" in rejected(ftyp() + moov(box(b"trak", box(b"free") * 9000)))

    def test_a_file_that_ends_in_a_header(self):
        assert "the file ends too early" in rejected_of_size(ftyp() + b"\0\0\0\1mdat", 100)


def rejected_of_size(data, size):
    """The error where a file is shorter than its size was a moment ago."""
    with pytest.raises(HeaderError) as caught:
        read_tracks(lambda offset, length: data[offset : offset + length], size)
    return str(caught.value)


def test_neither_of_the_known_kinds():
    assert rejected(b"RIFF\0\0\0\0AVI LIST") == "no Matroska, WebM, MP4, QuickTime or Ogg at byte 0"
    assert rejected(b"") == "no Matroska, WebM, MP4, QuickTime or Ogg at byte 0"
