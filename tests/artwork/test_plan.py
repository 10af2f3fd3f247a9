"""What has to be written: the rules alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from artwork.publishing.plan import NFO, File, Found, in_order, make_plan, shortened, undo_of

PATHS = st.sampled_from(["poster.jpg", "fanart.jpg", "movie.nfo", "Season 01/a-thumb.jpg"])
DIGESTS = st.sampled_from(["a", "b", "c"])


def art(path: str) -> str:
    return NFO if path.endswith(".nfo") else "poster"


FILES = st.dictionaries(PATHS, DIGESTS).map(
    lambda of: [File(path, digest, 1, art(path)) for path, digest in of.items()]
)
FOLDERS = st.dictionaries(PATHS, DIGESTS.map(lambda digest: Found(digest, 1, 1)))


def after(folder: dict[str, Found], writes: object) -> dict[str, str]:
    """What a folder holds when all is written."""
    held = {path: found.digest for path, found in folder.items()}
    for write in writes:  # type: ignore[attr-defined]
        if write.digest is None:
            held.pop(write.path)
        else:
            held[write.path] = write.digest
    return held


@given(FILES, FOLDERS, FILES)
def test_a_folder_holds_what_is_wanted_and_nothing_of_others_goes(wanted, folder, own):
    ours = {file.path: file for file in own}
    plan = make_plan(wanted, folder, ours, ours)
    held = after(folder, plan.writes)

    assert all(held[file.path] == file.digest for file in wanted)
    paths = {file.path for file in wanted}
    for path, found in folder.items():
        if path not in paths:
            is_ours = path in ours and ours[path].digest == found.digest
            assert held.get(path) == (None if is_ours else found.digest)
    assert {file.path for file in plan.standing} == paths - {write.path for write in plan.writes}


@given(FILES, FOLDERS, FILES)
def test_what_is_written_can_be_undone(wanted, folder, own):
    ours = {file.path: file for file in own}
    plan = make_plan(wanted, folder, ours, ours)
    written = {path: Found(digest, 1, 1) for path, digest in after(folder, plan.writes).items()}
    undone = undo_of(plan.writes, written)

    assert after(written, undone.writes) == {path: found.digest for path, found in folder.items()}
    assert make_plan(wanted, written, ours, ours).writes == ()


@given(FILES, FOLDERS, FILES)
def test_nfos_are_last(wanted, folder, own):
    ours = {file.path: file for file in own}
    writes = make_plan(wanted, folder, ours, ours).writes
    kinds = [write.art == NFO for write in writes]

    assert kinds == sorted(kinds)
    assert in_order(reversed(writes)) != () or not writes


def test_long_names_are_shortened():
    assert shortened("a" * 300) == "a" * 60 + "…" + "a" * 39
    assert shortened("a.jpg") == "a.jpg"
