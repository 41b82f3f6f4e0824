"""Rows that a workbook lacks: deleted ones, and those whose id was changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

import polars as pl

from luminaldb.loaders.database import Database

from .csv_edit import Cells, edit_csv

# A sheet with fewer of its table's rows holds new or corrected rows, and isn't a copy of the table.
_SHARE_OF_A_COPY = 0.5
_LEAST_ALIKE = 0.8
_LEAST_CELLS = 2


@dataclass(frozen=True)
class Rename:
    """An id that was changed in a sheet.

    Attributes:
        table: of the row.
        old: its id in the table.
        new: its id in the sheet.
        row: its cells in the sheet.
    """

    table: str
    old: str
    new: str
    row: Cells


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


def follow_renames(
    tree: Database, renamed: Sequence[Rename], files: MutableMapping[str, bytes], before: MutableMapping[str, bytes]
) -> list[str]:
    """Write the new ids where other rows name the old ones.

    Args:
        tree: the tables.
        renamed: the ids.
        files: new bytes by table, which change.
        before: what they were made from, which gains the tables that change.

    Returns:
        Notes on what was renamed.
    """
    ids: dict[str, dict[str, str]] = {}
    for rename in renamed:
        ids.setdefault(rename.table, {})[rename.old] = rename.new
    for table in tree.tables:
        resource = tree.resource(table)
        columns = {
            k.columns[0]: ids[k.reference.table or table]
            for k in resource.schema.all_references()
            if len(k.columns) == 1 and (k.reference.table or table) in ids
        }
        if not columns:
            continue
        text = tree.with_files(files).text(table) if table in files else tree.text(table)
        revised: dict[int, Cells] = {}
        for number, row in enumerate(text.select(list(columns)).iter_rows(named=True)):
            if changed := {c: columns[c][v] for c, v in row.items() if v in columns[c]}:
                revised[number] = changed
        if revised:
            data = files.get(table, tree.raw(table))
            before.setdefault(table, tree.raw(table))
            files[table] = edit_csv(data, resource, tree.package_of(table).file(table), revised=revised)
    hint = "list the old id in retired_ids if a release has it"
    return [f"{r.table}: {r.old} renamed to {r.new}; {hint}" for r in renamed]


def _keys(tree: Database, table: str) -> dict[str, int]:
    key = tree.resource(table).schema.primary_key
    joined = tree.text(table).select(pl.concat_str(key, separator="|")).to_series()
    return {value: n for n, value in enumerate(joined)}
