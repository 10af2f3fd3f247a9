"""The same file laid out in other ways: what is before what, how sizes are written, what lies in between."""

import struct
from collections.abc import Iterator

from .building import (
    ATTACHMENTS,
    CLUSTER,
    CRC,
    CUES,
    SEEK_HEAD,
    SEGMENT,
    TRACKS,
    VOID,
    box,
    element,
    endless,
    large_box,
    seek_head,
    value,
)

KIB = 1024


def top_level(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """ID and whole bytes of each Matroska element in `data`."""
    found = []
    place = 0
    while place < len(data):
        ident_width = 9 - data[place].bit_length()
        ident = int.from_bytes(data[place : place + ident_width], "big")
        size_width = 9 - data[place + ident_width].bit_length()
        body = place + ident_width + size_width
        size = int.from_bytes(data[place + ident_width : body], "big") & (1 << 7 * size_width) - 1
        found.append((ident, data[place : body + size], data[body : body + size]))
        place = body + size
    return found


class Film:
    """A Matroska file taken apart: its EBML header and what is in its Segment, without SeekHead and Cues."""

    def __init__(self, data: bytes) -> None:
        (_, self.head, _), (_, _, segment) = top_level(data)
        self.parts = {ident: (whole, inner) for ident, whole, inner in top_level(segment)}
        self.info = b"".join(
            whole
            for ident, (whole, _) in self.parts.items()
            if ident not in (SEEK_HEAD, CUES, TRACKS, CLUSTER)
        )
        self.tracks, self.tracks_body = self.parts[TRACKS]
        self.cluster, self.cluster_body = self.parts[CLUSTER]

    def with_lead(self, *before: bytes, tracks: bytes = b"", after: bytes = b"") -> bytes:
        """A SeekHead, then these elements, the tracks, and the rest; the Segment's size is unknown."""
        lead = seek_head(TRACKS, len(seek_head(TRACKS, 0)) + sum(len(part) for part in before))
        return self.head + endless(SEGMENT, lead, *before, tracks or self.tracks, after)


def no_seek_head(film: Film) -> bytes:
    return film.head + element(SEGMENT, film.info, film.tracks, film.cluster)


def voids(film: Film) -> bytes:
    gap = element(VOID, bytes(4000))
    return film.head + element(SEGMENT, gap, film.info, gap, film.tracks, gap, film.cluster)


def checksums(film: Film) -> bytes:
    # Zero is the wrong sum: readers that check it say so, and read on.
    return film.head + element(
        SEGMENT, film.info, element(TRACKS, element(CRC, bytes(4)), film.tracks_body), film.cluster
    )


def wide_sizes(film: Film) -> bytes:
    inner = b"".join(
        element(ident, body, width=8) if ident == 0xAE else whole
        for ident, whole, body in top_level(film.tracks_body)
    )
    tracks = element(TRACKS, inner, width=8)
    return film.head + element(
        SEGMENT, film.info, tracks, element(CLUSTER, film.cluster_body, width=8), width=8
    )


def live(film: Film) -> bytes:
    return film.head + endless(SEGMENT, film.info, film.tracks, endless(CLUSTER, film.cluster_body), width=8)


def tracks_last(film: Film) -> bytes:
    return film.with_lead(film.info, film.cluster)


def tracks_last_unannounced(film: Film) -> bytes:
    return film.head + element(SEGMENT, film.info, film.cluster, film.tracks)


def tracks_behind_an_endless_cluster(film: Film) -> bytes:
    return film.with_lead(film.info, endless(CLUSTER, film.cluster_body, width=4))


def attachments_first(film: Film) -> bytes:
    font = element(
        0x61A7,
        value(0x466E, "a.ttf"),
        value(0x4660, "font/ttf"),
        element(0x465C, bytes(300 * KIB)),
        value(0x46AE, 1),
    )
    return film.with_lead(film.info, element(ATTACHMENTS, font), after=film.cluster)


MATROSKA = {
    layout.__name__: layout
    for layout in (
        no_seek_head,
        voids,
        checksums,
        wide_sizes,
        live,
        tracks_last,
        tracks_last_unannounced,
        tracks_behind_an_endless_cluster,
        attachments_first,
    )
}


# MP4


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and whole bytes of each box in `data`."""
    place = 0
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        yield kind, data[place : place + size]
        place += size


def shifted(moov: bytes, by: int) -> bytes:
    """`moov` with every chunk offset moved by so many bytes; its tables are of the 32-bit kind."""
    patched = bytearray(moov)
    place = patched.find(b"stco")
    while place >= 0:
        (count,) = struct.unpack_from(">I", patched, place + 8)
        for number in range(count):
            at = place + 12 + 4 * number
            struct.pack_into(">I", patched, at, struct.unpack_from(">I", patched, at)[0] + by)
        place = patched.find(b"stco", place + 4)
    return bytes(patched)


def moov_last(kind: bytes, moov: bytes, data: bytes) -> bytes:
    return kind + data + shifted(moov, -len(moov))


def large_data(kind: bytes, moov: bytes, data: bytes) -> bytes:
    return kind + shifted(moov, 8) + large_box(b"mdat", len(data) + 8, data[8:])


def large_data_first(kind: bytes, moov: bytes, data: bytes) -> bytes:
    return kind + large_box(b"mdat", len(data) + 8, data[8:]) + shifted(moov, 8 - len(moov))


def free_space(kind: bytes, moov: bytes, data: bytes) -> bytes:
    return kind + box(b"free", bytes(5000)) + shifted(moov, 5008) + box(b"free", bytes(8)) + data


def last_box_without_size(kind: bytes, moov: bytes, data: bytes) -> bytes:
    return kind + moov + struct.pack(">I", 0) + data[4:]


def large_moov(kind: bytes, moov: bytes, data: bytes) -> bytes:
    return kind + struct.pack(">I4sQ", 1, b"moov", len(moov) + 8) + shifted(moov, 8)[8:] + data


def quicktime(_: bytes, moov: bytes, data: bytes) -> bytes:
    # No ftyp at all: the oldest QuickTime.
    kind_length = 32
    return box(b"wide") + data + shifted(moov, 8 - kind_length - len(moov))


MP4 = {
    layout.__name__: layout
    for layout in (
        moov_last,
        large_data,
        large_data_first,
        free_space,
        last_box_without_size,
        large_moov,
        quicktime,
    )
}


def laid_out(data: bytes, layout: str) -> bytes:
    """The file `data`, of the demo's writer, in the layout of that name; "plain" is its own."""
    if layout == "plain":
        return data
    if layout in MATROSKA:
        return MATROSKA[layout](Film(data))
    parts = dict(boxes(data))
    return MP4[layout](parts[b"ftyp"], parts[b"moov"], parts[b"mdat"])
