"""A helper for the tests of a project that has tables: fail with the findings, as a linter prints them."""

from __future__ import annotations

from typing import Any

_MAX_ISSUES_SHOWN = 20


def assert_valid(*sources: Any, strict: bool = False, **options: Any) -> None:
    """Fail a test if a data package, table or frame has findings.

    >>> from luminaldb.testing import assert_valid
    >>> assert_valid("datasets/trials")              # doctest: +SKIP
    >>> assert_valid(frame, schema="schema.json")    # doctest: +SKIP

    Args:
        sources: what to validate; see `luminaldb.validate`.
        strict: whether what could not be checked is a failure, too.
        options: of `luminaldb.validate`.

    Raises:
        AssertionError: with one line per finding.
    """
    from luminaldb import validate

    __tracebackhide__ = True
    report = validate(*sources, **options)
    lines = [str(finding) for finding in report.errors[:_MAX_ISSUES_SHOWN]]
    not_shown = sum(count for (_, severity, _), count in report.omitted.items() if severity == "error")
    not_shown += max(0, len(report.errors) - _MAX_ISSUES_SHOWN)
    lines += [f"and {not_shown:,} more"] if not_shown else []
    lines += report.unchecked if strict else []
    if not report.ok and not lines:
        lines = ["nothing was checked"]
    if lines:
        raise AssertionError("\n".join(["not valid:", *lines]))
