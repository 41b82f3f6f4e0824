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
        for name in {_normalise_name(name) for name in row if name}:
            by_name.setdefault(name, []).append(row[0])
    ids = []
    for name in names:
        matching_ids = by_name.get(_normalise_name(str(name)), [])
        if not matching_ids:
            refuse_unknown("trial", name, acronyms, table="trials")
        if len(matching_ids) > 1 and name not in matching_ids:
            raise LuminaldbError(
                f"{name!r} names several trials: {', '.join(sorted(matching_ids))}", hint="give one of these ids"
            )
        ids.append(name if name in matching_ids else matching_ids[0])
    return tuple(dict.fromkeys(ids))


def is_of_trials(rows: pl.DataFrame, trials: str | Iterable[str]) -> pl.Series:
    """Return whether each row is of one of some trials, by the columns trial_id and acronym.

    Raises:
        LuminaldbError: no row is of a trial, or the rows have neither column.
    """
    columns = [column for column in ("trial_id", "acronym") if column in rows.columns]
    if not columns:
        raise LuminaldbError("the rows have no column trial_id or acronym, by which trials are chosen")
    names = [{_normalise_name(str(name)) for name in row if name} for row in rows.select(columns).iter_rows()]
    requested_names = [trials] if isinstance(trials, str) else list(trials)
    for requested_name in requested_names:
        if not any(_normalise_name(requested_name) in names_of_row for names_of_row in names):
            trial_names = ", ".join(rows[columns[-1]].drop_nulls().cast(pl.String).unique(maintain_order=True))
            raise LuminaldbError(f"no result to pool is of trial {requested_name!r}; there are {trial_names or 'none'}")
    requested = {_normalise_name(requested_name) for requested_name in requested_names}
    return pl.Series("is_of_trials", [bool(names_of_row & requested) for names_of_row in names], dtype=pl.Boolean)


def _normalise_name(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
