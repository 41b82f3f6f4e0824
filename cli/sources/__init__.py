"""`luminaldb sources`: what became of the cited papers."""

from __future__ import annotations

import typer

from . import check

app = typer.Typer(no_args_is_help=True, help="Ask Crossref and PubMed what became of the cited papers.")
app.callback()(lambda: None)
app.command("check")(check.command)
