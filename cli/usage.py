"""Wrong usage: one line that says what is wrong and what to do, and exit code 2."""

from __future__ import annotations

from typing import NoReturn

import typer


def refuse(reason: str) -> NoReturn:
    """End with exit code 2.

    Raises:
        typer.Exit: always.
    """
    from luminaldb.errors import hide_secrets

    typer.echo(f"luminaldb validate: {hide_secrets(reason)}; see luminaldb validate --help", err=True)
    raise typer.Exit(2)
