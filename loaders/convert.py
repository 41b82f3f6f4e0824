"""Convert a polars frame to pandas, Arrow or DuckDB."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from luminaldb.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

FrameType = Literal["polars", "pandas", "arrow", "duckdb"]


def convert(frame: pl.DataFrame, to: str, *, ordered: Collection[str] = ()) -> Any:
    """Convert a polars frame.

    Args:
        frame: to convert.
        to: polars, pandas, arrow or duckdb.
        ordered: columns whose categories have an order; pandas shows the others as unordered categories.

    Returns:
        The frame. In pandas whole numbers are `Int64` and booleans `boolean`, so that an empty cell changes no type;
        enums are categories, dates `datetime64`.

    Raises:
        MissingExtraError: the library isn't installed.
        ValueError: `to` is none of the kinds.
    """
    if to not in ("polars", "pandas", "arrow", "duckdb"):
        raise ValueError(f"to={to!r} is none of polars, pandas, arrow, duckdb")
    try:
        match to:
            case "pandas":
                return _to_pandas(frame, ordered)
            case "arrow":
                return frame.to_arrow()
            case "duckdb":
                import duckdb

                return duckdb.from_arrow(frame.to_arrow())
    except ModuleNotFoundError as error:
        missing = error.name or to
        raise MissingExtraError(f"{missing} is not installed", hint=f"run: pip install 'luminaldb[{to}]'") from None
    return frame


def _to_pandas(frame: pl.DataFrame, ordered: Collection[str]) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    nullable = {pa.int64(): pd.Int64Dtype(), pa.uint32(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    pandas_frame: pd.DataFrame = frame.to_arrow().to_pandas(types_mapper=nullable.get, date_as_object=False)
    for name, dtype in pandas_frame.dtypes.items():
        if isinstance(dtype, pd.CategoricalDtype) and dtype.ordered != (name in ordered):
            pandas_frame[name] = pandas_frame[name].cat.set_categories(dtype.categories, ordered=name in ordered)
    return pandas_frame
