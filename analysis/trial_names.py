"""From any name of a trial to its id."""

from __future__ import annotations

from collections.abc import Iterable

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


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
