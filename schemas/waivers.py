"""Findings accepted for one row with a reason; a waiver that matches no finding is one itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from luminaldb.issue_codes import STALE_WAIVER
from luminaldb.issues import Issue
from luminaldb.loaders import installed

from .table_in_memory import STRUCTURAL, Table

TABLE = "waivers"
_COLUMNS = ("rule_code", "table_name", "row_key")


class Waivers:
    """The waivers of a validation; none where no package has a table of them."""

    def __init__(self, tables: Iterable[Table]) -> None:
        own = list(tables)
        self._given = {t.name for t in own}
        self._holder = next((t for t in own if t.name == TABLE), None)
        self._accepted: dict[tuple[str, ...], int] = {}
        if self._holder is not None and set(_COLUMNS) <= set(self._holder.text.frame.columns):
            rows = self._holder.text.frame.select(_COLUMNS).iter_rows()
            self._accepted = {row: n for n, row in enumerate(rows)}

    @property
    def tables(self) -> set[str]:
        """Names of the tables in which findings are accepted."""
        return {table for _, table, _ in self._accepted}

    def apply(self, findings: list[Issue]) -> list[Issue]:
        """Leave out the accepted findings, and add one for each waiver that matches none."""
        broken = {f.table for f in findings if f.code in STRUCTURAL}
        found = {(f.code, f.table, f.row_key) for f in findings}
        return [*self.accepted(findings), *self._stale(found, broken)]

    def accepted(self, findings: list[Issue]) -> list[Issue]:
        """Leave out the accepted findings."""
        return [f for f in findings if (f.code, f.table, f.row_key) not in self._accepted]

    def _stale(self, found: set[tuple[str, str, str]], broken: set[str]) -> Iterator[Issue]:
        if TABLE in broken:
            return
        # Of a table that isn't at hand, or not whole, nobody knows what would be found.
        unseen = broken | (set(installed.owners()) - self._given)
        for waiver, n in self._accepted.items():
            rule, table, key = waiver
            if self._holder is None or (rule, table, key) in found or table in unseen:
                continue
            message = f"the waiver matches no finding of {rule} on {table} {key}"
            line = self._holder.text.lines[n]
            yield self._holder.finding(
                STALE_WAIVER, line, "rule_code", message, "Delete the waiver.", value=rule, key="|".join(waiver)
            )
