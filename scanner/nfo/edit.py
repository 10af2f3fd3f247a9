"""The labels in an NFO: our own `<tag>` and `<genre>` elements come and go, every other byte stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from xml.sax.saxutils import escape

from library.nfo import DUB_GENRE, Outline, Splice, fold, insertion, read_outline, removal, spliced


def edit_nfo(
    data: bytes, *, add_tags: Iterable[str], managed: Collection[str], dub_genre: bool | None = None
) -> bytes:
    """Return the NFO `data` with just those of the `managed` tags that `add_tags` names.

    `managed` holds every label that Taggarr ever wrote; `<tag>` children of the root element with one of
    these texts (upper or lower case) are ours, all others are foreign. A label that is not managed is not
    added: it could never be removed again. `dub_genre` adds (True) or removes (False) `<genre>Dub</genre>`,
    or leaves the genres alone (None). All else stays byte for byte: what needs no change comes back
    identical, and removing what was added gives the original bytes.

    Raises NfoError, in one sentence, where the NFO is empty, no XML, malformed, hostile or above `MAX_SIZE`.
    """
    ours = {fold(label) for label in managed}
    wanted = {fold(label): label for label in add_tags if fold(label) in ours}
    outline = read_outline(data)
    splices = list(_reconcile(outline, "tag", wanted, ours))
    if dub_genre is not None:
        genre = {fold(DUB_GENRE): DUB_GENRE}
        splices += _reconcile(outline, "genre", genre if dub_genre else {}, genre.keys())
    return spliced(data, splices)


def _reconcile(
    outline: Outline, name: str, wanted: dict[str, str], ours: Collection[str]
) -> Iterator[Splice]:
    """Yield the splices after which the `name` children that are `ours` are the `wanted` (folded: text)."""
    same_name = [child for child in outline.children if child.name == name]
    for child in same_name:
        if child.text in ours and child.text not in wanted:
            yield removal(outline, child)
    present = {child.text for child in same_name}
    missing = [text for folded, text in wanted.items() if folded not in present]
    if missing:
        elements = [outline.encode(f"<{name}>{escape(text)}</{name}>") for text in missing]
        yield insertion(outline, elements, same_name or outline.children)
