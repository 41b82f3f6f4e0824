"""Intervals of one level, whatever the level that was printed."""

from __future__ import annotations

import math
from statistics import NormalDist

USUAL_LEVEL = 95.0


def at_level(
    estimate: float, standard_error: float, ci_level: float = USUAL_LEVEL, *, is_ratio: bool
) -> tuple[float, float]:
    """Return the limits of an interval at a level.

    Args:
        estimate: a ratio, or a difference.
        standard_error: of the ratio's natural logarithm, or of the difference, as `trial_results()` has it.
        ci_level: in percent.
        is_ratio: whether the interval is symmetric on the scale of the logarithm.

    Returns:
        The lower and the upper limit on the scale of the estimate, estimate ± z standard errors, z the normal quantile
        of the level (Cochrane Handbook 6.3.2, read backwards).
    """
    reach = NormalDist().inv_cdf(0.5 + ci_level / 200) * standard_error
    if is_ratio:
        return estimate * math.exp(-reach), estimate * exp(reach)
    return estimate - reach, estimate + reach


def exp(logarithm: float) -> float:
    """Return e to a power; infinity where a float can't hold it."""
    try:
        return math.exp(logarithm)
    except OverflowError:
        return math.inf


def describe_printed_level(low: str, high: str, printed: float, shown: float) -> str:
    """Note that an interval was printed at another level than it is shown at."""
    return f"{printed:g} % interval printed: {low} to {high}; shown at {shown:g} %"
