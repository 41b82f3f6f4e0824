"""Options that commands share: which release or folder they read, which measures they pool."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

DataVersion = Annotated[
    str | None,
    typer.Option("--data-version", help="Read a release instead of the installed tables, for instance 2.1.0."),
]
DataFolder = Annotated[
    Path | None,
    typer.Option("--in", help="Read a folder of data packages, or a zip, instead of the installed tables."),
]
# As analysis.studies.MEASURES has them; a test compares the two.
Measure = Literal["hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "risk_difference"]


def refuse_unknown(option: str, values: Iterable[str] | None, allowed_values: tuple[str, ...]) -> None:
    """Refuse a value that an option, which may be repeated, doesn't have.

    Raises:
        typer.BadParameter: naming the first such value; typer ends with exit code 2.
    """
    for value in values or ():
        if value not in allowed_values:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(allowed_values)}", param_hint=option)
