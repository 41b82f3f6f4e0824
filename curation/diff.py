"""What changed between two states of the data: tables, columns, rows and fields, by primary key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .column_changes import ColumnChange, compare_columns, renamed_columns

_KEY, _OLD_KEY = "::key", "::old_key"
_NEW = "::new"


@dataclass(frozen=True)
class TableDiff:
    """What changed in one table that both states hold.

    Attributes:
        table: its name.
        rows: how many there were, and are.
        key: the columns of the primary key.
        key_changed: the primary key as it was and is, where the two differ.
        columns_added: names of columns.
        columns_removed: names of columns.
        columns_renamed: pairs of names, for columns that hold the same under another name.
        columns_changed: columns that the descriptor defines differently.
        added: the rows that are new, as written; their key in `::key`, parts joined by a bar.
        removed: the rows that are gone, in the same form.
        renamed: old_key and new_key of rows whose id was replaced by its successor.
        revised: one row per field that changed: key, column, old, new.
    """

    table: str
    rows: tuple[int, int]
    key: tuple[str, ...]
    added: pl.DataFrame
    removed: pl.DataFrame
    renamed: pl.DataFrame
    revised: pl.DataFrame
    key_changed: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    columns_added: Sequence[str] = ()
    columns_removed: Sequence[str] = ()
    columns_renamed: Sequence[tuple[str, str]] = ()
    columns_changed: Sequence[ColumnChange] = ()

    @property
    def has_id(self) -> bool:
        """Whether one column, of the same name in both states, is the primary key."""
        return len(self.key) == 1 and self.key_changed is None

    @property
    def revised_rows(self) -> int:
        """How many rows have a field that changed."""
        return self.revised["key"].n_unique()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        frames = (self.added, self.removed, self.renamed, self.revised)
        names = (self.columns_added, self.columns_removed, self.columns_renamed, self.columns_changed)
        return any(f.height for f in frames) or any(names) or self.key_changed is not None


@dataclass(frozen=True)
class Diff:
    """What changed between two states of the data.

    Attributes:
        old: the label of the earlier state, and the version it says it has.
        new: those of the later one.
        tables_added: table and rows.
        tables_removed: table and rows.
        tables: what changed in each table that both hold, the unchanged ones among them.
        unretired: table and id of the ids that are gone and that the later state doesn't list as retired.
    """

    old: tuple[str, str]
    new: tuple[str, str]
    tables_added: Mapping[str, int] = field(default_factory=dict)
    tables_removed: Mapping[str, int] = field(default_factory=dict)
    tables: Sequence[TableDiff] = ()
    unretired: Sequence[tuple[str, str]] = ()

    @property
    def changed_tables(self) -> list[TableDiff]:
        """The tables in which anything changed."""
        return [t for t in self.tables if t]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.tables_added or self.tables_removed or self.changed_tables)


def diff(old: Database, new: Database, tables: Collection[str] = ()) -> Diff:
    """Compare two states of the data.

    A row is known by its primary key. A retired id is followed to its successor, in its own table and in
    every column that refers to it. Cells are compared as written: `0.60` isn't `0.6`.

    Args:
        old: the earlier state.
        new: the later one.
        tables: names of the tables to compare; all where empty.

    Raises:
        TableError: the form of a file is broken.
    """
    old_tables = [t for t in old.packages_by_table if not tables or t in tables]
    new_tables = [t for t in new.packages_by_table if not tables or t in tables]
    successors = _moved_ids(old, _successors(new))
    table_diffs = [_table(t, old, new, successors) for t in new_tables if t in old.packages_by_table]
    retired_ids = set(new.retired_ids)
    missing_ids = [(t.table, key) for t in table_diffs if t.has_id for key in t.removed[_KEY]]
    return Diff(
        (old.label, old.version),
        (new.label, new.version),
        {t: new.text(t).height for t in new_tables if t not in old.packages_by_table},
        {t: old.text(t).height for t in old_tables if t not in new.packages_by_table},
        table_diffs,
        [pair for pair in missing_ids if pair not in retired_ids],
    )


def _successors(new: Database) -> dict[str, dict[str, str]]:
    """Map each table to its retired ids that have a successor."""
    successors: dict[str, dict[str, str]] = {}
    for (table, before), after in new.retired_ids.items():
        if after:
            successors.setdefault(table, {})[before] = after
    return successors


def _moved_ids(old: Database, successors: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Keep the ids that moved: a row that joined another is one that is gone."""
    moved: dict[str, dict[str, str]] = {}
    for table, pairs in successors.items():
        if table not in old.packages_by_table:
            continue
        old_keys = set(_add_keys(old.text(table), old.resource(table).schema.primary_key)[_KEY])
        moved_of_table = moved.setdefault(table, {})
        for before, after in sorted(pairs.items()):
            if before in old_keys and after not in old_keys and after not in moved_of_table.values():
                moved_of_table[before] = after
    return moved


