"""What the scanner tells health."""

from __future__ import annotations

from core.features import Health

from . import connections, reading, roots, titles

BRINGS = Health(
    stored=(
        connections.held,
        connections.found_labels,
        connections.not_mounted,
        roots.lost_roots,
        titles.not_scanned,
        titles.bad_files,
        titles.undone_tags,
        titles.not_written,
    ),
    live=(reading.reader, reading.path_mappings, roots.full_media_disks),
)
