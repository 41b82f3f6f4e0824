"""Refuse an unknown name, and suggest the nearest known one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from luminaldb.errors import LuminaldbError

from .database import Database

_MAX_NAMES_LISTED = 12


def refuse_unknown(kind_of_name: str, name: object, known: Sequence[str], *, table: str) -> None:
    """Raise unless a name is among the known ones.

    Args:
        kind_of_name: what the name is of, for the message.
        name: the name to check.
        known: every name that would be right.
        table: the table that lists the known ones, for the message when they are too many to list.

    Raises:
        LuminaldbError: the name isn't known; the text gives the nearest, else all, else the table that lists them.
    """
    if name in known:
        return
    nearest = get_close_matches(str(name).lower(), known, n=1, cutoff=0.5)
    alternatives = (
        f"there are {', '.join(known)}" if len(known) <= _MAX_NAMES_LISTED else f"luminaldb show {table} lists them"
    )
    raise LuminaldbError(f"no {kind_of_name} {name!r}; {f'did you mean {nearest[0]!r}?' if nearest else alternatives}")


def allowed_values(table: str, column: str, database: Database) -> tuple[str, ...]:
    """Return the values that the descriptor allows in a column, in its order."""
    fields = {field.name: field for field in database.resource(table).schema.fields}
    return tuple(map(str, fields[column].choices))
