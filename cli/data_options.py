"""Options of every command that reads tables: which release, or which folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataVersion = Annotated[
    str | None,
    typer.Option("--data-version", help="Read a release instead of the installed tables, for instance 2.1.0."),
]
DataFolder = Annotated[
    Path | None,
    typer.Option("--in", help="Read a folder of data packages, or a zip, instead of the installed tables."),
]
