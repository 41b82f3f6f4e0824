"""The one right form of a text or number in the project's own tables; what the rules LDB505 to LDB512 ask for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.schemas.rules import clean_text as rules

Fix = Callable[[str], str]

_LINE_ENDS = re.compile("[\u2028\u2029]")
_HIDDEN = re.compile(f"[{rules.HIDDEN}]")
_BLANKS = re.compile(f"[ {rules.BLANKS}]+")
_LIGATURES = re.compile(f"[{rules.LIGATURES}]")
_MOJIBAKE = re.compile(rules.MOJIBAKE)
_INTERVAL = re.compile(r"([0-9]\.[0-9]+) ?[-\u2013\u2212] ?(?=[0-9]+\.[0-9])")
_P_VALUE = re.compile(r"\b[Pp] ?([=<>\u2264\u2265]) ?(?:0?(\.[0-9])|([0-9]))")
_BRITISH = ((re.compile("oestr"), "estr"), (re.compile("Oestr"), "Estr"), (re.compile("([Tt])umour"), r"\1umor"))
_NUMBER_FORM = re.compile(rules.NUMBER_FORM)
_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,40}\.?[0-9]{0,40}(?:[eE][+-]?[0-9]{1,2})?")


def text_fixes(table: str, schema: TableSchema, field: Field) -> Iterator[tuple[str, Fix]]:
    """Yield the fixes of a column of the project's own tables, each with its name, in the order in which they apply.

    Args:
        table: name of the table; a table of others gets none.
        schema: of the table.
        field: the column.
    """
    if not rules.is_own_table(table, schema):
        return
    if field.type in ("number", "integer"):
        yield "form of a number", to_plain_number
    if not rules.is_free_text(field, schema):
        return
    yield "hidden characters", delete_hidden_characters
    yield "letters in the wrong encoding", fix_encoding
    yield "ligatures", expand_ligatures
    yield "blanks", to_single_blanks
    if field.name in rules.FREE_TEXT:
        yield "interval in a sentence", write_interval
        yield "p value in a sentence", write_p_value
        yield "spelling", to_american_spelling


def delete_hidden_characters(cell: str) -> str:
    """Delete characters that nobody sees; a line separator becomes a blank."""
    return _HIDDEN.sub("", _LINE_ENDS.sub(" ", cell))


def to_single_blanks(cell: str) -> str:
    """Write one plain blank for tabs, line breaks, wide blanks and rows of blanks."""
    return _BLANKS.sub(" ", cell).strip()


def expand_ligatures(cell: str) -> str:
    """Write ligatures as their letters."""
    return _LIGATURES.sub(lambda result: unicodedata.normalize("NFKC", result[0]), cell)


def fix_encoding(cell: str) -> str:
    """Decode a text whose UTF-8 was read as Windows-1252; left as it is where that doesn't come out even."""
    if not _MOJIBAKE.search(cell):
        return cell
    try:
        return cell.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return cell


def write_interval(cell: str) -> str:
    """Write 0.85 to 0.95 for 0.85-0.95."""
    return _INTERVAL.sub(r"\1 to ", cell)


def write_p_value(cell: str) -> str:
    """Write P = 0.67 for p=.67."""
    return _P_VALUE.sub(lambda result: f"P {result[1]} {'0' + result[2] if result[2] else result[3]}", cell)


def to_american_spelling(cell: str) -> str:
    """Write estrogen and tumor for oestrogen and tumour."""
    for pattern, spelling in _BRITISH:
        cell = pattern.sub(spelling, cell)
    return cell


def to_plain_number(cell: str) -> str:
    """Write 0.60 for .60, +0.60 and 00.60, and 0.6 for 6e-1; every digit that was printed stays."""
    if _NUMBER_FORM.fullmatch(cell) or not _NUMBER.fullmatch(cell):
        return cell
    try:
        return format(Decimal(cell), "f")
    except InvalidOperation:
        return cell
