"""Integers beyond 64 bits: the standard knows no bound, so a column that needs more bits gets 128."""

from __future__ import annotations

import polars as pl

from . import field_types
from .descriptor import TableSchema


def widen_integers(typed: pl.DataFrame, text: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """Return a frame in which integer columns are as wide as their cells need.

    Args:
        typed: the described columns, cast.
        text: the same columns as text.
        schema: of the table.
    """
    wide_columns: list[pl.Series] = []
    names = set(typed.columns)
    for field in schema.fields:
        if field.type != "integer" or field.name not in names:
            continue
        missing = schema.missing_values_of(field)
        # A query of a frame takes a time that grows with all its columns.
        cells = text[field.name].to_frame()
        is_lost = (
            typed[field.name].is_null()
            & cells.select(field_types.text_or_null(field, missing).is_not_null()).to_series()
        )
        if is_lost.any():
            wide_column = cells.select(field_types.cast(field, missing, wide=True)).to_series()
            if wide_column.null_count() < typed[field.name].null_count():
                wide_columns.append(wide_column)
    return typed.with_columns(wide_columns) if wide_columns else typed
