"""The frame that checks are run on: each column typed and as written, and the columns that its keys join."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import TableSchema
from luminaldb.loaders.datapackage.wide_integers import widen_integers

from .check_columns import ROW, TEXT, joined_column
from .checks import Check
from .sorted_keys import is_strictly_increasing


def check_frame(text: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """Return a table's described columns twice: `x` typed, `x::text` as written, null where empty.

    A cell that hasn't its type's form is null in `x` and not in `x::text`. `::row` counts the rows from 0.
    """
    return widen_integers(text.select(*check_frame_columns(text.columns, schema)), text, schema)


def check_frame_columns(columns: Sequence[str], schema: TableSchema) -> Iterator[pl.Expr]:
    """Yield the expressions that make a frame of text what `check_frame` gives, integers beyond 64 bits aside."""
    names = set(columns)
    fields = [f for f in schema.fields if f.name in names]
    yield pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW)
    yield from (field_types.cast(f, schema.missing_values_of(f)) for f in fields)
    yield from (field_types.text_or_null(f, schema.missing_values_of(f)).alias(f.name + TEXT) for f in fields)


def add_text_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the `x::text` columns to a typed frame of a user, whose numbers have lost their trailing zeros."""
    without_text = [c for c in frame.columns if not c.endswith(TEXT) and c + TEXT not in frame.columns]
    scalar_columns = [
        c for c in without_text if not isinstance(frame.schema[c], (pl.List, pl.Struct, pl.Array, pl.Object))
    ]
    texts = (float_text(pl.col(c)) if frame.schema[c].is_float() else pl.col(c).cast(pl.String) for c in scalar_columns)
    return frame.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW),
        *(text.alias(c + TEXT) for c, text in zip(scalar_columns, texts, strict=True)),
    )


def float_text(cell: pl.Expr) -> pl.Expr:
    """Write floats as a table would: whole ones without a point, since the number of printed zeros is unknown."""
    text = cell.cast(pl.String).str.strip_suffix(".0")
    # A table's number has no exponent: 0.00001, not 1e-5.
    digits = cell.cast(pl.Decimal(38, 18), strict=False).cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
    has_exponent = text.str.contains("e", literal=True) & cell.abs().is_between(1e-15, 1e15)
    text = pl.when(cell.is_nan()).then(pl.lit("NaN")).when(has_exponent).then(digits).otherwise(text)
    return text.str.replace("inf", "INF", literal=True)


def join_referenced_tables(
    frame: pl.DataFrame, schema: TableSchema, targets: Mapping[int, pl.DataFrame], columns_to_join: Iterable[str]
) -> pl.DataFrame:
    """Join the columns of referenced tables that some check needs, as `key::column`.

    Args:
        frame: as `check_frame` gives it.
        schema: of the table.
        targets: frames of the tables referred to, as `check_frame` gives them, by number of the reference.
        columns_to_join: names of the columns to join, as `joined_column` gives them; others are left out.
    """
    remaining_columns = set(columns_to_join)
    result = frame.lazy()
    added: list[str] = []
    for number, key in enumerate(schema.all_references()):
        target = targets.get(number)
        if target is None or len(key.columns) > 1:
            continue
        local, remote = key.columns[0] + TEXT, key.reference.columns[0] + TEXT
        target_columns = [c for c in target.columns if joined_column(key.columns[0], c) in remaining_columns]
        if not target_columns or remote not in target.columns or local not in frame.columns:
            continue
        # A primary key mostly increases from row to row; proving that is faster than hashing it again.
        distinct_target = (
            target
            if is_strictly_increasing(target[remote])
            else target.unique(remote, keep="first", maintain_order=True)
        )
        renamed_target = distinct_target.lazy().select(
            remote, *(pl.col(c).alias(joined_column(key.columns[0], c)) for c in target_columns)
        )
        result = result.join(renamed_target, left_on=local, right_on=remote, how="left", maintain_order="left")
        added += (joined_column(key.columns[0], c) for c in target_columns)
        remaining_columns.difference_update(added)
    # Only the new columns go through the joins, which would copy all others.
    return frame.hstack(result.select(added).collect()) if added else frame


def applicable_checks(
    checks: Iterable[Check], columns: Iterable[str], partial: pl.DataFrame | None = None
) -> list[Check]:
    """Keep the checks whose columns, those of the table and the joined ones, the frame has.

    Args:
        checks: of the table.
        columns: of the frame they are to run on.
        partial: where the table lacks columns, a frame as `check_frame` gives it: an expression may look at more
            columns than those it reports on.
    """
    names = set(columns)
    possible_checks = [c for c in checks if set(c.columns) <= names and set(c.joined_columns) <= names]
    if partial is None:
        return possible_checks
    empty = partial.clear()
    # Most look at their own columns alone, which is cheap to try where a table has thousands.
    return [
        c
        for c in possible_checks
        if c.joined_columns or _resolves(c, _columns_and_texts(c, empty, names)) or _resolves(c, empty)
    ]


def _columns_and_texts(check: Check, empty: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    names = (name for column in check.columns for name in (column, column + TEXT) if name in columns)
    return pl.DataFrame({name: empty.get_column(name) for name in dict.fromkeys(names)})


def _resolves(check: Check, empty: pl.DataFrame) -> bool:
    try:
        nw.from_native(empty).select(check.expression)
    except nw.exceptions.ColumnNotFoundError:
        return False
    return True
