"""The one right form of a cell: no blank around it, composed Unicode, LF inside it, a bare lower-case DOI."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable

from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from .text_fixes import text_fixes

_CR_LF = re.compile(r"\r+\n")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)+", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
# A DOI's letters are alike in both cases within ASCII only: DOI Handbook, 2.4.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

CellFix = Callable[[str], str]


def cell_fixes(schema: TableSchema, column: str, *, is_lf: bool, table: str = "") -> list[tuple[str, CellFix]]:
    """Return the fixes of a column's cells, each with its name, in the order in which they are applied.

    Args:
        schema: of the table.
        column: one of the file's columns; it need not be described.
        is_lf: whether the file's lines end in LF, in cells too.
        table: name of the table; the project's own get more fixes.
    """
    field = next((f for f in schema.fields if f.name == column), None)
    literals = _literals(field, schema)
    fixes: list[tuple[str, CellFix]] = [("line end in a cell", _line_ends)] if is_lf else []
    fixes += text_fixes(table, schema, field) if field is not None else []
    fixes += [("blanks around a cell", str.strip), ("Unicode not composed", _compose)]
    if column == "doi" and not _is_key(column, schema):
        fixes.append(("DOI", _doi))
    return [(name, _unless_literal(literals, fix)) for name, fix in fixes]


def _literals(field: Field | None, schema: TableSchema) -> frozenset[str]:
    """Return the cells that the descriptor spells out: they are right as they are, blanks and all."""
    if field is None:
        return frozenset(schema.missing_values)
    boolean_words = [*field.properties.get("trueValues", ()), *field.properties.get("falseValues", ())]
    return frozenset(str(value) for value in (*schema.missing_values_of(field), *field.choices, *boolean_words))


def _unless_literal(literals: frozenset[str], fix: CellFix) -> CellFix:
    return lambda cell: cell if cell in literals else fix(cell)


def _is_key(column: str, schema: TableSchema) -> bool:
    """Return whether rows elsewhere may name this column's cells: changing one end of a reference would break it."""
    foreign_key_columns = {c for key in schema.all_references() for c in key.columns}
    return column in schema.primary_key or column in foreign_key_columns


def _line_ends(cell: str) -> str:
    return _CR_LF.sub("\n", cell)


def _compose(cell: str) -> str:
    return unicodedata.normalize("NFC", cell)


def _doi(cell: str) -> str:
    prefix = _DOI_PREFIX.match(cell)
    doi = cell[prefix.end() :] if prefix else cell
    return doi.translate(_LOWER) if _DOI.fullmatch(doi) else cell
