"""Tellico itself opens what we take for its file, and we read all that it exports of it alike."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from catalogue.formats.recognising import recognised
from catalogue.formats.tellico import TELLICO, TELLICO_CSV
from tests.catalogue.formats.build import archive, entries, file
from tests.catalogue.formats.test_tellico_and_gcstar import collection

pytestmark = [
    pytest.mark.uncounted,
    pytest.mark.skipif(
        not (shutil.which("tellico") and shutil.which("dbus-run-session")),
        reason="tellico is not installed, or no D-Bus",
    ),
]

EXPORTS = ("exportCSV", "exportXML", "exportZip")
DRIVE = """
tellico --nofile >/dev/null 2>&1 & tellico=$!
trap 'kill $tellico' EXIT
ask() { dbus-send --session --print-reply --dest=org.kde.tellico "$@"; }
tries=0
until ask /tellico/MainWindow_1 org.freedesktop.DBus.Introspectable.Introspect >/dev/null 2>&1; do
  tries=$((tries + 1)); [ $tries -lt 300 ] || exit 1; sleep 0.1
done
ask /Tellico org.kde.tellico.openFile "string:file://$1/mine.tc" || exit 2
for export in exportCSV exportXML exportZip; do
  ask /Tellico org.kde.tellico.$export "string:file://$1/$export" boolean:false | grep -q true || exit 3
done
"""
BOOK = """
  <title>The {name}</title><authors><author>Mara Berg</author><author>Jo Wood</author></authors>
  <binding>Paperback</binding><pur_date>2019-12-24</pur_date><publishers><publisher>Pier Press</publisher>
  </publishers><pub_years><pub_year>2011</pub_year></pub_years><isbn>0-306-40615-2</isbn><pages>320</pages>
  <genres><genre>Sea</genre><genre>Night</genre></genres><series>Tides</series><series_num>2</series_num>
  <read>true</read><rating>4</rating><comments>Gift</comments>
  <cdate calendar="gregorian"><year>2019</year><month>12</month><day>5</day></cdate>
"""
FIELDS = (
    *(
        "title:1",
        "author:1:7",
        "binding:1",
        "pur_date:1",
        "publisher:1:7",
        "pub_year:6:3",
        "isbn:1",
        "pages:6",
    ),
    *("genre:1:7", "series:1", "series_num:6", "read:4", "rating:14", "comments:1", "cdate:12", "mdate:12"),
)
TITLES = {
    "isbn": "ISBN#",
    "pur_date": "Purchase Date",
    "pub_year": "Publication Year",
    "cdate": "Date Created",
}


def fields() -> str:
    """The fields of a collection, each with its type and whether it has several values."""
    told = []
    for name, type, *flags in (field.split(":") for field in FIELDS):
        title = TITLES.get(name, name.capitalize())
        told.append(
            f'<field name="{name}" title="{title}" category="General" format="4" type="{type}" '
            f'flags="{flags[0] if flags else 0}"/>'
        )
    return "".join(
        (*told, '<field name="mdate" title="Date Modified" category="General" format="3" type="12"/>')
    )


def test_what_tellico_exports_of_our_file_is_read_as_the_file(tmp_path):
    books = [BOOK.format(name=name) for name in ("Harbour", "Lantern", "Café &amp; Gulls")]
    mine = collection(2, *books).replace('<field name="title"/>', fields())
    (tmp_path / "mine.tc").write_bytes(archive(ending="", **{"tellico.xml": mine}))
    environment = os.environ | {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "QT_QUICK_BACKEND": "software",
        "QMLSCENE_DEVICE": "softwarecontext",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu --no-sandbox",
        "LC_ALL": "C.UTF-8",
    }
    tmp_path.chmod(0o700)

    asked = ["dbus-run-session", "--", "sh", "-c", DRIVE, "drive", str(tmp_path)]
    subprocess.run(asked, check=True, env=environment, timeout=120, capture_output=True)

    ours = entries((tmp_path / "mine.tc").read_bytes())
    assert len(ours) == 3
    for export in EXPORTS:
        content = (tmp_path / export).read_bytes()
        theirs = entries(content)
        assert recognised(file(content)) is (TELLICO_CSV if export == "exportCSV" else TELLICO)
        assert [one.work for one in theirs] == [one.work for one in ours], export
        assert [one.edition for one in theirs] == [one.edition for one in ours]
        assert [(one.codes, one.copy, one.progress) for one in theirs] == [
            (one.codes, one.copy, one.progress) for one in ours
        ]
        assert [one.added_on for one in theirs] == [one.added_on for one in ours]
