"""Findings accepted for one row with a reason; a waiver that matches no finding is one itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .findings import Finding

if TYPE_CHECKING:
    from .validation import Table

_COLUMNS = ("rule_code", "table_name", "row_key")


def waive(findings: list[Finding], tables: dict[tuple[str, str], Table]) -> list[Finding]:
    """Leave out the findings that a waivers table accepts, and add a finding for each stale waiver."""
    holder = next((t for (_, name), t in tables.items() if name == "waivers"), None)
    if holder is None or not set(_COLUMNS) <= set(holder.text.frame.columns):
        return findings
    accepted = {row: n for n, row in enumerate(holder.text.frame.select(_COLUMNS).iter_rows())}
    kept = [f for f in findings if (f.rule, f.table, f.row_key) not in accepted]
    matched = {(f.rule, f.table, f.row_key) for f in findings}
    given = {name for _, name in tables}
    for row, n in accepted.items():
        rule, table, key = row
        if row not in matched and table in given:
            kept.append(
                Finding(
                    holder.package, "waivers", "|".join(row), holder.file, holder.text.lines[n], "rule_code", rule,
                    "LDB901", "error", f"the waiver matches no finding of {rule} on {table} {key}", "Delete the waiver.",
                )
            )  # fmt: skip
    return kept
