"""A frame validated by a pandera schema of the user's, its failures as issues."""

from __future__ import annotations

from collections import Counter
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.issue_codes import BROKEN_CHECK
from luminaldb.issues import Issue, Place, Report, Severity


def check_by_pandera(frame: Any, schema: Any, max_findings: int) -> Report:
    """Validate a frame by a pandera schema or model.

    Args:
        frame: of the kind that the schema is for.
        schema: a DataFrameSchema, or a DataFrameModel.
        max_findings: how many failures of a check are listed; 0 for all.

    Raises:
        LuminaldbError: it is no schema of pandera.
    """
    from pandera.errors import SchemaError, SchemaErrors

    pandera_schema = schema.to_schema() if hasattr(schema, "to_schema") else schema
    if not hasattr(pandera_schema, "validate"):
        raise LuminaldbError(f"{type(schema).__name__} is no schema", hint="give a Table Schema or a pandera schema")
    collected = frame.collect() if hasattr(frame, "collect") and not hasattr(frame, "height") else frame
    rows = len(collected)
    try:
        pandera_schema.validate(collected, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        records = cases.to_dicts() if hasattr(cases, "to_dicts") else cases.to_dict("records")
    except SchemaError as error:
        records = [{"column": "", "check": str(error).splitlines()[0], "failure_case": "", "index": None}]
    else:
        return Report([], 1, rows)
    listed: Counter[str] = Counter()
    issues: list[Issue] = []
    omitted: Counter[tuple[str, Severity, str]] = Counter()
    for record in records:
        check = str(record.get("check"))
        listed[check] += 1
        if max_findings and listed[check] > max_findings:
            omitted[BROKEN_CHECK, "error", "frame"] += 1
            continue
        index = record.get("index")
        line = int(index) + 1 if isinstance(index, int) else 0
        column, value = str(record.get("column") or ""), record.get("failure_case")
        place = Place(
            table="frame",
            file="frame",
            line=line,
            column=column,
            value="" if value is None else str(value),
            in_frame=True,
        )
        issues.append(Issue(BROKEN_CHECK, f"the check {check} fails", "Fix the cell, or the schema.", place=place))
    issues.sort(key=lambda issue: issue.line)
    return Report(issues, 1, rows, [], dict(omitted))
