"""What a user chooses of a validation, apart from its engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

MAX_FINDINGS = 10_000


@dataclass(frozen=True, slots=True)
class ValidationOptions:
    """The choices of a validation.

    Attributes:
        warnings: whether to run the rules that only warn, too, or the names of the tables on which to.
        rules: names of the rule sets to run; where None, each package has its own, see `rule_sets_of`.
        columns: for the rules on statistics, the column of a table by the name of the rules; see
            `statistics.sheet_columns`.
        max_findings: how many findings of a rule are listed per table, further ones being counted; 0 for all.
        fail_fast: whether to stop at the first error.
        sample: how many rows of each table to check, from its beginning; None for all.
    """

    warnings: bool | Collection[str] = False
    rules: Collection[str] | None = None
    columns: Mapping[str, str] | None = None
    max_findings: int = MAX_FINDINGS
    fail_fast: bool = False
    sample: int | None = None


DEFAULT_OPTIONS = ValidationOptions()
