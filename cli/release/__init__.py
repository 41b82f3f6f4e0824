"""`luminaldb release`: make a release of the evidence, and judge what a new one may be called."""

from __future__ import annotations

import typer

from . import build

app = typer.Typer(no_args_is_help=True, help="Build a release, every artifact of it, the same bytes each time.")
app.command("build")(build.command)
