"""The header reader on Matroska: what it takes from a track, how it finds the tracks, and where it gives
up.
"""

import pytest

from scanner.probe.engines import read_tracks
from scanner.probe.tracks import Track
from scanner.probe.window import CutOffError, HeaderError

from .building import (
    ATTACHMENTS,
    AUDIO,
    AUDIO_TRACK,
    CHANNELS,
    CLUSTER,
    COMMENTARY,
    CRC,
    CUES,
    EBML,
    ENTRY,
    INFO,
    NAME,
    PRIVATE,
    SEEK,
    SEEK_HEAD,
    SEEK_ID,
    SEGMENT,
    SUBTITLE_TRACK,
    TRACKS,
    TYPE,
    VIDEO_TRACK,
    VISUAL,
    VOID,
    Pieces,
    ebml,
    element,
    endless,
    entry,
    head,
    matroska,
    read,
    seek_head,
    size,
    tracks,
    unknown_size,
    value,
)

KIB = 1024
JAPANESE = entry(language="jpn", codec="A_AAC")


def only(data):
    (track,) = read(data)
    return track


class TestTrack:
    def test_everything_a_track_says(self):
        audio = element(AUDIO, value(CHANNELS, 6))
        data = matroska(
            entry(
                AUDIO_TRACK,
                audio,
                language="por",
                bcp47="pt-BR",
                name="Comentário",
                codec="A_EAC3",
                default=0,
                forced=1,
                enabled=0,
                hearing=1,
                visual=1,
                original=1,
                commentary=1,
            )
        )
        assert only(data) == Track(
            kind="audio",
            index=0,
            language="por",
            region="br",
            title="Comentário",
            default=False,
            forced=True,
            commentary=True,
            descriptive=True,
            original=True,
            codec="E-AC-3",
            channels=6,
            hearing_impaired=True,
            enabled=False,
        )

    def test_everything_a_track_leaves_out_has_its_default(self):
        assert only(matroska(entry())) == Track(kind="audio", index=0, default=True, channels=1)

    def test_an_empty_element_has_its_default(self):
        track = only(matroska(entry(default="", forced="", original="", language="", name="")))
        assert track == Track(kind="audio", index=0, default=True, channels=1)

    def test_a_missing_language_is_not_the_formats_default(self):
        assert only(matroska(entry())).language is None
        assert only(matroska(entry(language="eng"))).language == "eng"
        assert only(matroska(entry(language="und"))).language == "und"

    @pytest.mark.parametrize(
        ("application", "language"),
        [
            ("libebml v1.3.5 + libmatroska v1.4.8", "eng"),
            ("libebml2 v0.21.3 + libmatroska2 v0.22.3", "eng"),
            ("libmakemkv v1.17.7 (1.3.10/1.5.2) x86_64-linux-gnu", "eng"),
            ("Lavf59.27.100", None),
            ("", None),
        ],
    )
    def test_a_missing_language_is_english_where_the_writer_leaves_out_just_that(self, application, language):
        info = element(INFO, value(0x4D80, application))
        entries = [entry(), entry(language="jpn"), entry(language="und"), entry(SUBTITLE_TRACK)]
        for place in ([info, tracks(*entries)], [tracks(*entries), info]):
            found = read(ebml() + element(SEGMENT, *place))
            assert [track.language for track in found] == [language, "jpn", "und", language]

    def test_the_writer_is_not_sought_behind_the_film(self):
        pieces = Pieces(ebml() + element(SEGMENT, tracks(entry()), element(CLUSTER, bytes(50 * KIB)) * 100))
        assert read_tracks(pieces, pieces.size)[0].language is None
        assert len(pieces.reads) == 1

    def test_the_newer_language_element_wins(self):
        assert only(matroska(entry(language="eng", bcp47="ja"))).language == "jpn"
        assert only(matroska(entry(language="ger", bcp47=""))).language == "deu"

    @pytest.mark.parametrize(
        ("code", "tag", "language"),
        [
            ("ger", "x-nonsense!", "deu"),
            ("ger", "q?", "deu"),
            ("ger", "und", "und"),
            ("ger", "mul", "mul"),
            ("und", "nonsense", "und"),
        ],
    )
    def test_nonsense_in_the_newer_element_falls_back_to_the_older(self, code, tag, language):
        assert only(matroska(entry(language=code, bcp47=tag))).language == language

    def test_nonsense_in_the_newer_element_alone_is_no_missing_language(self):
        assert only(matroska(entry(bcp47="nonsense"))).language == "und"

    def test_bibliographic_and_unknown_codes(self):
        assert only(matroska(entry(language="fre"))).language == "fra"
        assert only(matroska(entry(language="q?!"))).language == "und"

    def test_original_is_open_unless_the_file_says(self):
        assert only(matroska(entry())).original is None
        assert only(matroska(entry(original=0))).original is False

    def test_audio_is_described_by_another_flag_than_subtitles(self):
        audio, subtitles = read(matroska(entry(textual=1), entry(SUBTITLE_TRACK, visual=1)))
        assert not audio.descriptive
        assert not subtitles.descriptive
        audio, subtitles = read(matroska(entry(visual=1), entry(SUBTITLE_TRACK, textual=1)))
        assert audio.descriptive
        assert subtitles.descriptive

    def test_subtitles_for_the_hearing_impaired_and_a_disabled_track(self):
        plain, marked = read(matroska(entry(SUBTITLE_TRACK), entry(SUBTITLE_TRACK, hearing=1, enabled=0)))
        assert (plain.hearing_impaired, plain.enabled) == (False, True)
        assert (marked.hearing_impaired, marked.enabled) == (True, False)

    def test_tracks_are_counted_within_their_kind(self):
        found = read(matroska(entry(SUBTITLE_TRACK), entry(), entry(SUBTITLE_TRACK), entry()))
        assert [(track.kind, track.index) for track in found] == [
            ("text", 0),
            ("audio", 0),
            ("text", 1),
            ("audio", 1),
        ]

    def test_other_kinds_of_track_are_left_out(self):
        assert read(matroska(entry(18), entry(33))) == ()

    def test_video_alone_is_no_error(self):
        assert read(matroska()) == ()

    def test_a_string_ends_at_a_nul_and_is_cut_to_a_sane_length(self):
        assert only(matroska(entry(name=b"Stereo\0\0junk"))).title == "Stereo"
        assert only(matroska(entry(name="x" * 3000))).title == "x" * 500

    def test_a_string_that_is_not_utf8_is_what_windows_wrote(self):
        assert only(matroska(entry(name=b"Caf\xe9"))).title == "Café"

    @pytest.mark.parametrize(
        ("codec_id", "name"),
        [
            ("A_AAC/MPEG4/LC", "AAC"),
            ("A_MPEG/L3", "MP3"),
            ("A_PCM/INT/LIT", "PCM"),
            ("A_DTS/LOSSLESS", "DTS"),
            ("A_SOMETHING", "A_SOMETHING"),
        ],
    )
    def test_codec_names(self, codec_id, name):
        assert only(matroska(entry(codec=codec_id))).codec == name

    def test_subtitle_codec(self):
        assert only(matroska(entry(SUBTITLE_TRACK, codec="S_TEXT/UTF8"))).codec == "SubRip"


