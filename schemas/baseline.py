"""Issues recorded in a file, so that only new ones are reported.

An issue is identified by its rule, table, row key, column and value, never by its line: a row may move. Issues that are
alike in all five, as those of rows without a key can be, are counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import read_input
from luminaldb.issues import Issue, Report

_KEY_PARTS = ("rule", "table", "row_key", "column", "value")
_VERSION = 1
_MAX_ENTRIES_SHOWN = 3
_MAX_BYTES = 1024**3

Key = tuple[str, ...]


def format_baseline(report: Report) -> str:
    """Write a report's issues as a baseline: sorted JSON, so that two of them can be compared."""
    counts = count_issues(report)
    entries = [{**dict(zip(_KEY_PARTS, key, strict=True)), "count": counts[key]} for key in sorted(counts)]
    return json.dumps({"version": _VERSION, "findings": entries}, indent=1, ensure_ascii=False) + "\n"


def count_issues(report: Report) -> Counter[Key]:
    """Count a report's issues by what identifies them."""
    return Counter(_key(issue) for issue in report.findings)


def read(file: Path) -> Counter[Key]:
    """Read a baseline.

    Raises:
        LuminaldbError: the file can't be read, or is no baseline.
    """
    try:
        baseline = json.loads(read_input(file, limit=_MAX_BYTES))
    except LuminaldbError as error:
        raise LuminaldbError(error.issue.message, subject=error.subject, hint="--write-baseline makes one") from None
    except (ValueError, RecursionError):
        raise LuminaldbError(
            "not a baseline, for it isn't JSON", subject=str(file), hint="--write-baseline makes one"
        ) from None
    entries = baseline.get("findings") if isinstance(baseline, dict) and baseline.get("version") == _VERSION else None
    if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
        raise LuminaldbError(
            f"not a baseline of version {_VERSION}", subject=str(file), hint="--write-baseline makes one"
        )
    counts: Counter[Key] = Counter()
    for entry in entries:
        counts[tuple(entry[part] for part in _KEY_PARTS)] += entry.get("count", 1)
    return counts


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(part), str) for part in _KEY_PARTS):
        return False
    count = entry.get("count", 1)
    return isinstance(count, int) and not isinstance(count, bool) and count > 0


def new_issues(report: Report, baseline: Counter[Key], tables: Collection[str], name: str) -> Report:
    """Keep the issues that a baseline doesn't have, and note its entries that match none.

    Args:
        report: of a validation, all its issues in it.
        baseline: the baseline.
        tables: names of the tables that were validated; entries on others are not noted.
        name: of the baseline's file, for the note.
    """
    remaining = baseline.copy()
    new: list[Issue] = []
    for issue in report.findings:
        key = _key(issue)
        if remaining[key] > 0:
            remaining[key] -= 1
        else:
            new.append(issue)
    unmatched = sorted(key for key, count in remaining.items() if count > 0 and (not key[1] or key[1] in tables))
    notes = [*report.notes, *([_note(unmatched, name)] if unmatched else [])]
    return replace(report, findings=new, notes=notes)


def _note(unmatched: list[Key], name: str) -> str:
    examples = "; ".join(" ".join(part for part in key[:4] if part) for key in unmatched[:_MAX_ENTRIES_SHOWN])
    more = f"; and {len(unmatched) - _MAX_ENTRIES_SHOWN} more" if len(unmatched) > _MAX_ENTRIES_SHOWN else ""
    entries = "1 entry matches" if len(unmatched) == 1 else f"{len(unmatched)} entries match"
    return f"{name}: {entries} no finding ({examples}{more}); --write-baseline makes it again"


def _key(issue: Issue) -> Key:
    return (issue.code, issue.table, issue.row_key, issue.column, issue.value)
