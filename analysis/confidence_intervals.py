"""Confidence intervals at one level, whichever level the source printed."""

from __future__ import annotations

import math
from statistics import NormalDist

USUAL_LEVEL = 95.0


def interval_at_level(
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
        of the level (the inverse of Cochrane Handbook 6.3.2).
    """
    half_width = NormalDist().inv_cdf(0.5 + ci_level / 200) * standard_error
    if is_ratio:
        return estimate * math.exp(-half_width), estimate * exp_or_infinity(half_width)
    return estimate - half_width, estimate + half_width


def exp_or_infinity(logarithm: float) -> float:
    """Return e to the power of a logarithm; infinity if it is too large for a float."""
    try:
        return math.exp(logarithm)
    except OverflowError:
        return math.inf


def describe_printed_level(low: str, high: str, printed_level: float, display_level: float) -> str:
    """Note that an interval was printed at another level than it is shown at."""
    return f"{printed_level:g} % interval printed: {low} to {high}; shown at {display_level:g} %"
