"""A diff for a program: every change, every field."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from luminaldb.curation.diff import Diff, TableDiff

from .diff_summary import KEY, cells, pair, revisions
from .version_rule import required_bump, required_bumps


def render(diff: Diff, limit: int) -> str:
    """Return everything; `limit` is for those who read."""
    del limit
    old, new = ({"label": label, "version": version} for label, version in pair(diff))
    document = {
        "old": old,
        "new": new,
        "bump": required_bump(diff).name,
        "reasons": [{"bump": r.bump.name, "what": r.message} for r in required_bumps(diff)],
        "tables_added": dict(diff.tables_added),
        "tables_removed": dict(diff.tables_removed),
        "unretired": [{"table": table, "id": key} for table, key in diff.unretired],
        "tables": [_table(t) for t in diff.changed_tables],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _table(table: TableDiff) -> dict[str, Any]:
    key = None if table.key_changed is None else {"old": table.key_changed[0], "new": table.key_changed[1]}
    return {
        "table": table.table,
        "rows": {"old": table.rows[0], "new": table.rows[1]},
        "primary_key_changed": key,
        "columns": {
            "added": list(table.columns_added),
            "removed": list(table.columns_removed),
            "renamed": [{"old": a, "new": b} for a, b in table.columns_renamed],
            "changed": [asdict(c) for c in table.columns_changed],
        },
        "added": [{"key": row[KEY], "fields": cells(row, table.key)} for row in table.added.iter_rows(named=True)],
        "removed": [{"key": row[KEY], "fields": cells(row, table.key)} for row in table.removed.iter_rows(named=True)],
        "renamed": [{"old": a, "new": b} for a, b in table.renamed.iter_rows()],
        "revised": [
            {"key": key, "fields": {column: {"old": a, "new": b} for column, a, b in fields}}
            for key, fields in revisions(table)
        ],
    }
