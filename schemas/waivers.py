"""Issues accepted for one row with a reason; a waiver that matches no issue is one itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from luminaldb.issue_codes import STALE_WAIVER
from luminaldb.issues import Issue
from luminaldb.loaders import installed

from .checked_table import STRUCTURAL_CODES, CheckedTable
from .table_to_check import WAIVERS, TableToCheck

_COLUMNS = ("rule_code", "table_name", "row_key")


class Waivers:
    """The waivers of a validation; none where no package has a table of them."""

    def __init__(self, tables: Iterable[CheckedTable]) -> None:
        checked_tables = list(tables)
        self._tables = {t.name: t.table for t in checked_tables}
        self._waivers_table = next((t for t in checked_tables if t.name == WAIVERS), None)
        self._accepted: dict[tuple[str, ...], int] = {}
        if self._waivers_table is not None:
            # There are few of them: they are read here whatever engine runs the checks.
            text = self._waivers_table.table.source.text(WAIVERS)
            if set(_COLUMNS) <= set(text.frame.columns):
                rows = text.frame.select(_COLUMNS).iter_rows()
                self._accepted = {row: text.lines[n] for n, row in enumerate(rows)}

    @property
    def tables(self) -> set[str]:
        """Names of the tables in which issues are accepted."""
        return {table for _, table, _ in self._accepted}

    def apply(self, issues: Sequence[Issue]) -> Sequence[Issue]:
        """Leave out the accepted issues, and add one for each waiver that matches none."""
        if not self._accepted:
            return issues
        broken = {issue.table for issue in issues if issue.code in STRUCTURAL_CODES}
        issue_keys = {(issue.code, issue.table, issue.row_key) for issue in issues}
        return [*self.remove_accepted(issues), *self._stale_issues(issue_keys, broken)]

    def remove_accepted(self, issues: Sequence[Issue]) -> Sequence[Issue]:
        """Leave out the accepted issues."""
        if not self._accepted:
            return issues
        return [i for i in issues if (i.code, i.table, i.row_key) not in self._accepted]

    def _stale_issues(self, issue_keys: set[tuple[str, str, str]], broken: set[str]) -> Iterator[Issue]:
        # What rules would find in a broken table, or by a comparison with it, is unknown.
        if broken:
            return
        unchecked_tables = set(installed.packages_by_table()) - set(self._tables)
        for waiver, line in self._accepted.items():
            code, table, key = waiver
            if self._waivers_table is None or (code, table, key) in issue_keys or table in unchecked_tables:
                continue
            if table in self._tables and _tables_needed(self._tables[table], code) & unchecked_tables:
                continue
            message = f"the waiver matches no finding of {code} on {table} {key}"
            yield self._waivers_table.issue(
                STALE_WAIVER,
                message,
                "Delete the waiver.",
                line=line,
                column="rule_code",
                value=code,
                key="|".join(waiver),
            )


def _tables_needed(table: TableToCheck, code: str) -> set[str]:
    """Return the tables that a rule's checks look at beside the one that they check."""
    from .lookups import WholeTableLookup

    tables: set[str] = set()
    for check in (c for c in table.rule_checks(warnings=True) if c.code == code):
        for lookup in check.lookups:
            if not isinstance(lookup, WholeTableLookup):
                tables |= set(installed.packages_by_table() if lookup.needed_tables is None else lookup.needed_tables)
        for key in table.resource.schema.all_references():
            if any(name.startswith(f"{key.columns[0]}::") for name in check.joined_columns):
                tables.add(key.reference.table or table.name)
    return tables
