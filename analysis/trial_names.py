"""From any name of a trial to its id."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.suggestions import refuse_unknown


def trial_ids(names: Iterable[str], database: Database) -> tuple[str, ...]:
    """Find trials by id, acronym or registration; case, blanks and hyphens don't matter.

    Raises:
        LuminaldbError: no trial has one of the names, the message gives the nearest; or several trials have it.

    Example:
        >>> from luminaldb import Database
        >>> from luminaldb.analysis.trial_names import trial_ids
        >>> trial_ids(["paloma 2", "NCT01958021"], Database.installed())
        ('paloma-2', 'monaleesa-2')
    """
    by_name: dict[str, list[str]] = {}
    acronyms = []
    columns = ("trial_id", "acronym", "registry_id")
    for row in database.frame("trials").select(columns).iter_rows():
        acronyms += [name for name in row[:2] if name]
        for name in {_plain(name) for name in row if name}:
            by_name.setdefault(name, []).append(row[0])
    found = []
    for name in names:
        own = by_name.get(_plain(str(name)), [])
        if not own:
            refuse_unknown("trial", name, acronyms, table="trials")
        if len(own) > 1 and name not in own:
            raise LuminaldbError(
                f"{name!r} names several trials: {', '.join(sorted(own))}", hint="give one of these ids"
            )
        found.append(name if name in own else own[0])
    return tuple(dict.fromkeys(found))


def of_trials(rows: pl.DataFrame, trials: str | Iterable[str]) -> pl.Series:
    """Return whether each row is of one of some trials, by the columns trial_id and acronym.

    Raises:
        LuminaldbError: no row is of a trial, or the rows have neither column.
    """
    columns = [column for column in ("trial_id", "acronym") if column in rows.columns]
    if not columns:
        raise LuminaldbError("the rows have no column trial_id or acronym, by which trials are chosen")
    names = [{_plain(str(name)) for name in row if name} for row in rows.select(columns).iter_rows()]
    asked = [trials] if isinstance(trials, str) else list(trials)
    for one in asked:
        if not any(_plain(one) in own for own in names):
            known = ", ".join(rows[columns[-1]].drop_nulls().cast(pl.String).unique(maintain_order=True))
            raise LuminaldbError(f"no result to pool is of trial {one!r}; there are {known or 'none'}")
    wanted = {_plain(one) for one in asked}
    return pl.Series("of_trials", [bool(own & wanted) for own in names], dtype=pl.Boolean)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
