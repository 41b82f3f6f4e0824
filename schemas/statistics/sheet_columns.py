"""The columns that an extraction sheet can have, and how a user maps them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from luminaldb.errors import LuminaldbError

FIELD_STATISTIC_PROPERTY = "x-statistic"
RESOURCE_STATISTICS_PROPERTY = "x-statistics"

# Name, Table Schema type, and what it is.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "estimate": ("number", "a ratio, a difference or its logarithm"),
    "ci_low": ("number", "lower limit of its confidence interval"),
    "ci_high": ("number", "upper limit of its confidence interval"),
    "ci_level": ("number", "level of the interval in percent; 95 where it isn't named"),
    "measure": ("string", "what the estimate is: HR, OR, RR, IRR, MD, logHR and the like"),
    "p_value": ("number", "p value, with its operator where it has one: <0.001"),
    "p_operator": ("string", "=, <, > where it stands in a column of its own"),
    "p_sides": ("string", "1 or 2, of the test"),
    "standard_error": ("number", "standard error; of a ratio, that of its logarithm"),
    "events_experimental": ("integer", "events in the experimental arm"),
    "n_experimental": ("integer", "patients in the experimental arm"),
    "events_control": ("integer", "events in the control arm"),
    "n_control": ("integer", "patients in the control arm"),
    "n_total": ("integer", "patients in both arms"),
    "events": ("integer", "patients with an event, of one group"),
    "n": ("integer", "patients, of one group"),
    "percent": ("number", "100 events / n, a crude share"),
    "median_experimental": ("number", "median survival in the experimental arm"),
    "median_control": ("number", "median survival in the control arm"),
    "comparison": ("string", "names what several data cuts compare"),
    "data_cutoff": ("string", "date of the data cut, year first"),
    "follow_up": ("number", "median follow-up"),
    "meta_analysis_id": ("string", "names the meta-analysis of a row"),
    "is_pooled": ("boolean", "whether the row is the pooled estimate"),
    "i_squared": ("number", "I squared in percent"),
    "q_statistic": ("number", "Cochran's Q"),
    "studies": ("integer", "how many studies were pooled"),
}
# A column that holds several of them.
COMBINED: Mapping[str, tuple[str, ...]] = {
    "ci": ("ci_low", "ci_high"),
    "estimate_ci": ("estimate", "ci_low", "ci_high"),
}
CONSTANTS = ("measure", "ci_level", "p_sides")
RATIO, DIFFERENCE = "rate_ratio", "difference"
_WORDS: Mapping[str, tuple[str, ...]] = {
    "hazard_ratio": ("hr", "hazardratio", "hazard"),
    "odds_ratio": ("or", "oddsratio", "aor"),
    "risk_ratio": ("rr", "riskratio", "relativerisk"),
    RATIO: ("irr", "rateratio", "incidencerateratio", "ratio", "ror", "dor", "ratioofmeans", "rom"),
    DIFFERENCE: (
        "md", "smd", "wmd", "rd", "difference", "meandifference", "standardizedmeandifference", "riskdifference", "d",
        "g", "beta", "coefficient", "loghazardratio", "loghr", "lnhr", "logoddsratio", "logor", "lnor", "logriskratio",
        "logrr", "lnrr", "logratio", "lograteratio", "logirr",
    ),
}  # fmt: skip
MEASURES: Mapping[str, str] = {word: measure for measure, words in _WORDS.items() for word in words}


def measure_of(text: str) -> str | None:
    """Return what a word for a measure means, None for a word that isn't known.

    >>> measure_of("Hazard Ratio (HR)"), measure_of("log OR"), measure_of("weight")
    ('hazard_ratio', 'difference', None)
    """
    outside, _, inside = text.partition("(")
    for part in (text, outside, inside):
        if measure := MEASURES.get("".join(c for c in part.lower() if c.isalpha())):
            return measure
    return None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of a sheet is what.

    Attributes:
        columns: name of the sheet's column by the name in COLUMNS or COMBINED.
        constants: a value that holds for every row, by the name in COLUMNS.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str]


def parse_map(words: str | list[str] | tuple[str, ...]) -> dict[str, str]:
    """Read `estimate=HR,ci_low=LCL`; a comma in the name of a column is written as two.

    Raises:
        LuminaldbError: a part isn't NAME=COLUMN, a name has two columns, or isn't known; the nearest is named.
    """
    pairs: dict[str, str] = {}
    for word in [words] if isinstance(words, str) else words:
        for part in word.replace(",,", "\0").split(","):
            name, equals, column = (text.strip().replace("\0", ",") for text in part.partition("="))
            if not equals or not column:
                raise LuminaldbError(f"--map {part.strip()!r} is not NAME=COLUMN", hint="write estimate=HR,ci_low=LCL")
            if pairs.setdefault(name, column) != column:
                raise LuminaldbError(f"--map names two columns for {name}: {pairs[name]!r} and {column!r}")
    check_statistic_names(pairs)
    return pairs


def check_statistic_names(pairs: Mapping[str, str]) -> None:
    """Refuse a name that no rule uses.

    Raises:
        LuminaldbError: naming the nearest one.
    """
    names = (*COLUMNS, *COMBINED, *_WORDS)
    for name in pairs:
        if name not in names:
            close_matches = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            hint = (
                f"did you mean {close_matches[0]!r}?"
                if close_matches
                else f"there are {', '.join((*COLUMNS, *COMBINED))}"
            )
            raise LuminaldbError(f"no statistics rule uses a column {name!r}", hint=hint)


def column_map(pairs: Mapping[str, str], header: tuple[str, ...]) -> tuple[ColumnMap, list[str]]:
    """Find the columns of a map in a sheet.

    Args:
        pairs: name of a column of the sheet, or a constant, by name.
        header: the sheet's columns.

    Returns:
        The map, and the columns that the sheet doesn't have.
    """
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    missing_columns: list[str] = []
    for name, column in pairs.items():
        statistic = name
        if name in _WORDS:
            statistic, constants["measure"] = "estimate", name
        if column in header:
            columns[statistic] = column
        elif statistic in CONSTANTS:
            constants[statistic] = column
        else:
            missing_columns.append(column)
    return ColumnMap(columns, constants), missing_columns
