"""The NFO files of the demo library, in the shapes that Kodi, Jellyfin and Emby leave behind."""

from __future__ import annotations

from xml.sax.saxutils import escape

from demo.arr.state import Kind
from demo.titles import Title


def nfo_bytes(title: Title, kind: Kind, number: int) -> bytes:
    """The NFO of a title in the form that `title.nfo` names.

    `plain` is what most programs write; `url` has an address after the closing tag (Kodi's combination NFO);
    `bom` starts with a byte order mark; `crlf` has Windows line ends and a comment.
    """
    root = "tvshow" if kind == "sonarr" else "movie"
    lines = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        f"<{root}>",
        f"  <title>{escape(title.title)}</title>",
        f"  <year>{title.year}</year>",
        f"  <plot>{escape(title.shows)}</plot>",
        *([f"  <originallanguage>{escape(title.original)}</originallanguage>"] if title.original else []),
        *(f"  <genre>{escape(genre)}</genre>" for genre in title.genres),
        *(f"  <tag>{escape(tag)}</tag>" for tag in title.tags),
        f'  <uniqueid type="tvdb" default="true">{70000 + number}</uniqueid>',
        f"</{root}>",
        "",
    ]
    if title.nfo == "crlf":
        lines.insert(2, "  <!-- kept as it is -->")
        return "\r\n".join(lines).encode()
    text = "\n".join(lines)
    if title.nfo == "url":
        text += f"https://library.example/{root}/{number}\n"
    return b"\xef\xbb\xbf" + text.encode() if title.nfo == "bom" else text.encode()