class TestLayout:
    def test_webm(self):
        assert only(ebml("webm") + element(SEGMENT, tracks(JAPANESE))).language == "jpn"

    def test_sizes_longer_than_they_need_be(self):
        wide = element(ENTRY, value(TYPE, AUDIO_TRACK, width=8), value(NAME, "wide", width=4), width=7)
        data = element(EBML, value(0x4282, "matroska", width=8), width=8)
        assert only(data + element(SEGMENT, tracks(wide, width=8), width=8)).title == "wide"

    def test_void_and_checksums_everywhere(self):
        gap, checksum = element(VOID, bytes(100)), element(CRC, bytes(4))
        noisy = entry(AUDIO_TRACK, gap, checksum, language="jpn")
        body = checksum + gap + element(TRACKS, checksum, gap, noisy, gap)
        assert only(ebml("matroska", gap) + gap + element(SEGMENT, body)).language == "jpn"

    def test_unknown_size_of_the_segment(self):
        assert only(ebml() + endless(SEGMENT, tracks(JAPANESE))).language == "jpn"

    @pytest.mark.parametrize("width", [1, 4, 8])
    def test_tracks_behind_a_cluster_of_unknown_size(self, width):
        blocks = element(0xE7, b"\0") + element(0xA3, bytes(200)) * 3
        data = ebml() + endless(SEGMENT, endless(CLUSTER, blocks, width=width), tracks(JAPANESE))
        assert only(data).language == "jpn"

    def test_tracks_behind_clusters_of_known_size(self):
        clusters = element(CLUSTER, bytes(200 * KIB)) * 3
        pieces = Pieces(ebml() + element(SEGMENT, clusters, tracks(JAPANESE)))
        (track,) = read_tracks(pieces, pieces.size)
        assert track.language == "jpn"
        assert pieces.total <= 64 * KIB

    def test_tracks_behind_all_the_clusters_of_a_film(self):
        """And nothing announces them: three gigabytes, of which a few bytes of each cluster are read."""
        count, length = 3000, 1 << 20
        first = ebml() + head(SEGMENT) + unknown_size()
        lead = head(CLUSTER) + size(length - 8, 4)
        tail = tracks(JAPANESE)
        end = len(first) + count * length
        reads = []

        def read_film(offset, wanted):
            reads.append(wanted)
            if offset >= end:
                return tail[offset - end : offset - end + wanted]
            if offset < len(first):
                return (first + lead).ljust(wanted, b"\0")[offset : offset + wanted]
            assert (offset - len(first)) % length == 0
            return lead.ljust(wanted, b"\0")

        (track,) = read_tracks(read_film, end + len(tail))
        assert track.language == "jpn"
        assert len(reads) <= count + 3
        assert sum(reads) <= 256 * KIB

    @pytest.mark.parametrize("length", [10, 500, 3000, 20_000])
    def test_flags_behind_many_voids(self, length):
        gaps = element(VOID, bytes(length)) * 150
        rest = value(COMMENTARY, 1) + value(VISUAL, 1)
        pieces = Pieces(matroska(entry(AUDIO_TRACK, gaps + rest, language="jpn"), entry(language="eng")))
        first, second = read_tracks(pieces, pieces.size)
        assert (first.commentary, first.descriptive, first.language, second.language) == (
            True,
            True,
            "jpn",
            "eng",
        )
        assert pieces.total <= 256 * KIB

    def test_tracks_behind_many_voids(self):
        gaps = element(VOID, bytes(100 * KIB)) * 100
        pieces = Pieces(ebml() + element(SEGMENT, gaps, tracks(JAPANESE)))
        assert read_tracks(pieces, pieces.size)[0].language == "jpn"
        assert pieces.total <= 16 * KIB

    def test_the_seek_head_leads_over_gigabytes(self):
        first, gap = ebml(), 3 << 30
        segment = head(SEGMENT) + unknown_size()
        lead = seek_head(TRACKS, 200 + gap)
        start = len(first) + len(segment)
        tail = tracks(JAPANESE)

        def read_far(offset, length):
            near = (first + segment + lead)[offset : offset + length]
            far = offset - start - 200 - gap
            return tail[far : far + length] if far >= 0 else near.ljust(length, b"\0")

        (track,) = read_tracks(read_far, start + 200 + gap + len(tail))
        assert track.language == "jpn"

    def test_a_seek_head_without_tracks_does_not_matter(self):
        data = ebml() + element(SEGMENT, seek_head(CUES, 9999), tracks(JAPANESE))
        assert only(data).language == "jpn"

    def test_a_file_that_was_cut_off_behind_its_tracks_is_read(self):
        whole = ebml() + element(SEGMENT, tracks(JAPANESE), element(CLUSTER, bytes(100 * KIB)))
        assert only(whole[: 2 * KIB]).language == "jpn"

    def test_one_read_of_a_page_is_enough_for_a_common_file(self):
        pieces = Pieces(matroska(JAPANESE) + bytes(100 * KIB))
        read_tracks(pieces, pieces.size)
        assert pieces.reads == [(0, 4 * KIB)]

    def test_long_codec_data_is_stepped_over(self):
        styles = element(PRIVATE, bytes(300 * KIB))
        entries = [entry(SUBTITLE_TRACK, styles, language="eng", name=f"Signs {n}") for n in range(40)]
        pieces = Pieces(matroska(*entries, JAPANESE))
        found = read_tracks(pieces, pieces.size)
        assert [track.title for track in found[:40]] == [f"Signs {n}" for n in range(40)]
        assert found[40].language == "jpn"
        assert pieces.total <= 64 * KIB


