"""The frame that checks are run on: each column typed and as written, with what its keys bring along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import polars as pl

from ..loaders import fields
from ..loaders.descriptor import TableSchema
from .checks import KNOWN, TEXT, Check, joined

Lookup = Callable[[int], pl.DataFrame | None]


def judged(text: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """Give a table's described columns twice: `x` typed, `x::text` as written, null where empty.

    A cell that hasn't its type's form is null in `x` and not in `x::text`.
    """
    described = [f for f in schema.fields if f.name in text.columns]
    return text.select(
        *(fields.cast(f, schema.missing_of(f)) for f in described),
        *(fields.present(f, schema.missing_of(f)).alias(f.name + TEXT) for f in described),
    )


def with_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the `x::text` columns to a frame that was typed elsewhere; trailing zeros are lost there."""
    absent = [c for c in frame.columns if not c.endswith(TEXT) and c + TEXT not in frame.columns]
    plain = [c for c in absent if not isinstance(frame.schema[c], (pl.List, pl.Struct, pl.Array, pl.Object))]
    return frame.with_columns(pl.col(c).cast(pl.String).alias(c + TEXT) for c in plain)


def bring(frame: pl.DataFrame, schema: TableSchema, targets: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    """Join each key's target: `key::known` where it exists, and the target's columns as `key::column`.

    Args:
        frame: as `judged` gives it.
        schema: of the table.
        targets: judged frames of the tables referred to, by number of the reference.
    """
    for number, key in enumerate(schema.all_references()):
        target = targets.get(number)
        if target is None:
            continue
        name = "|".join(key.columns)
        local = [c + TEXT for c in key.columns]
        remote = [c + TEXT for c in key.reference.columns]
        if not set(remote) <= set(target.columns) or not set(local) <= set(frame.columns):
            continue
        carried = [c for c in target.columns if not c.endswith(TEXT)]
        right = target.unique(remote, keep="first", maintain_order=True).select(
            *remote,
            pl.lit(value=True).alias(joined(name, KNOWN)),
            *(pl.col(c).alias(joined(name, c)) for c in carried),
        )
        frame = frame.join(right, left_on=local, right_on=remote, how="left", maintain_order="left")
    return frame


def runnable(checks: Iterable[Check], columns: Iterable[str]) -> list[Check]:
    """Keep the checks whose columns, their own and those brought along, are there."""
    there = set(columns)
    return [c for c in checks if set(c.columns) <= there and set(c.brings) <= there]