def _table(table: str, old: Database, new: Database, moved: Mapping[str, Mapping[str, str]]) -> TableDiff:
    before, after = old.resource(table).schema, new.resource(table).schema
    a, b = old.text(table), new.text(table)
    rows = (a.height, b.height)
    key = after.primary_key if set(after.primary_key) <= set(a.columns) else ()
    a = _replace_retired_ids(a, table, after, moved)
    a, b = _add_keys(a, key, moved.get(table, {})), _add_keys(b, key)
    common = a.join(b, on=_KEY, how="inner", suffix=_NEW, maintain_order="right")
    old_columns = [c for c in before.names if c not in after.names and c in a.columns]
    new_columns = [c for c in after.names if c not in before.names and c in b.columns]
    renamed_pairs = renamed_columns(common, old_columns, new_columns)
    for old_name, new_name in renamed_pairs:
        old_columns.remove(old_name)
        new_columns.remove(new_name)
    return TableDiff(
        table,
        rows,
        after.primary_key,
        added=b.join(a, on=_KEY, how="anti", maintain_order="left").drop(_OLD_KEY),
        removed=a.join(b, on=_KEY, how="anti", maintain_order="left").drop(_OLD_KEY),
        renamed=common.filter(pl.col(_OLD_KEY) != pl.col(_KEY)).select(
            pl.col(_OLD_KEY).alias("old_key"), pl.col(_KEY).alias("new_key")
        ),
        revised=_find_revisions(common, [c for c in after.names if c in a.columns and c in b.columns and c not in key]),
        key_changed=None if before.primary_key == after.primary_key else (before.primary_key, after.primary_key),
        columns_added=new_columns,
        columns_removed=old_columns,
        columns_renamed=renamed_pairs,
        columns_changed=compare_columns(before, after),
    )


def _replace_retired_ids(
    frame: pl.DataFrame, table: str, schema: TableSchema, moved: Mapping[str, Mapping[str, str]]
) -> pl.DataFrame:
    """Write the successor for each retired id that the columns of a table refer to."""
    for reference in schema.all_references():
        pairs = moved.get(reference.reference.table or table)
        if pairs and len(reference.columns) == 1 and reference.columns[0] in frame.columns:
            frame = frame.with_columns(pl.col(reference.columns[0]).replace(pairs))
    return frame


def _add_keys(frame: pl.DataFrame, key: Sequence[str], moved: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Add the key of each row, and the key it had before; rows of a table without a key are their own key."""
    key_expression = pl.concat_str([pl.col(c) for c in key or frame.columns], separator="|")
    frame = frame.with_columns(key_expression.alias(_OLD_KEY))
    if frame[_OLD_KEY].is_duplicated().any():
        # The second of two rows with one key is compared with the second one there.
        number = pl.int_range(pl.len()).over(_OLD_KEY)
        distinct_key = pl.when(number > 0).then(pl.format("{} ({})", _OLD_KEY, number + 1)).otherwise(_OLD_KEY)
        frame = frame.with_columns(distinct_key.alias(_OLD_KEY))
    return frame.with_columns(pl.col(_OLD_KEY).replace(moved or {}).alias(_KEY))


def _find_revisions(common: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    frames = [
        common.lazy()
        .with_row_index("row")
        .filter(pl.col(c) != pl.col(c + _NEW))
        .select(
            "row",
            pl.col(_KEY).alias("key"),
            pl.lit(c).alias("column"),
            pl.col(c).alias("old"),
            pl.col(c + _NEW).alias("new"),
        )
        for c in columns
    ]
    empty = pl.LazyFrame(schema={"row": pl.UInt32, **dict.fromkeys(("key", "column", "old", "new"), pl.String)})
    # One row's fields together, in the order of the columns.
    return pl.concat([empty, *frames]).collect().sort("row", maintain_order=True).drop("row")
