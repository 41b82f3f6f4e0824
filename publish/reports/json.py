"""JSON: the report, for programs."""

from __future__ import annotations

import json

from luminaldb.issues import Report


def render(report: Report) -> str:
    """Give what `Report.to_dict` holds."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"
