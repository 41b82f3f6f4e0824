"""The bytes of a file as UTF-8 text."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

from luminaldb.issue_codes import BYTE_ORDER_MARK, NUL_BYTE, WRONG_ENCODING, WRONG_LINE_ENDS
from luminaldb.issues import Issue, Place

from .descriptor import Resource

# Replaces bytes that are no text.
DAMAGED = "\ufffd"
# Lines with such bytes that are listed; further ones are counted.
MAX_ISSUES = 100_000
_BINARY = {
    b"\x1f\x8b": "compressed (gzip)",
    b"\x28\xb5\x2f\xfd": "compressed (zst)",
    b"\xfd7zXZ\0": "compressed (xz)",
    b"PK\x03\x04": "a zip or a workbook",
    b"\xd0\xcf\x11\xe0": "an old workbook (xls)",
    b"%PDF-": "a PDF",
    b"SQLite format 3\0": "a SQLite database",
    b"PAR1": "Parquet",
}
_BOM = codecs.BOM_UTF8
# Lines are split as the csv module splits them.
_LINE_END = re.compile(rb"(\r\n|\n|\r)")


def as_utf8(data: bytes, resource: Resource, issues: list[Issue], damaged: list[int]) -> bytes | None:
    """Return a file's text as UTF-8 without a byte order mark, or None where it is no text.

    Args:
        data: the file.
        resource: its description.
        issues: what is wrong is added here.
        damaged: the lines with bytes that are no text are added here; DAMAGED replaces each such byte.
    """
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
    try:
        # In UTF-16 every other byte is NUL.
        if b"\0" not in data or not _keeps_lines(encoding, None):
            return _recode(data, encoding)
    except UnicodeDecodeError:
        pass
    except (LookupError, ValueError):
        issues.append(Issue(WRONG_ENCODING, f"encoding {encoding!r} is not known", "Name a known encoding."))
        return None
    if kind := next((name for start, name in _BINARY.items() if data.startswith(start)), ""):
        hint = "Name it by its format, or save it as text."
        issues.append(Issue(WRONG_ENCODING, f"the file is no text but {kind}", hint, place=Place(line=1)))
        return None
    line_issues, text = _decode_lines(data, encoding)
    if line_issues[0].code == NUL_BYTE and line_issues[0].line == 1:
        hint = "Save it as UTF-8, or name its encoding in the descriptor." if _is_utf16(data) else line_issues[0].hint
        issues.append(replace(line_issues[0], hint=hint))
        return None
    issues += line_issues[:MAX_ISSUES]
    if not _keeps_lines(encoding, dialect.line_terminator):
        return None
    damaged += [issue.line for issue in line_issues]
    return text


def _is_utf16(data: bytes) -> bool:
    """Whether every other byte of the first line is NUL, as in Western text in UTF-16 without a byte order mark."""
    first = data[: data.find(b"\n") & ~1]
    return bool(first) and (not any(first[1::2]) or not any(first[::2]))


def _decode_lines(data: bytes, encoding: str) -> tuple[list[Issue], bytes]:
    """List the lines with bytes that aren't of the encoding; return the text as UTF-8 with DAMAGED in their place."""
    issues: list[Issue] = []
    has_lines = _keeps_lines(encoding, None)
    parts = _LINE_END.split(data) if has_lines else [data]
    for number in range(0, len(parts), 2):
        issue, parts[number] = _decode_line(parts[number], encoding, number // 2 + 1, may_have_nul=not has_lines)
        issues += [] if issue is None else [issue]
    return issues, b"".join(parts)


def _decode_line(line: bytes, encoding: str, number: int, *, may_have_nul: bool) -> tuple[Issue | None, bytes]:
    if b"\0" in line and not may_have_nul:
        hint = "Delete the byte, or restore the file."
        issue = Issue(NUL_BYTE, "the file contains a NUL byte", hint, place=Place(line=number))
        return issue, line.decode(encoding, "replace").replace("\0", DAMAGED).encode()
    try:
        return None, line if line.isascii() else line.decode(encoding).encode()
    except UnicodeDecodeError as error:
        byte = f"0x{line[error.start]:02X}"
        encoding_hint = "Save the file in that encoding, or fix the descriptor."
        hint = "Save the file as UTF-8." if encoding == "utf-8" else encoding_hint
        byte_position = Place(line=number + line[: error.start].count(b"\n"), value=byte)
        issue = Issue(WRONG_ENCODING, f"byte {byte} is not {encoding}", hint, place=byte_position)
        return issue, line.decode(encoding, "replace").encode()


def _keeps_lines(encoding: str, line_terminator: str | None) -> bool:
    """Whether a byte that isn't of the encoding leaves the other lines as they are."""
    if line_terminator not in (None, "", "\n", "\r\n"):
        return False
    if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii"):
        return True
    try:
        characters = [bytes([n]).decode(encoding, "replace") for n in range(256)]
    except UnicodeError:
        return False
    return all(len(character) == 1 for character in characters) and "".join(characters[:128]).isascii()


def _recode(data: bytes, encoding: str) -> bytes:
    if codecs.lookup(encoding).name in ("utf-8", "ascii"):
        # Most files are ASCII, which is seen without a second copy of them.
        if not data.isascii():
            data.decode(encoding)
        return data
    return data.decode(encoding).encode()
