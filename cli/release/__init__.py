"""`luminaldb release`: build and archive a release, and check its version number."""

from __future__ import annotations

import typer

from . import archive, build, cff, check, cut

app = typer.Typer(no_args_is_help=True, help="Build and archive a release, and check its version number.")
app.command("build")(build.command)
app.command("check")(check.command)
app.command("changelog")(check.changelog)
app.command("cut")(cut.command)
app.command("archive")(archive.command)
app.command("cff")(cff.command)
