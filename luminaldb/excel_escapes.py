"""Characters that XML can't hold, as Excel spells them: `_x0001_`, and `_x005F_` for a `_` that begins no such escape.

xlsxwriter and openpyxl both spell them wrong where two escapes share an underscore (`_x005F_x0041_`). Text passes
through either library with marks, characters that no text has; the marks are replaced in the XML.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

# The first stands for `_x005F_`. The second parts what a library would take for something else.
_UNDERSCORE, _NOTHING = "\ufdd0", "\ufdd1"
_MARK = _UNDERSCORE.encode()
# It follows an escape that LibreOffice wrote, which stands for two texts.
_EITHER = "\ufdd2"
# What becomes an escape in the file ends what looks like one, too.
_AMBIGUOUS = re.compile("_(?=x[0-9A-Fa-f]{4}[_\x00-\x08\x0b-\x1f\ufffe\uffff])")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_ESCAPE_IN_XML = re.compile(_ESCAPE.pattern.encode())
_X005F = re.compile(b"x005F_", re.IGNORECASE)
# LibreOffice 7.4 puts `_x005F` before what looks like an escape and goes on behind it, so that Excel reads other text:
# `_x005F_x0041_x0042_` stands for `_x0041_x0042_`. What looks escaped already stays as it is: `_x005F_x0041_` stands
# for `_x0041_` and for itself. Of other escapes it writes those of characters that XML can't hold.
_ESCAPE_OF_LIBREOFFICE = re.compile(
    b"_x005F_x(?P<text>[0-9A-Fa-f]{4})_|(?P<control>_x(?:00[01][0-9A-Fa-f]|[Ff]{3}[EeFf])_)|_(?=x[0-9A-Fa-f]{4}_)"
)
_ESCAPED_BEFORE = re.compile("(?:_x005F)+(?=_x[0-9A-Fa-f]{4}_)")
_PROPERTIES = "docProps/app.xml"
_SURROGATES = range(0xD800, 0xE000)


def mark_for_xlsxwriter(text: str) -> str:
    """Return text that xlsxwriter writes without an escape of its own that would be read as another."""
    with_marks = _AMBIGUOUS.sub(_UNDERSCORE, text)
    # xlsxwriter takes it for text with fonts.
    return f"{_NOTHING}{with_marks}" if with_marks.startswith("<r>") and with_marks.endswith("</r>") else with_marks


def has_marks(text: str) -> bool:
    """Return whether text has marks, so that a workbook that holds it needs `replace_marks`."""
    return _UNDERSCORE in text or _NOTHING in text


def replace_marks(workbook: bytes) -> bytes:
    """Return a workbook of xlsxwriter as Excel reads it."""
    return _change_parts(workbook, lambda xml: xml.replace(_MARK, b"_x005F_").replace(_NOTHING.encode(), b""))


def mark_for_openpyxl(workbook: bytes) -> bytes:
    """Return a workbook with marks in place of escaped underscores; see `unescape`.

    Raises:
        zipfile.BadZipFile: it is none; zipfile, zlib and the system have other errors for a damaged one.
    """
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        if not any(_X005F.search(archive.read(entry)) for entry in archive.infolist()):
            return workbook
        by_libreoffice = _PROPERTIES in archive.namelist() and b"<Application>LibreOffice" in archive.read(_PROPERTIES)

    def mark(escape: re.Match[bytes]) -> bytes:
        return _MARK if int(escape[1], 16) == ord("_") else escape[0]

    def mark_of_libreoffice(escape: re.Match[bytes]) -> bytes:
        return escape["control"] or (
            _MARK + b"x" + escape["text"] + _MARK + _EITHER.encode() if escape["text"] else _MARK
        )

    # openpyxl drops `x005F_` wherever it is.
    apart = b"x005F" + _NOTHING.encode() + b"_"
    pattern, with_marks = (_ESCAPE_OF_LIBREOFFICE, mark_of_libreoffice) if by_libreoffice else (_ESCAPE_IN_XML, mark)
    return _change_parts(workbook, lambda xml: pattern.sub(with_marks, xml).replace(b"x005F_", apart))


def _change_parts(workbook: bytes, change: Callable[[bytes], bytes]) -> bytes:
    new_file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old_archive, zipfile.ZipFile(new_file, "w") as archive:
        for entry in old_archive.infolist():
            data = old_archive.read(entry)
            archive.writestr(entry, change(data) if entry.filename.endswith(".xml") else data)
    return new_file.getvalue()


def unescape(text: str) -> str:
    """Return the text that a cell shows, from what openpyxl reads in marked XML."""

    def character(escape: re.Match[str]) -> str:
        number = int(escape[1], 16)
        return escape[0] if number in _SURROGATES else chr(number)

    return _ESCAPE.sub(character, text).replace(_UNDERSCORE, "_").replace(_NOTHING, "").replace(_EITHER, "")


def may_stand_for(text: str, other: str) -> bool:
    """Return whether LibreOffice saved this text, which openpyxl reads in marked XML, perhaps where another was."""
    return _EITHER in text and _ESCAPED_BEFORE.sub("", unescape(text)) == _ESCAPED_BEFORE.sub("", other)
