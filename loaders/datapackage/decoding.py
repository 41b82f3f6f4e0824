"""The bytes of a file as UTF-8 text."""

from __future__ import annotations

import codecs

from luminaldb.issue_codes import BYTE_ORDER_MARK, NUL_BYTE, WRONG_ENCODING, WRONG_LINE_ENDS
from luminaldb.issues import Issue, Place

from .descriptor import Resource

_BOM = codecs.BOM_UTF8


def as_utf8(data: bytes, resource: Resource, issues: list[Issue]) -> bytes | None:
    """Return a file's text as UTF-8 without a byte order mark, or None where it is no text."""
    dialect = resource.dialect
    if data.startswith(_BOM):
        if resource.encoding and resource.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            hint = "Save the file as UTF-8 without a byte order mark."
            message = "the file starts with a byte order mark"
            # The standard recommends to leave it out.
            issues.append(Issue(BYTE_ORDER_MARK, message, hint, "warning", place=Place(line=1)))
        data = data[len(_BOM) :]
    if dialect.line_terminator == "\n" and b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        hint = "Save the file with LF line ends."
        issues.append(
            Issue(WRONG_LINE_ENDS, "a line ends in CR LF, the descriptor says LF", hint, place=Place(line=line))
        )
    if not resource.encoding and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = resource.encoding or "utf-8"
    if b"\0" in data and encoding.lower().startswith("utf-8"):
        line = data[: data.index(b"\0")].count(b"\n") + 1
        issues.append(
            Issue(
                NUL_BYTE, "the file holds a NUL byte", "Delete the byte, or restore the file.", place=Place(line=line)
            )
        )
        return None
    try:
        return _recode(data, encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = f"0x{data[error.start]:02X}"
        hint = (
            "Save the file as UTF-8."
            if encoding == "utf-8"
            else "Save the file in that encoding, or fix the descriptor."
        )
        issues.append(Issue(WRONG_ENCODING, f"byte {byte} is not {encoding}", hint, place=Place(line=line, value=byte)))
    except (LookupError, ValueError):
        issues.append(Issue(WRONG_ENCODING, f"encoding {encoding!r} is not known", "Name a known encoding."))
    return None


def _recode(data: bytes, encoding: str) -> bytes:
    if codecs.lookup(encoding).name in ("utf-8", "ascii"):
        # Most files are ASCII, which is seen without a second copy of them.
        if not data.isascii():
            data.decode(encoding)
        return data
    return data.decode(encoding).encode()
