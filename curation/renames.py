"""Follow ids that were changed: in the rows that name them, and in the ids that are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .csv_edit import Cells, edit_csv

# Tables about rows of others name the table in the first column and the row in the second.
_ROW_COLUMNS = {"row_key", "successor_id"}
_MAX_SHOWN = 3

Ids = dict[str, dict[str, str]]
"""New keys by table and old key; parts of a composite key are joined by a bar."""


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


def follow_renames(
    tree: Database, renamed: Sequence[Rename], files: MutableMapping[str, bytes], before: MutableMapping[str, bytes]
) -> list[str]:
    """Write the new ids where other rows name the old ones, and into the ids that begin with or hold the old ones.

    Args:
        tree: the tables.
        renamed: the ids.
        files: new bytes by table, which change.
        before: what they were made from, which gains the tables that change.

    Returns:
        Notes on what was renamed.
    """
    ids: Ids = {}
    for rename in renamed:
        ids.setdefault(rename.table, {})[rename.old] = rename.new
    current = tree.with_files(files)
    rows = {table: current.text(table).rows(named=True) for table in tree.tables}
    # A trial's new id changes those of its arms, and these the ids of their outcomes.
    while any(_add_new_keys(tree, table, rows[table], ids) for table in tree.tables):
        pass
    for table in tree.tables:
        changes = dict(_changes(tree.resource(table).schema, table, rows[table], ids))
        if not changes:
            continue
        key = tree.resource(table).schema.primary_key
        # A row whose key changes may have another place.
        rekeyed_rows = {n for n, cells in changes.items() if any(column in cells for column in key)}
        data = files.get(table, tree.file_bytes(table))
        before.setdefault(table, tree.file_bytes(table))
        files[table] = edit_csv(
            data,
            tree.resource(table),
            tree.package_of(table).file(table),
            revised={n: cells for n, cells in changes.items() if n not in rekeyed_rows},
            added=[{**rows[table][n], **changes[n]} for n in sorted(rekeyed_rows)],
            removed=rekeyed_rows,
        )
    return list(_notes(renamed, ids))


def _add_new_keys(tree: Database, table: str, rows: Sequence[Cells], ids: Ids) -> bool:
    """Add the keys of a table's rows that change with the ids known so far; return whether there are any."""
    schema = tree.resource(table).schema
    has_new_keys = False
    for number, cells in _changes(schema, table, rows, ids):
        row = rows[number]
        new = {**row, **cells}
        if len(schema.primary_key) == 1 and schema.primary_key[0] not in cells:
            column = schema.primary_key[0]
            for key_column, value in cells.items():
                new[column] = _replace_part(new[column], row[key_column], value)
        old_key, new_key = ("|".join(r[c] for c in schema.primary_key) for r in (row, new))
        if old_key != new_key and ids.get(table, {}).get(old_key) != new_key:
            ids.setdefault(table, {})[old_key] = new_key
            has_new_keys = True
    return has_new_keys


def _replace_part(row_id: str, old: str, new: str) -> str:
    """Replace an id within a longer one: at its beginning, or between hyphens."""
    return re.sub(rf"(?<![^-]){re.escape(old)}(?![^-])", lambda _: new, row_id)


def _changes(schema: TableSchema, table: str, rows: Sequence[Cells], ids: Ids) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row that names an old id, and its new cells."""
    targets = {
        k.columns[0]: k.reference.table or table
        for k in schema.all_references()
        if len(k.columns) == 1 and (k.reference.table or table) in ids
    }
    new_keys = ids.get(table, {}) if len(schema.primary_key) == 1 else {}
    row_columns = _ROW_COLUMNS & set(schema.names) if "table_name" in schema.names else set()
    for number, row in enumerate(rows):
        cells = {c: ids[target][row[c]] for c, target in targets.items() if row.get(c) in ids[target]}
        if new_keys and row[schema.primary_key[0]] in new_keys:
            cells[schema.primary_key[0]] = new_keys[row[schema.primary_key[0]]]
        keys_of_table = ids.get(row["table_name"], {}) if row_columns else {}
        cells |= {c: keys_of_table[row[c]] for c in row_columns if row.get(c) in keys_of_table}
        if cells := {c: text for c, text in cells.items() if text != row[c]}:
            yield number, cells


def _notes(renamed: Sequence[Rename], ids: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    hint = "list the old id in retired_ids if a release has it"
    requested_renames = {(r.table, r.old) for r in renamed}
    for rename in renamed:
        yield f"{rename.table}: {rename.old} renamed to {rename.new}; {hint}"
    for table, keys in ids.items():
        derived_renames = [
            f"{old} to {new}" for old, new in keys.items() if (table, old) not in requested_renames and "|" not in old
        ]
        if derived_renames:
            more = f" and {len(derived_renames) - _MAX_SHOWN} more" if len(derived_renames) > _MAX_SHOWN else ""
            yield f"{table}: ids made of it renamed, too: {', '.join(derived_renames[:_MAX_SHOWN])}{more}; {hint}"
