"""Backups: one archive with all that the database holds, and the way back.

The archive is portable: a ZIP file with a manifest and the rows of every table in PostgreSQL's own text
format (COPY). It needs no program beside Taggarr, neither to write nor to read it, and it restores on any
PostgreSQL from 15 on and any newer Taggarr: the tables are made by the migrations of the version that wrote
it, filled, and then brought up to date by the newer migrations. A pg_dump would need client programs of the
server's own version, and could not be checked before it changes something.
"""
