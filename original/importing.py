"""Taking the original's settings over: all of them or none, and twice is as good as once."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from connections.models import Connection
from core.errors import ApiError, ConfigError
from core.outbound.addresses import clean_url
from core.portable import Reading
from core.words import Phrase
from history import audit
from library.clients import client_class
from library.connections import CHECK_TIMEOUT
from original.document import path_mappings, sections_of
from original.files import Found
from original.settings import OriginalInstance, legal_label
from original.state import Remembered, matching
from scanner.models import ManagedLabel
from system.configuration import DocumentError, check

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Made:
    """One thing that was, or would be, `added`, `changed`, or left the `same`."""

    what: str
    name: str
    outcome: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do.

    `labels` are, by instance, the tags that the original wrote and that are ours from now on; `remembered`
    counts the tags of each state; `unknown` are keys there is no place for, as (line, key).
    """

    dry_run: bool
    sources: list[str]
    made: list[Made] = field(default_factory=list)
    labels: dict[str, list[str]] = field(default_factory=dict)
    remembered: dict[str, dict[str, int]] = field(default_factory=dict)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        report = asdict(self)
        report["unknown"] = [{"line": line, "key": key} for line, key in self.unknown]
        return report


def import_original(found: Found, *, connect: bool = True, dry_run: bool = False) -> Report:
    """Take over what was found; return what was done, or with `dry_run` what would be.

    `connect` False leaves out the test of addresses, and with it the search for path mappings. Raises
    DocumentError with everything that is wrong; then nothing was changed.
    """
    original = found.original
    if original.problems:
        raise DocumentError(sorted(original.problems))
    report = Report(dry_run, found.sources, unknown=original.unknown, notes=list(original.notes))
    report.remembered = {state.name: state.counts() for state in found.states}
    report.notes += [problem for state in found.states for problem in state.problems]
    names = {one.name: name_here(one) for one in original.instances}
    mappings = {one.name: _mappings(one, report) for one in original.instances} if connect else {}
    steps = check(Reading(sections_of(original, names=names, mappings=mappings), connect=connect))
    with transaction.atomic():
        report.made = [Made(step.section, step.name, step.apply()) for step in steps]
        for one in original.instances:
            _own_labels(one, Connection.objects.get(name__iexact=names[one.name]), found, report)
        if report.labels or any(one.outcome != "same" for one in report.made):
            audit.note("imported", kind="settings", target=Phrase("original.name"))
        if dry_run:
            transaction.set_rollback(True)
    return report


def remembered_of(one: OriginalInstance, found: Found, *, alone: bool) -> list[Remembered]:
    """Return what the original remembered of an instance: by its roots, or all where it is the only one."""
    entries = matching(found.states, one.kind, one.roots)
    if entries or not alone:
        return entries
    return [entry for state in found.states for entry in state.entries if entry.kind == one.kind]


def name_here(one: OriginalInstance) -> str:
    """Return the name of an instance: of one with the same address, else what the original called it."""
    try:
        url = clean_url(one.url) if isinstance(one.url, str) else ""
    except ConfigError:
        return one.name
    known = Connection.objects.filter(kind=one.kind, url=url).first()
    return known.name if known else one.name


def _mappings(one: OriginalInstance, report: Report) -> list[tuple[str, str]]:
    """Return the path mappings that an instance needs here; note where its files are not to be seen."""
    folders = {root: names for root in one.roots if (names := _names_in(root))}
    if not folders:
        report.notes.append(
            f"{one.name}: none of its folders ({', '.join(one.roots[:3])}) holds anything here. Mount the "
            "files, or Taggarr takes the languages from the app."
        )
        return []
    if not (isinstance(one.url, str) and isinstance(one.api_key, str)):
        return []
    try:
        client = client_class(one.kind)(clean_url(one.url), one.api_key, timeout=CHECK_TIMEOUT, tries=1)
        return path_mappings([media.path for media in client.media()], folders)
    except (ApiError, ConfigError):
        return []  # The check of the instance says what is wrong with it.


def _names_in(root: str) -> set[str]:
    try:
        with os.scandir(root) as entries:
            return {entry.name for entry in entries if entry.is_dir()}
    except (OSError, ValueError):
        return set()


def _own_labels(one: OriginalInstance, connection: Connection, found: Found, report: Report) -> None:
    """Make the labels ours that the original wrote: so they can be taken off, and need not be asked about.

    Without a state nothing proves that it ever wrote any; and with `dry_run` it wrote none.
    """
    alone = sum(other.kind == one.kind for other in found.original.instances) == 1
    entries = remembered_of(one, found, alone=alone)
    if not entries or one.dry_run:
        return
    written = {entry.tag for entry in entries if entry.tag}
    labels = {*one.labels, *filter(None, map(legal_label, written))}
    if strange := sorted(tag for tag in written if not legal_label(tag)):
        report.notes.append(f"{one.name}: no tag of Sonarr or Radarr reads {', '.join(strange)}; left out.")
    new = labels - set(connection.managed_labels.filter(found=False).values_list("label", flat=True))
    for label in sorted(new):
        ManagedLabel.objects.update_or_create(connection=connection, label=label, defaults={"found": False})
    if new:
        report.labels[connection.name] = sorted(new)
