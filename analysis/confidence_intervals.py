"""Confidence intervals at one level, whichever level the source printed."""

from __future__ import annotations

import math
from numbers import Real
from statistics import NormalDist
from typing import Any

from luminaldb.errors import LuminaldbError

DEFAULT_CI_LEVEL = 95.0
CI_LEVEL_RANGE = (50, 99.99)


def check_ci_level(ci_level: Any) -> float:
    """Return a level in percent as a float.

    Raises:
        LuminaldbError: it is not a number from 50 to 99.99.
    """
    low, high = CI_LEVEL_RANGE
    if not (isinstance(ci_level, Real) and low <= float(ci_level) <= high):
        raise LuminaldbError(
            f"ci_level={ci_level!r} is not a confidence level in percent; use a number from {low} to {high}, such as 95"
        )
    return float(ci_level)


def interval_at_level(
    estimate: float, standard_error: float, ci_level: float = DEFAULT_CI_LEVEL, *, is_ratio: bool
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