def rejected(data):
    with pytest.raises(HeaderError) as caught:
        read(data)
    return str(caught.value)


def cut_off(data):
    with pytest.raises(CutOffError) as caught:
        read(data)
    return str(caught.value)


class TestNotSure:
    def test_another_kind_of_ebml_file(self):
        assert "neither Matroska nor WebM at byte" in rejected(ebml("webp") + element(SEGMENT, tracks()))

    def test_an_ebml_header_of_unknown_size(self):
        assert "unknown size" in rejected(endless(EBML, value(0x4282, "matroska")))

    def test_no_segment(self):
        assert "no Segment" in rejected(ebml() + endless(INFO, bytes(9)))
        assert "no element ID" in rejected(ebml())

    def test_offsets_beyond_what_a_file_can_have(self):
        far = head(VOID) + b"\x01\xff\xff\xff\xff\xff\xff\xfe"
        assert "no element ID at byte" in rejected(ebml() + far)

    def test_no_tracks(self):
        assert "no Tracks at byte" in rejected(ebml() + element(SEGMENT, element(INFO)))

    def test_too_many_elements_before_the_tracks(self):
        gaps = element(VOID) * 4001
        assert "among the first elements" in rejected(ebml() + element(SEGMENT, gaps, tracks()))
        assert "no Segment" in rejected(ebml() + element(VOID) * 4001)

    def test_a_seek_head_that_lies(self):
        lead = seek_head(TRACKS, len(seek_head(TRACKS, 0)))
        assert "leads elsewhere" in rejected(
            ebml() + element(SEGMENT, lead, element(VOID, bytes(9)), tracks())
        )

    def test_a_seek_head_that_points_out_of_the_file(self):
        assert "no Tracks at byte" in rejected(
            ebml() + element(SEGMENT, seek_head(TRACKS, 1 << 60), tracks())
        )

    def test_a_seek_head_that_is_cut_off(self):
        whole = ebml() + element(SEGMENT, seek_head(TRACKS, 100))
        assert "the file ends too early" in cut_off(whole[:-3])

    def test_tracks_that_are_cut_off(self):
        whole = ebml() + element(SEGMENT, tracks(entry(name="x" * 500)))
        assert "an element that is cut off at byte" in cut_off(whole[:-200])
        endless_segment = ebml() + endless(SEGMENT, tracks(entry(name="x" * 500)))
        assert "an element that is cut off at byte" in cut_off(endless_segment[:-200])

    def test_a_file_that_ends_before_its_tracks(self):
        whole = ebml() + element(SEGMENT, element(CLUSTER, bytes(9000)), tracks())
        assert "no Tracks before the file's end" in cut_off(whole[:5000])
        assert "the file ends too early" in cut_off(ebml()[:9])

    def test_an_unknown_size_where_none_is_allowed(self):
        assert "an element of no known end" in rejected(ebml() + endless(SEGMENT, endless(TRACKS, JAPANESE)))
        assert "unknown size" in rejected(ebml() + endless(SEGMENT, endless(ATTACHMENTS), tracks()))
        broken = element(ENTRY, value(TYPE, 2), endless(NAME))
        assert "unknown size" in rejected(matroska(broken))
        large = element(TRACKS, element(VOID, bytes(20 * KIB)), endless(VOID))
        assert "unknown size" in rejected(ebml() + element(SEGMENT, large))

    def test_an_element_longer_than_its_parent(self):
        broken = element(ENTRY, value(TYPE, 2) + head(NAME) + b"\x8fshort")
        assert "longer than what holds it" in rejected(matroska(broken))
        large = element(TRACKS, element(VOID, bytes(20 * KIB)), b"\xae\x8f")
        assert "longer than what holds it" in rejected(ebml() + element(SEGMENT, large))

    @pytest.mark.parametrize("tail", [b"\x00\x81\x00", b"\x0f\xff\xff\xff\x81", b"\x53"])
    def test_bytes_that_are_no_element_id(self, tail):
        assert "no element ID" in rejected(matroska(element(ENTRY, value(TYPE, 2) + tail)))

    @pytest.mark.parametrize("tail", [b"\x86", b"\x86\x00", b"\x86\x10\x00"])
    def test_bytes_that_are_no_element_size(self, tail):
        assert "no element size" in rejected(matroska(element(ENTRY, value(TYPE, 2) + tail)))

    def test_neither_audio_nor_video(self):
        data = ebml() + element(SEGMENT, element(TRACKS, entry(SUBTITLE_TRACK)))
        assert "no audio and no video track" in rejected(data)

    def test_numbers_beyond_sense(self):
        bad = entry(default=bytes(9))
        data = matroska(bad)
        place = len(data) - len(bad) + len(head(ENTRY)) + len(size(0))
        assert rejected(data) == f"a number that is too long at byte {place}"
        seek = element(SEEK, value(SEEK_ID, bytes(9)))
        data = ebml() + element(SEGMENT, element(SEEK_HEAD, seek), tracks(JAPANESE))
        place = data.index(seek) + len(head(SEEK)) + len(size(0))
        assert rejected(data) == f"a number that is too long at byte {place}"
        audio = element(AUDIO, value(CHANNELS, 256))
        assert "too many channels" in rejected(matroska(entry(AUDIO_TRACK, audio)))

    def test_more_elements_than_any_track_has(self):
        many = entry(AUDIO_TRACK, element(VOID) * 17_000)
        assert "too many elements at byte" in rejected(matroska(many))

    def test_more_tracks_than_any_file_has(self):
        assert "too many tracks" in rejected(matroska(*[entry()] * 256))

    def test_more_bytes_than_are_allowed(self):
        entries = [
            entry(SUBTITLE_TRACK, element(PRIVATE, bytes(8 * KIB)), name="x" * 3000) for _ in range(90)
        ]
        assert "too much would have to be read at byte" in rejected(matroska(*entries))

    def test_the_error_carries_the_offset(self):
        with pytest.raises(HeaderError) as caught:
            read(ebml() + element(SEGMENT, element(INFO)))
        assert caught.value.offset == len(ebml()) + 5 + 5

    def test_only_the_video_track_type_makes_a_file_without_audio_a_video(self):
        assert read(ebml() + element(SEGMENT, element(TRACKS, entry(VIDEO_TRACK)))) == ()
