"""`luminaldb release`: build and archive a release, and check its version number."""

from __future__ import annotations

import typer

from ..lazy_commands import LazyCommand, group_of
from . import archive, build, cff, check, cut

app = typer.Typer(
    cls=group_of(
        [
            LazyCommand("build", build.command),
            LazyCommand("check", check.command),
            LazyCommand("changelog", check.changelog),
            LazyCommand("cut", cut.command),
            LazyCommand("archive", archive.command),
            LazyCommand("cff", cff.command),
        ]
    ),
    no_args_is_help=True,
    help="Build and archive a release, and check its version number.",
)
