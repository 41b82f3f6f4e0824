"""`luminaldb sources`: checks of the cited papers and of texts against them."""

from __future__ import annotations

import typer

from ..lazy_commands import LazyCommand, group_of
from . import check, overlap

app = typer.Typer(
    cls=group_of([LazyCommand("check", check.command), LazyCommand("overlap", overlap.command)]),
    no_args_is_help=True,
    help="Check cited papers for retractions and corrections, and texts for copied sentences.",
)
