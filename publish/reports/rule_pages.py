"""The rules explained: one page for a terminal, and docs/rules.md."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.errors import LuminaldbError
from luminaldb.schemas.rules import RULES
from luminaldb.schemas.rules.rule import Example, Rule
from luminaldb.schemas.statistics.rules import STATISTICS_RULES

# The rules on trial evidence, and those that apply to extraction sheets alone.
_ALL_RULES = tuple(sorted((*RULES, *STATISTICS_RULES), key=lambda rule: rule.code))
_GROUP_TITLES = {
    "1": "Numbers that must fit one another",
    "2": "Cells that belong together",
    "3": "Rows that belong together",
    "4": "Identifiers",
    "5": "Text",
    "6": "The graph of rows",
}


def find_rule(code: str) -> Rule:
    """Find a rule by its code.

    Raises:
        LuminaldbError: there is no such rule; the message lists the codes.
    """
    for rule in _ALL_RULES:
        if rule.code == code.upper():
            return rule
    raise LuminaldbError(f"no rule {code!r}", hint=f"there are {', '.join(r.code for r in _ALL_RULES)}")


def explain(rule: Rule) -> list[tuple[str, str]]:
    """Return the sections of the page of a rule, as pairs of heading and text."""
    pairs = [("severity", rule.severity), ("reason", rule.reason), ("formula", rule.formula), ("source", rule.source)]
    pairs += [("passes", _format_example(rule.passing)), ("fails", _format_example(rule.failing))]
    return [(name, text) for name, text in pairs if text]


def _format_example(example: Example) -> str:
    rows = (", ".join(f"{name} = {value}" for name, value in row.items() if value != "") for row in example.rows)
    return f"{example.table}: " + "; ".join(rows)


def markdown() -> str:
    """Write every rule as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield (
        "Written by `luminaldb rule --markdown`; CI refuses a copy that differs. An error fails a validation; a "
        "warning is looked for only with `--warnings`. A finding that stands because the source prints it so is "
        "waived in `datasets/curation/waivers.csv`."
    )
    group = ""
    for rule in _ALL_RULES:
        if rule.code[3] != group:
            group = rule.code[3]
            yield ""
            yield f"## {_GROUP_TITLES[group]}"
        yield ""
        yield f"### {rule.code}: {rule.title}"
        yield ""
        for name, text in explain(rule):
            yield f"- **{name}**: {text}"
