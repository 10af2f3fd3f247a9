"""The header reader on Ogg and OGM: what it takes from each stream, and where it gives up."""

import shutil
import struct
import subprocess

import pytest

from scanner.probe.engines import probe, read_tracks
from scanner.probe.tracks import Track
from scanner.probe.window import CutOffError, HeaderError

from .building import THEORA, Pieces, comments, ogg, ogm, page, read, vorbis

KIB = 1024
TAGS = comments("LANGUAGE=jpn", "TITLE=Original")
JAPANESE = (vorbis(), b"\x03vorbis" + TAGS)
FLAC = b"\x7fFLAC\1\0\0\1fLaC\0\0\0\x22" + bytes(10) + b"\x0b\xb8\x0a\xf0" + bytes(20)
SPEEX = b"Speex   " + bytes(40) + struct.pack("<I", 2) + bytes(28)
KATE = b"\x80kate\0\0\0" + bytes(24) + b"pt-BR".ljust(16, b"\0") + b"SUB".ljust(16, b"\0")


def only(first, second):
    (track,) = read(ogg((first, second)))
    return track


class TestTrack:
    def test_each_stream_has_its_own_title_and_the_order_is_the_files(self):
        spoken = [("jpn", "Original"), ("eng", "Dub"), ("ger", "Audiokommentar")]
        streams = [
            (vorbis(), b"\x03vorbis" + comments(f"language={code}", f"title={title}"))
            for code, title in spoken
        ]
        found = read(ogg(*streams))
        assert [(track.language, track.title) for track in found] == [
            ("jpn", "Original"),
            ("eng", "Dub"),
            ("deu", "Audiokommentar"),
        ]
        assert [track.index for track in found] == [0, 1, 2]

    def test_a_title_of_the_video_is_no_title_of_a_track(self):
        streams = [page(1, THEORA, first=True), page(2, vorbis(), first=True)]
        streams += [page(1, b"\x81theora" + comments("TITLE=The film")), page(2, b"\x03vorbis" + comments())]
        assert read(b"".join(streams)) == (Track("audio", 0, codec="Vorbis", channels=2),)

    @pytest.mark.parametrize(
        ("first", "prefix", "codec", "channels"),
        [
            (vorbis(6), b"\x03vorbis", "Vorbis", 6),
            (b"OpusHead\1\2" + bytes(9), b"OpusTags", "Opus", 2),
            (FLAC, b"\x04\0\0\x30", "FLAC", 6),
            (FLAC, b"\x84\0\0\x30", "FLAC", 6),
            (SPEEX, b"", "Speex", 2),
            (ogm(b"audio", b"2000", 6), b"\x03vorbis", "AC-3", 6),
            (ogm(b"audio", b"0055", 2), b"\x03vorbis", "MP3", 2),
            (ogm(b"audio", b"00FF", 2), b"\x03vorbis", "AAC", 2),
            (ogm(b"audio", b"0160", 2), b"\x03vorbis", "0160", 2),
        ],
    )
    def test_every_codec(self, first, prefix, codec, channels):
        assert only(first, prefix + TAGS) == Track(
            "audio", 0, language="jpn", title="Original", codec=codec, channels=channels
        )

    def test_subtitles(self):
        text = (ogm(b"text"), b"\x03vorbis" + comments("LANGUAGE=German", "TITLE=Schilder"))
        kate = (KATE, b"\x81kate\0\0\0\0" + comments("TITLE=Falas"))
        assert read(ogg(JAPANESE, text, kate))[1:] == (
            Track("text", 0, language="deu", title="Schilder", codec="SubRip"),
            Track("text", 1, language="por", region="br", title="Falas", codec="Kate"),
        )

    @pytest.mark.parametrize(
        ("words", "language"),
        [
            ("German", "deu"),
            ("ger", "deu"),
            ("German [ger]", "deu"),
            ("Deutschspur (de)", "deu"),
            ("English (forced)", "eng"),
            ("Klingonish", "und"),
            ("", None),
        ],
    )
    def test_languages_in_words(self, words, language):
        assert only(vorbis(), b"\x03vorbis" + comments(f"LANGUAGE={words}")).language == language

    def test_the_first_of_two_comments_of_a_name_counts(self):
        twice = b"\x03vorbis" + comments("TITLE=One", "title=Two", "nonsense", b"TITLE\xff=x")
        assert only(vorbis(), twice).title == "One"

    def test_text_that_is_not_utf8_is_what_windows_wrote(self):
        assert only(vorbis(), b"\x03vorbis" + comments(b"TITLE=Caf\xe9")).title == "Café"

    def test_oggds_may_write_no_comments(self):
        assert only(ogm(b"audio", b"0055", 2), b"\x08data") == Track("audio", 0, codec="MP3", channels=2)

    @pytest.mark.parametrize("cut", range(7, 60))
    def test_comments_that_are_cut_off_are_read_as_far_as_they_go(self, cut):
        whole = b"\x03vorbis" + comments("LANGUAGE=jpn", "TITLE=Original")
        # Half a code may look like one ("jp"), and what looks like one is kept as it stands.
        assert only(vorbis(), whole[:cut]).language in (None, "und", "jp", "jpn")

    def test_streams_that_tell_of_others_are_no_tracks(self):
        skeleton = (b"fishead\0" + bytes(56), b"")
        assert [track.language for track in read(ogg(skeleton, JAPANESE))] == ["jpn"]

    def test_video_alone_is_no_error(self):
        assert read(ogg()) == read(ogg(video=ogm(b"video", b"XVID"))) == read(ogg(video=b"OVP80\1")) == ()


