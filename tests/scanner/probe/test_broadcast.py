"""What the descriptors of a transport stream say of its audio."""

import shutil
import subprocess

import pytest

from scanner.probe.broadcast import BUDGET, Voice, read_voices
from scanner.probe.engines import probe
from scanner.probe.naming import NO_ROLE, Role

from .building import Pieces, iso639, packets, pat, pmt, section, supplementary

COMMENTARY, DESCRIPTION = Role(commentary=True), Role(descriptive=True)
HARD_OF_HEARING = Role(hearing_impaired=True)

AUDIO, TABLE = 0x101, 0x1000
FILLING = packets(0x1FFF, bytes(183)) * 8
ENGLISH = (Voice("eng", NO_ROLE),)
needs_ffmpeg = pytest.mark.skipif(
    not shutil.which("ffmpeg"), reason="ffmpeg is not installed: no transport stream can be made"
)


def stream(descriptors):
    return packets(0, pat({1: TABLE})) + packets(TABLE, pmt({AUDIO: descriptors})) + FILLING


def voices(data, *pids):
    return read_voices(Pieces(data), len(data), pids or (AUDIO,))


def only(descriptors):
    return voices(stream(descriptors))[AUDIO]


class TestDescriptors:
    @pytest.mark.parametrize(
        ("audio_type", "role"),
        [(0, NO_ROLE), (1, NO_ROLE), (2, HARD_OF_HEARING), (3, DESCRIPTION), (9, NO_ROLE)],
    )
    def test_whom_a_stream_is_for(self, audio_type, role):
        assert only(iso639(("eng", audio_type))) == (Voice("eng", role),)

    def test_one_stream_may_speak_two_languages(self):
        both = iso639(("deu", 0), ("fra", 0))
        assert only(both) == (Voice("deu", NO_ROLE), Voice("fra", NO_ROLE))
        assert only(iso639(("deu", 0)) + iso639(("fra", 0))) == only(both)

    def test_of_two_voices_in_a_language_one_may_be_a_description(self):
        assert only(iso639(("eng", 0), ("eng", 3))) == (Voice("eng", NO_ROLE), Voice("eng", DESCRIPTION))
        assert only(iso639(("eng", 0), ("eng", 0))) == ENGLISH

    @pytest.mark.parametrize(
        ("classification", "role"),
        [(0, NO_ROLE), (1, DESCRIPTION), (2, HARD_OF_HEARING), (3, DESCRIPTION), (0x17, NO_ROLE)],
    )
    def test_supplementary_audio(self, classification, role):
        assert only(iso639(("eng", 0)) + supplementary(classification)) == (Voice("eng", role),)
        assert only(supplementary(classification)) == (Voice("", role),)

    def test_the_language_of_supplementary_audio_overrides_the_other(self):
        assert only(iso639(("eng", 0)) + supplementary(1, "fra")) == (Voice("fra", DESCRIPTION),)
        assert only(supplementary(0, "fra")) == (Voice("fra", NO_ROLE),)

    @pytest.mark.parametrize("tag", [0x6A, 0x7A])
    def test_the_service_of_dolby(self, tag):
        def service(number):
            return bytes([tag, 2, 0x80, 0x40 | number << 3])

        roles: dict[int, Role] = {0: NO_ROLE, 2: DESCRIPTION, 3: HARD_OF_HEARING, 5: COMMENTARY}
        for number, role in roles.items():
            assert only(iso639(("eng", 0)) + service(number)) == (Voice("eng", role),)
        assert only(bytes([tag, 2, 0x00, 2 << 3])) == (Voice("", NO_ROLE),)

    def test_other_descriptors_and_ones_that_are_cut_off_say_nothing(self):
        for noise in (b"\x52\x01\x07", b"\x7f\x02\x05\x84", b"\x6a\x00", b"\x7f\x01\x06", b"\x0a\x03eng"):
            assert only(noise + iso639(("eng", 0))) == ENGLISH
        assert only(b"\x0a") == only(b"\x0a\x50en") == (Voice("", NO_ROLE),)


