"""One short name for each codec, whichever engine read it."""

from __future__ import annotations

# (Format, Format_Profile) of MediaInfo; its own name stands for what is not here.
MEDIAINFO_CODECS: dict[tuple[str, str], str] = {
    ("MLP FBA", ""): "TrueHD",
    ("MPEG Audio", "Layer 3"): "MP3",
    ("MPEG Audio", "Layer 2"): "MP2",
    ("MPEG Audio", "Layer 1"): "MP1",
    ("UTF-8", ""): "SubRip",
}
