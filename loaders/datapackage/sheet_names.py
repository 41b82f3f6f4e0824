"""Names of the worksheets of a workbook that hold something, without reading their cells."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from html import unescape
from xml.etree import ElementTree

_MAX_PART_BYTES = 16 * 1024**2
_XLSX_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)[ >]")
_ODS_TABLE = re.compile(rb'<table:table\s[^>]*?table:name="([^"]*)"')


def sheet_names(data: bytes, kind: str) -> list[str]:
    """Name the worksheets of a workbook in their order, blank ones after the first and charts left out.

    Args:
        data: the file.
        kind: `xlsx`, `xlsm` or `ods`.

    Returns:
        The names; none where the file can't be read, which whoever reads its cells reports.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheets = _ods_sheets(archive) if kind == "ods" else _xlsx_sheets(archive)
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, RuntimeError, OSError, ValueError, zlib.error):
        return []
    return [name for number, (name, is_filled) in enumerate(sheets) if is_filled or not number]


def _xlsx_sheets(archive: zipfile.ZipFile) -> list[tuple[str, bool]]:
    """Return name of each worksheet and whether a cell has a value."""
    parts = {
        node.get("Id"): posixpath.normpath(posixpath.join("/xl", node.get("Target", "")))[1:]
        for node in _xml(archive, "xl/_rels/workbook.xml.rels")
        if node.get("Type", "").endswith("/worksheet")
    }
    sheets = []
    for node in _xml(archive, "xl/workbook.xml").iter():
        if node.tag.endswith("}sheet"):
            part = next((parts.get(value) for key, value in node.items() if key.endswith("}id")), None)
            if part is not None:
                sheets.append((node.get("name", ""), _XLSX_VALUE.search(_start(archive, part)) is not None))
    return sheets


def _ods_sheets(archive: zipfile.ZipFile) -> list[tuple[str, bool]]:
    content = _start(archive, "content.xml")
    matches = list(_ODS_TABLE.finditer(content))
    ends = [*(match.start() for match in matches[1:]), len(content)]
    return [
        (unescape(match[1].decode("utf-8", "replace")), content.find(b"<text:p", match.end(), end) >= 0)
        for match, end in zip(matches, ends, strict=True)
    ]


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    content = _start(archive, part)
    if b"<!DOCTYPE" in content:
        raise ValueError("a DOCTYPE")
    return ElementTree.fromstring(content)  # noqa: S314 - no DOCTYPE, no entities


def _start(archive: zipfile.ZipFile, part: str) -> bytes:
    with archive.open(part) as stream:
        return stream.read(_MAX_PART_BYTES)
