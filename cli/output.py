"""How commands print: drawn for people on a terminal, plain when piped, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


def is_terminal() -> bool:
    """Return whether a person reads what is printed."""
    return sys.stdout.isatty()


def print_frame(frame: pl.DataFrame, *, as_json: bool = False, title: str = "") -> None:
    """Print a frame: a drawn table on a terminal, tab-separated text in a pipe, JSON where asked for."""
    if as_json:
        print_json(frame.to_dicts())
    elif is_terminal():
        _draw(frame, title)
    else:
        lines = ["\t".join(frame.columns)]
        lines += ["\t".join(_escape_tabs(v) for v in row) for row in frame.iter_rows()]
        sys.stdout.write("\n".join(lines) + "\n")


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def _escape_tabs(value: Any) -> str:
    return "" if value is None else format_value(value).replace("\t", " ").replace("\n", " ")


def format_value(value: Any) -> str:
    """Write a value as a table shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _draw(frame: pl.DataFrame, title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold", show_lines=False)
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(Text("" if v is None else format_value(v)) for v in row))
    Console().print(table)


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being worked on; stay silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as status:
        yield lambda name: status.update(f"{what}: {name}")
