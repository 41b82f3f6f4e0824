"""The sets of rules that a validation can run beside the standards: chosen by the user or the descriptor."""

from __future__ import annotations

from collections.abc import Collection

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.datapackage.package import Package

STANDARD, TRIAL_EVIDENCE, STATISTICS = "standard", "trial-evidence", "statistics"
RULE_SETS = (STANDARD, TRIAL_EVIDENCE, STATISTICS)
RULES_PROPERTY = "x-rules"
_PROJECT_NAME = "luminaldb"


def parse_rule_sets(names: str | Collection[str] | None) -> frozenset[str] | None:
    """Read the names of rule sets, joined by commas or listed.

    >>> sorted(parse_rule_sets("standard,statistics"))
    ['standard', 'statistics']

    Returns:
        The sets; None where none is named, so that each package's own choice holds.

    Raises:
        LuminaldbError: there is no such set.
    """
    if names is None:
        return None
    items = [names] if isinstance(names, str) else list(names)
    set_names = [word.strip() for item in items for word in item.split(",")]
    for word in set_names:
        if word not in RULE_SETS:
            raise LuminaldbError(f"there is no rule set {word!r}", hint=f"choose from {', '.join(RULE_SETS)}")
    return frozenset(set_names) or None


def rule_sets_of(package: Package, chosen: Collection[str] | None = None) -> frozenset[str]:
    """Return the rule sets that a package is checked by.

    The user's choice comes first, then the descriptor's `x-rules`. Packages of luminaldb, known by their name, have the
    rules on trial evidence; all others only the standards: a column isn't what its name may mean elsewhere.
    """
    if chosen is not None:
        return frozenset(chosen) | {STANDARD}
    property_value = package.descriptor.properties.get(RULES_PROPERTY)
    if property_value is not None:
        names = [property_value] if isinstance(property_value, str) else property_value
        known_names = [name for name in names if name in RULE_SETS] if isinstance(names, list) else []
        return frozenset((*known_names, STANDARD))
    is_project_package = package.name == _PROJECT_NAME or package.name.startswith(f"{_PROJECT_NAME}-")
    return frozenset((STANDARD, TRIAL_EVIDENCE)) if is_project_package else frozenset((STANDARD,))