class TestStream:
    PLAIN = stream(iso639(("eng", 0)))

    @pytest.mark.parametrize(("before", "behind"), [(0, 0), (4, 0), (0, 16)])
    def test_packets_of_every_size(self, before, behind):
        data = b"".join(
            bytes(before) + self.PLAIN[place : place + 188] + bytes(behind)
            for place in range(0, len(self.PLAIN), 188)
        )
        assert voices(data) == {AUDIO: ENGLISH}

    def test_a_recording_may_begin_within_a_packet(self):
        assert voices(b"\x47" + bytes(99) + self.PLAIN) == {AUDIO: ENGLISH}

    def test_the_step_may_be_lost(self):
        assert voices(FILLING + bytes(50) + self.PLAIN) == {AUDIO: ENGLISH}

    def test_a_table_may_take_many_packets(self):
        many = {pid: iso639(("fra", 0)) + bytes([0x52, 99]) + bytes(99) for pid in range(0x200, 0x206)}
        table = pmt({**many, AUDIO: iso639(("eng", 0))})
        assert len(table) > 3 * 188
        assert voices(packets(0, pat({1: TABLE})) + packets(TABLE, table) + FILLING) == {AUDIO: ENGLISH}

    def test_a_section_may_begin_in_the_packet_where_another_ends(self):
        first, second = pmt({0x200: bytes([0x52, 200]) + bytes(200)}), pmt({AUDIO: iso639(("eng", 0))})
        one = packets(TABLE, first)
        rest = len(first) - 183
        joined = b"\x47\x50\x00\x11" + bytes([rest]) + first[183:] + second
        data = packets(0, pat({1: TABLE})) + one[:188] + joined.ljust(188, b"\xff") + FILLING
        assert rest > 0
        assert voices(data) == {AUDIO: ENGLISH}

    def test_what_stands_before_the_payload_is_stepped_over(self):
        table = pmt({AUDIO: iso639(("eng", 0))})
        packet = b"\x47\x50\x00\x30" + bytes([7]) + bytes(7) + b"\0" + table
        assert voices(packets(0, pat({1: TABLE})) + packet.ljust(188, b"\xff") + FILLING) == {AUDIO: ENGLISH}

    def test_a_damaged_table_is_left_for_the_next(self):
        damaged = self.PLAIN.replace(b"eng\0", b"fra\0")
        assert voices(damaged) == {}
        assert voices(damaged + self.PLAIN) == {AUDIO: ENGLISH}

    def test_a_table_that_is_not_yet_in_force_does_not_count(self):
        early = packets(TABLE, pmt({AUDIO: iso639(("fra", 0))}, in_force=False))
        other = packets(TABLE, section(0x40, 1, bytes(9)))
        assert voices(packets(0, pat({1: TABLE})) + early + other + self.PLAIN) == {AUDIO: ENGLISH}

    def test_damaged_packets_and_such_without_payload_are_left_out(self):
        start = packets(0, pat({1: TABLE}))
        table = packets(TABLE, pmt({AUDIO: iso639(("eng", 0))}))
        for broken in (b"\x47\xd0" + table[2:], table[:3] + b"\x20" + table[4:]):
            assert voices(start + broken + FILLING) == {}

    def test_every_programme_is_looked_at(self):
        tables = packets(0, pat({0: 0x10, 1: TABLE, 2: TABLE + 1}))
        tables += packets(TABLE, pmt({0x200: iso639(("fra", 0))}))
        tables += packets(TABLE + 1, pmt({AUDIO: iso639(("eng", 0))}, programme=2)) + FILLING
        assert voices(tables, AUDIO, 0x200) == {AUDIO: ENGLISH, 0x200: (Voice("fra", NO_ROLE),)}

    def test_no_more_is_read_than_is_needed(self):
        source = Pieces(self.PLAIN + FILLING * 1000)
        assert read_voices(source, source.size, [AUDIO]) == {AUDIO: ENGLISH}
        assert len(source.reads) == 1

    def test_no_more_is_read_than_is_allowed(self):
        source = Pieces(self.PLAIN + FILLING * (BUDGET // len(FILLING) + 100))
        assert read_voices(source, source.size, [AUDIO, 0x300]) == {AUDIO: ENGLISH}
        assert BUDGET / 2 < source.total <= BUDGET

    def test_no_more_sections_are_looked_at_than_make_sense(self):
        tables = b"".join(packets(TABLE, pmt({number: iso639(("fra", 0))})) for number in range(0x200, 0x240))
        start = packets(0, pat({1: TABLE}))
        assert voices(start + tables + self.PLAIN) == {}
        assert voices(start + tables[188 * 3 :] + self.PLAIN) == {AUDIO: ENGLISH}

    def test_no_more_packets_of_tables_are_looked_at_than_make_sense(self):
        source = Pieces(packets(0, bytes(183)) * 22_000)
        assert read_voices(source, source.size, [AUDIO]) == {}
        assert source.total <= 512 * 1024

    def test_a_section_longer_than_any_is_none(self):
        long = packets(TABLE, section(2, 1, bytes(1100)))
        assert voices(packets(0, pat({1: TABLE})) + long + self.PLAIN) == {AUDIO: ENGLISH}

    def test_what_is_no_transport_stream_says_nothing(self):
        assert voices(bytes(5000)) == voices(b"") == voices(b"\x47" * 100) == {}


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Makes a real transport stream with these descriptors at its audio streams."""
    folder = tmp_path_factory.mktemp("recordings")

    def make(*descriptors, codec="mp2"):
        path = folder / "recording.ts"
        sources = ["-f", "lavfi", "-i", "color=s=64x64:d=1", "-f", "lavfi", "-i", "sine=d=1"]
        maps = ["-map", "0", *["-map", "1"] * len(descriptors)]
        coding = ["-c:v", "mpeg2video", "-c:a", codec]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *sources, *maps, *coding, path], check=True)
        data = bytearray(path.read_bytes())
        table = packets(TABLE, pmt(dict(enumerate(descriptors, AUDIO))))
        assert len(table) == 188
        for place in range(0, len(data), 188):
            if data[place + 1 : place + 3] == b"\x50\x00":
                data[place : place + 188] = table
        path.write_bytes(data)
        return probe(path).facts.audio

    return make


@needs_ffmpeg
class TestWithMediaInfo:
    """The tracks of a recording, which MediaInfo lists and the descriptors complete."""

    def test_descriptions_and_sound_for_the_hearing_impaired(self, recording):
        tracks = recording(*(iso639(("eng", number)) for number in range(4)), supplementary(1, "eng"))
        assert [track.language for track in tracks] == ["eng"] * 5
        assert [track.descriptive for track in tracks] == [False, False, False, True, True]
        assert [track.hearing_impaired for track in tracks] == [False, False, True, False, False]

    def test_two_languages_of_one_stream_are_two_tracks(self, recording):
        tracks = recording(iso639(("deu", 0), ("eng", 0)), iso639(("fra", 0)))
        assert [(track.index, track.language) for track in tracks] == [(0, "deu"), (1, "eng"), (2, "fra")]

    def test_a_narration_of_freeview_is_a_description(self, recording):
        assert [track.language for track in recording(iso639(("eng", 0)), iso639(("nar", 0)))] == [
            "eng",
            "qad",
        ]

    def test_a_stream_without_descriptors_names_no_language(self, recording):
        assert [track.language for track in recording(iso639(("eng", 0)), b"")] == ["eng", None]
