"""What the keys of the raw tables stand for: the name beside a key, and the page that it leads to."""

from __future__ import annotations

import re

from .evidence import Evidence, EvidenceTable, Row
from .page_kinds import KIND_BY_TABLE, anchor_from_key, label, page_address, row_address

# Tables whose rows have a name and no page of their own.
_NAMES = {
    "arms": "label",
    "populations": "name",
    "endpoints": "name",
    "adverse_event_terms": "name",
    "review_questions": "name",
}
# These columns are keys of the table that the row's `table_name` says.
ROW_KEYS = ("row_key", "successor_id")
_LONGEST = 80


def key_name(evidence: Evidence, table: str, key: str) -> str:
    """Name what a key stands for; empty where the name says no more than the key.

    Args:
        evidence: the tables.
        table: the one that the key points at.
        key: of one column.
    """
    if not key:
        return ""
    if table in KIND_BY_TABLE:
        name = label(evidence, KIND_BY_TABLE[table], key)
    elif table in _NAMES:
        name = evidence[table].row(key)[_NAMES[table]]
    else:
        return ""
    if _letters(name) == _letters(key):
        return ""
    return name if len(name) <= _LONGEST else name[:_LONGEST].rsplit(" ", 1)[0] + " …"


def column_names(evidence: Evidence, table: EvidenceTable, column: str, keys: list[str]) -> list[str]:
    """Name each key of a column; an empty list where none has a name to show."""
    target = table.references.get(column, ("", ""))[0]
    names = [key_name(evidence, target, key) for key in keys] if target else []
    return names if any(names) else []


def page_of_row(evidence: Evidence, row: Row, column: str) -> str:
    """Give the page of the row that a row of second reads, printed numbers or retired ids is about; else empty."""
    table, key = row.get("table_name", ""), row[column]
    if column not in ROW_KEYS or not key or table not in evidence.tables:
        return ""
    target = evidence[table]
    if len(target.key) != 1 or not target.where(target.key[0], key):
        return ""
    return row_address(evidence, table, target.row(key)).partition("#")[0]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def cell_address(evidence: Evidence, table: EvidenceTable, row: Row, column: str) -> str:
    """Return the address that a cell of a raw table leads to: its own row's, or that of what it is a key of."""
    value = row[column]
    target = table.references.get(column, ("", ""))[0]
    if not target and column != table.key[0] and column not in ROW_KEYS:
        return ""
    if column == table.key[0] and (row_own_address := row_address(evidence, table.name, row)):
        return row_own_address
    if page := page_of_row(evidence, row, column):
        return page if row["table_name"] in KIND_BY_TABLE else f"{page}#{anchor_from_key(row['table_name'], value)}"
    if not value or not target:
        return ""
    if target in KIND_BY_TABLE:
        return page_address(KIND_BY_TABLE[target], value)
    target_rows = evidence[target].where(evidence[target].key[0], value)
    return row_address(evidence, target, target_rows[0]) if target_rows else ""