class TestLayout:
    def test_comments_over_many_pages(self):
        tags = b"\x03vorbis" + comments("COVER=" + "x" * 20_000, "LANGUAGE=jpn", "TITLE=Original")
        cut = 255 * 60
        streams = [
            page(1, vorbis(), first=True),
            page(1, tags[:cut], ends=False),
            page(1, tags[cut:], begun=True),
        ]
        (track,) = read(b"".join(streams))
        assert (track.language, track.title) == ("jpn", "Original")

    def test_a_packet_may_end_with_a_page(self):
        tags = b"\x03vorbis" + comments("LANGUAGE=jpn", "PAD=" + "x" * 500)
        tags += bytes(-len(tags) % 255)
        streams = [page(1, vorbis(), first=True), page(1, tags, ends=False), page(1, b"", begun=True)]
        assert read(b"".join(streams))[0].language == "jpn"

    def test_what_is_not_wanted_is_stepped_over(self):
        large = page(900, bytes(255 * 254))
        data = ogg(JAPANESE)
        place = data.index(page(899, JAPANESE[1]))
        pieces = Pieces(data[:place] + large * 20 + data[place:])
        assert read_tracks(pieces, pieces.size)[0].language == "jpn"
        assert pieces.total <= 30 * 4 * KIB


def rejected(data):
    with pytest.raises(HeaderError) as caught:
        read(data)
    return str(caught.value)


class TestNotSure:
    def test_streams_of_unknown_kinds(self):
        for first in (
            b"\x01Direct Show Samples embedded in Ogg" + bytes(150),
            b"CELT    ",
            b"",
            b"\x01vorbis",
        ):
            assert "a stream of an unknown kind at byte 28" in rejected(page(1, first, first=True))

    def test_streams_that_do_not_begin_together(self):
        late = ogg(JAPANESE) + page(5, vorbis(), first=True)
        assert read(late)
        early = page(1, vorbis(), first=True) + page(2, vorbis(), first=True)
        assert "begins too late" in rejected(early + page(1, JAPANESE[1]) + page(3, vorbis(), first=True))
        assert "begins too late" in rejected(early + page(1, vorbis(), first=True))
        assert "a page of no stream" in rejected(early + page(7, b"x"))

    def test_parts_that_do_not_fit_together(self):
        start = page(1, vorbis(), first=True)
        assert "do not fit together" in rejected(start + page(1, JAPANESE[1], begun=True))
        half = page(1, bytes(255), ends=False)
        assert "do not fit together" in rejected(start + half + page(1, bytes(9)))

    def test_comments_beyond_sense(self):
        parts = [page(1, bytes(255 * 255), ends=False, begun=number > 0) for number in range(3)]
        assert "comments that are too long" in rejected(page(1, vorbis(), first=True) + b"".join(parts))

    def test_no_second_packet(self):
        assert "without a second packet" in rejected(page(1, vorbis(), first=True))

    def test_no_page(self):
        assert "no Ogg page" in rejected(page(1, vorbis(), first=True) + bytes(100))
        assert "no Ogg page" in rejected(b"OggS\1" + bytes(100))

    def test_a_file_that_is_cut_off(self):
        whole = page(1, vorbis(), first=True) + page(1, JAPANESE[1])
        for cut in (40, 62, 90, len(whole) - 1):
            with pytest.raises(CutOffError):
                read(whole[:cut])

    def test_neither_audio_nor_video(self):
        assert "no audio and no video track" in rejected(page(1, ogm(b"text"), first=True) + page(1, b"x"))

    def test_more_tracks_and_pages_than_any_file_has(self):
        many = [page(number, vorbis(), first=True) for number in range(257)]
        assert "too many tracks" in rejected(b"".join(many))
        both = page(1, vorbis(), first=True) + page(2, THEORA, first=True)
        assert "too many pages" in rejected(both + page(2, b"") * 4100)
        assert "too much would have to be read" in rejected(both + page(2, bytes(4000)) * 4000)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed: no Ogg can be made")
def test_a_real_file_agrees_with_mediainfo_but_for_order_and_titles(tmp_path):
    path = tmp_path / "film.ogv"
    sources = ["-f", "lavfi", "-i", "color=s=64x64:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    tracks = {"libvorbis": ("jpn", "Original ラ"), "libopus": ("eng", "Dub"), "flac": ("ger", "Kommentar")}
    words = []
    for number, (codec, (language, title)) in enumerate(tracks.items()):
        words += ["-map", "1", f"-c:a:{number}", codec, f"-metadata:s:a:{number}", f"language={language}"]
        words += [f"-metadata:s:a:{number}", f"title={title}"]
    command = ["ffmpeg", "-v", "error", *sources, "-map", "0", "-c:v", "libtheora", *words, str(path)]
    subprocess.run(command, check=True)
    facts, other = probe(path).facts, probe(path, engine="mediainfo").facts
    assert facts.engine == "header"
    assert [(track.language, track.title, track.codec) for track in facts.audio] == [
        ("jpn", "Original ラ", "Vorbis"),
        ("eng", "Dub", "Opus"),
        ("deu", "Kommentar", "FLAC"),
    ]
    seen = [sorted((one.language, one.codec, one.channels) for one in told.audio) for told in (facts, other)]
    assert seen[0] == seen[1]
