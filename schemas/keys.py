"""Primary, unique and foreign keys as checks.

Source: datapackage.org/standard/table-schema, primary, unique and foreign keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import narwhals as nw
import polars as pl

from luminaldb.issue_codes import REPEATED_PRIMARY_KEY, REPEATED_UNIQUE_KEY, UNKNOWN_KEY, UNKNOWN_REFERENCE
from luminaldb.loaders.datapackage.descriptor import ForeignKey, TableSchema

from .check_columns import TEXT
from .checks import Check
from .expressions import is_one_of

_UNIT_SEPARATOR = "\x1f"
_VALUE_COMPARED_TYPES = ("integer", "number", "boolean", "date", "time", "datetime", "year")


def key_checks(schema: TableSchema) -> Iterator[Check]:
    """Yield the checks of a table's primary and unique keys."""
    keys = [(REPEATED_PRIMARY_KEY, schema.primary_key)] if schema.primary_key else []
    keys += [(REPEATED_UNIQUE_KEY, key) for key in schema.unique_keys]
    for rule, key in keys:
        name = "primary key" if rule == REPEATED_PRIMARY_KEY else "unique key"
        key_template = " | ".join(f"{{{column}}}" for column in key)
        yield Check(
            rule,
            key,
            _unique(key, schema),
            f"{name} {key_template} occurs on more than one row",
            "Keep one of the rows, or give the other an identifier of its own.",
            compared_columns=_compared_columns(key, schema),
        )


def reference_checks(
    schema: TableSchema, targets: Mapping[int, pl.DataFrame], *, for_polars: bool = False
) -> Iterator[Check]:
    """Yield the checks of the keys that point elsewhere, of those whose target is at hand.

    Args:
        schema: of the table.
        targets: frames of the tables referred to, as `check_frame` gives them, by number of the reference.
        for_polars: whether polars runs the checks, which takes the known keys as they are; others take a list.
    """
    for number, key in enumerate(schema.all_references()):
        target = targets.get(number)
        if target is None or not {c + TEXT for c in key.reference.columns} <= set(target.columns):
            continue
        local, remote = key_columns(schema, key, target)
        keys = target.select(remote)
        is_text = len(local) == 1 and local[0].endswith(TEXT) and keys.dtypes == [pl.String]
        if for_polars and is_text:
            # A list of Python would be turned into one of polars each time the check is run.
            yield reference_check(key, nw.col(local[0]).is_in(keys.to_series().implode()))
        else:
            yield reference_check(key, _resolve_keys(local, keys))


def reference_check(key: ForeignKey, known: nw.Expr) -> Check:
    """Return the check of a key that points elsewhere; `known` is true where the key exists there or is empty."""
    table = key.reference.table or "this table"
    return Check(
        UNKNOWN_KEY if key.reference.package is None else UNKNOWN_REFERENCE,
        key.columns,
        known,
        f"{table} has no {', '.join(key.reference.columns)} like this",
        f"Fix the identifier, or add the row to {table} first.",
    )


def _resolve_keys(local: list[str], keys: pl.DataFrame) -> nw.Expr:
    if len(local) == 1:
        return is_one_of(local[0], keys.to_series().to_list())
    # A key of several columns is compared as one text. A row without one of its parts refers to nothing, as in SQL.
    parts = [nw.col(c).cast(nw.String()) for c in local]
    joined = nw.concat_str(*(p.fill_null("") for p in parts), separator=_UNIT_SEPARATOR)
    known_keys = {_UNIT_SEPARATOR.join(row) for row in keys.cast(pl.String).drop_nulls().iter_rows()}
    empty = nw.any_horizontal(*(p.is_null() for p in parts), ignore_nulls=True)
    return empty | joined.is_in(sorted(known_keys))


def key_columns(schema: TableSchema, key: ForeignKey, target: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Choose the columns by which a key is compared: by value where both columns are whole numbers, else as written."""
    kinds = {f.name: f.type for f in schema.fields}
    pairs = list(zip(key.columns, key.reference.columns, strict=True))
    by_value = [
        kinds.get(local) == "integer" and isinstance(target.schema.get(remote), pl.Int64 | pl.Int128)
        for local, remote in pairs
    ]
    local = [c if v else c + TEXT for (c, _), v in zip(pairs, by_value, strict=True)]
    remote = [c if v else c + TEXT for (_, c), v in zip(pairs, by_value, strict=True)]
    return local, remote


def _unique(key: tuple[str, ...], schema: TableSchema) -> nw.Expr:
    if len(key) == 1:
        return nw.col(key[0]).is_null() | nw.col(key[0]).is_unique()
    complete = ~nw.any_horizontal(*(nw.col(c).is_null() for c in key), ignore_nulls=True)
    return ~complete | (nw.col(key[0] + TEXT).len().over(*_compared_columns(key, schema)) == 1)


def _compared_columns(key: tuple[str, ...], schema: TableSchema) -> tuple[str, ...]:
    kinds = {f.name: f.type for f in schema.fields}
    return key if len(key) == 1 else tuple(c if kinds.get(c) in _VALUE_COMPARED_TYPES else c + TEXT for c in key)
