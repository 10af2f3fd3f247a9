"""Reading the audio and subtitle tracks of a video file, without Django and without an opinion about them."""

from scanner.probe.engines import probe
from scanner.probe.mediainfo import check_engine
from scanner.probe.storage import stat_fingerprint

__all__ = ["check_engine", "probe", "stat_fingerprint"]
