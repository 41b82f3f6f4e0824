"""Names of columns of `trial_results()` as readers of a plot or a reason see them."""

from __future__ import annotations

_NAMES = {
    "her2_status": "HER2 status",
    "hr_status": "hormone-receptor status",
    "n_enrolled": "patients enrolled",
    "n": "patients",
}


def column_in_words(column: str) -> str:
    """Write the name of a column in words.

    Example:
        >>> from luminaldb.analysis.column_names import column_in_words
        >>> column_in_words("trial_line"), column_in_words("trial_her2_status")
        ('line', 'HER2 status')
    """
    name = column.removeprefix("trial_").removeprefix("population_")
    return _NAMES.get(name, name.replace("_", " "))
