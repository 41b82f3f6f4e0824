"""`luminaldb sources`: checks of the cited papers and of texts against them."""

from __future__ import annotations

import typer

from . import check, overlap

app = typer.Typer(
    no_args_is_help=True, help="Check cited papers for retractions and corrections, and texts for copied sentences."
)
app.callback()(lambda: None)
app.command("check")(check.command)
app.command("overlap")(overlap.command)
