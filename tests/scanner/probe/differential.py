"""Compare the engines on thousands of files: `script/differential`.

Exits with 1 where a difference is not explained in docs/probe.md.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from . import comparing, specimens, tools


def files(folder, sources, *, own=0, ffmpeg=0, mkvmerge=0):
    """So many files of each kind, one after the other."""
    yield from specimens.own(folder, own)
    yield from specimens.ffmpegs(folder, sources, ffmpeg)
    yield from specimens.mkvmerges(folder, sources, mkvmerge)


def compared(paths):
    """The comparison over these files, each deleted once it was read."""
    comparison = comparing.Comparison()
    for path in paths:
        comparison.add(path)
        path.unlink()
    return comparison


def report(comparison):
    """Lines for a person."""
    yield f"{comparison.files} files, {comparison.fields} fields of tracks compared"
    for (name, tool), count in sorted(comparison.explained.items()):
        yield f"{count:>8}  {tool:<10} {name}"
    for path, note in comparison.not_by_header:
        yield f"not read by the header reader: {path.name}: {note}"
    for found in comparison.unexplained[:50]:
        words = f"{found.tool} {found.what}: {found.ours!r}, not {found.theirs!r}"
        yield f"NOT EXPLAINED: {found.path.name}: {words}"
    yield f"{len(comparison.unexplained)} differences are not explained"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--own", type=int, default=2000, help="files of our own writer")
    parser.add_argument("--ffmpeg", type=int, default=600)
    parser.add_argument("--mkvmerge", type=int, default=600)
    counts = vars(parser.parse_args())
    if tools.MISSING:
        sys.exit(f"Not installed: {', '.join(tools.MISSING)}. Install the packages ffmpeg and mkvtoolnix.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        comparison = compared(files(folder, specimens.Sources(folder / "sources"), **counts))
    for line in report(comparison):
        sys.stdout.write(line + "\n")
    sys.exit(1 if comparison.unexplained or comparison.not_by_header else 0)


if __name__ == "__main__":
    main()
