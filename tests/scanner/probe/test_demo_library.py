"""The demo library gets the same verdicts from either engine, save where only the header tells."""

import pytest

from core.errors import ProbeError
from demo.library import build_library
from scanner.languages.codes import Language
from scanner.probe.engines import probe
from scanner.verdict.file import Rules, decide_file

RULES = Rules(targets=(Language("eng"),))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every video file of the demo library that can be read, with the facts of both engines."""
    folder = tmp_path_factory.mktemp("demo")
    build_library(folder)
    found = []
    for path in sorted((folder / "media").rglob("*")):
        if path.suffix in (".mkv", ".mp4") and path.is_file():
            try:
                found.append((path.name, probe(path).facts, probe(path, engine="mediainfo").facts))
            except ProbeError:
                continue
    return found


def only_the_header_tells(facts):
    """docs/probe.md: a missing language, and flags that MediaInfo does not show."""
    return any(track.language is None or track.commentary or track.descriptive for track in facts.audio)


@pytest.mark.parametrize("original", ["jpn", "eng", "kor"])
def test_the_verdicts_are_the_same_with_either_engine(files, original):
    differing = [
        name
        for name, header, other in files
        if not only_the_header_tells(header)
        and decide_file(header, RULES, Language(original)) != decide_file(other, RULES, Language(original))
    ]
    assert differing == []


def test_nearly_all_is_read_by_the_header_reader(files):
    assert len(files) > 300
    assert [name for name, header, _ in files if header.engine != "header"] == []


def test_a_commentary_that_only_a_flag_tells_is_seen_by_the_header_reader_alone(files):
    flagged = [
        (header, other) for _, header, other in files if any(track.commentary for track in header.audio)
    ]
    assert flagged
    assert not any(track.commentary for _, other in flagged for track in other.audio)
