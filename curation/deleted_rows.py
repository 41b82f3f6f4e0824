"""Rows that a workbook lacks: deleted ones, and those whose id was changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from luminaldb.loaders.database import Database

from .csv_edit import Cells
from .renames import Rename

# A sheet with fewer of its table's rows holds new or corrected rows, and isn't a copy of the table.
_MIN_SHARE_OF_COPY = 0.5
_MIN_SIMILARITY = 0.8
_MIN_FILLED_CELLS = 2


def find_deleted_rows(tree: Database, table: str, keys: Collection[str], *, even_if_few: bool) -> dict[str, int]:
    """Return the rows of a table that a sheet lacks: key, and number in the table.

    Args:
        tree: the tables.
        table: of the sheet.
        keys: of the rows on the sheet.
        even_if_few: return the missing rows even if the sheet has less than half of the table's rows, but some.
    """
    row_numbers = _row_numbers(tree, table)
    shared = sum(key in row_numbers for key in keys)
    if not shared or (not even_if_few and shared < _MIN_SHARE_OF_COPY * len(row_numbers)):
        return {}
    return {key: n for key, n in row_numbers.items() if key not in keys}


def find_renames(tree: Database, table: str, missing_rows: Mapping[str, int], added: Sequence[Cells]) -> list[Rename]:
    """Pair rows that are gone with new ones that have the same cells under another id.

    Args:
        tree: the tables.
        table: of the rows.
        missing_rows: key and number of the rows that the sheet lacks.
        added: cells of the new rows.
    """
    key = tree.resource(table).schema.primary_key
    if len(key) != 1 or not missing_rows or not added:
        return []
    old_rows = tree.text(table).rows(named=True)
    renames: list[Rename] = []
    unmatched = dict(missing_rows)
    for row in added:
        similarities = {old: _similarity(old_rows[n], row, key[0]) for old, n in unmatched.items()}
        best = max(similarities, key=lambda old: similarities[old], default="")
        if best and similarities[best] >= _MIN_SIMILARITY:
            renames.append(Rename(table, best, row[key[0]], row))
            del unmatched[best]
    return renames


def _similarity(old: Mapping[str, str], new: Cells, key: str) -> float:
    """Return the share of filled cells that are the same; 0 where too few are filled to tell."""
    filled_columns = [c for c in new if c != key and (old.get(c) or new[c])]
    if len(filled_columns) < _MIN_FILLED_CELLS:
        return 0.0
    return sum(old.get(c, "") == new[c] for c in filled_columns) / len(filled_columns)


def _row_numbers(tree: Database, table: str) -> dict[str, int]:
    key = tree.resource(table).schema.primary_key
    keys = tree.text(table).select(pl.concat_str(key, separator="|")).to_series()
    return {value: n for n, value in enumerate(keys)}
