"""`luminaldb show TABLE`: rows of a table or of a joined view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

VIEWS = ("trial_results",)


def command(
    table: Annotated[str, typer.Argument(help="Name of a table, or trial_results.")],
    where: Annotated[
        str | None, typer.Option(help="SQL condition, for instance \"endpoint_id = 'os' AND ci_high < 1\".")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Columns to show, separated by commas.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many rows at most; 0 for all.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show rows of a table, or of trial_results: every result joined with trial, arms and source."""
    from .output import print_frame

    frame = _chosen(_filtered(_loaded(table), where, table), columns, table)
    total = frame.height
    frame = frame.head(limit) if limit else frame
    print_frame(frame, as_json=as_json, title=table)
    if frame.height < total:
        typer.echo(f"{frame.height} of {total} rows; --limit 0 shows all", err=True)


def _loaded(table: str) -> pl.DataFrame:
    from luminaldb.loaders.frames import load
    from luminaldb.loaders.views import trial_results

    return trial_results() if table in VIEWS else load(table)


def _filtered(frame: pl.DataFrame, where: str | None, table: str) -> pl.DataFrame:
    if where is None:
        return frame
    import polars as pl

    from luminaldb.errors import LuminaldbError

    text = frame.with_columns(pl.col(pl.Enum).cast(pl.String))
    try:
        kept = text.with_row_index("::row").filter(pl.sql_expr(where))["::row"]
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise LuminaldbError(
            f"--where {where!r} doesn't work on {table}: {reason}; see luminaldb describe {table}"
        ) from None
    return frame[kept.to_list()]


def _chosen(frame: pl.DataFrame, columns: str | None, table: str) -> pl.DataFrame:
    if columns is None:
        return frame
    from luminaldb.errors import LuminaldbError

    names = [name.strip() for name in columns.split(",") if name.strip()]
    if unknown := [name for name in names if name not in frame.columns]:
        raise LuminaldbError(f"{table} has no column {unknown[0]!r}; it has {', '.join(frame.columns)}")
    return frame.select(list(dict.fromkeys(names)))
