"""Rows that a workbook lacks: deleted ones, and those whose id was changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from luminaldb.loaders.database import Database

from .csv_edit import Cells
from .renames import Rename

# A sheet with fewer of its table's rows holds new or corrected rows, and isn't a copy of the table.
_SHARE_OF_A_COPY = 0.5
_LEAST_ALIKE = 0.8
_LEAST_CELLS = 2


def deleted_rows(tree: Database, table: str, keys: Collection[str], *, all_of_them: bool) -> dict[str, int]:
    """Return the rows of a table that a sheet lacks: key, and number in the table.

    Args:
        tree: the tables.
        table: of the sheet.
        keys: of the rows on the sheet.
        all_of_them: also where the sheet holds few rows of its table, and is no copy of it; never where it has none.
    """
    there = _keys(tree, table)
    shared = sum(key in there for key in keys)
    if not shared or (not all_of_them and shared < _SHARE_OF_A_COPY * len(there)):
        return {}
    return {key: n for key, n in there.items() if key not in keys}


def renames(tree: Database, table: str, gone: Mapping[str, int], added: Sequence[Cells]) -> list[Rename]:
    """Pair rows that are gone with new ones that have the same cells under another id.

    Args:
        tree: the tables.
        table: of the rows.
        gone: key and number of the rows that are gone.
        added: cells of the new rows.
    """
    key = tree.resource(table).schema.primary_key
    if len(key) != 1 or not gone or not added:
        return []
    old_rows = tree.text(table).rows(named=True)
    found: list[Rename] = []
    left = dict(gone)
    for row in added:
        shares = {old: _similarity(old_rows[n], row, key[0]) for old, n in left.items()}
        best = max(shares, key=lambda old: shares[old], default="")
        if best and shares[best] >= _LEAST_ALIKE:
            found.append(Rename(table, best, row[key[0]], row))
            del left[best]
    return found


def _similarity(old: Mapping[str, str], new: Cells, key: str) -> float:
    """Return the share of filled cells that are the same; 0 where too few are filled to tell."""
    filled = [c for c in new if c != key and (old.get(c) or new[c])]
    if len(filled) < _LEAST_CELLS:
        return 0.0
    return sum(old.get(c, "") == new[c] for c in filled) / len(filled)


def _keys(tree: Database, table: str) -> dict[str, int]:
    key = tree.resource(table).schema.primary_key
    joined = tree.text(table).select(pl.concat_str(key, separator="|")).to_series()
    return {value: n for n, value in enumerate(joined)}
