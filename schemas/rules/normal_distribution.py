"""The normal distribution in plain arithmetic, so that a rule runs unchanged on every engine.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17 (tail, absolute error below 7.5e-8); P. J.
Acklam, An algorithm for computing the inverse normal cumulative distribution function, 2003 (quantile, relative error
below 1.2e-9). SQL has no names for parts of an expression, so each argument is written as seldom as can be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import narwhals as nw

_TAIL_POLYNOMIAL = (1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530, 0.0)
_TAIL_SCALE = 0.2316419
# What a two-sided p value may be off by.
TAIL_ERROR = 2e-7
_TAIL_NUMERATOR = (
    -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
)  # fmt: skip
_TAIL_DENOMINATOR = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1.0)
_CENTRE_NUMERATOR = (
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.3577518672690, -30.66479806614716, 2.506628277459239,
)  # fmt: skip
_CENTRE_DENOMINATOR = (
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1.0,
)  # fmt: skip
_TAIL_BELOW = 0.02425


def _polynomial(coefficients: Sequence[float], x: nw.Expr) -> nw.Expr:
    """Evaluate a polynomial by Horner's rule, the highest power first."""
    value = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        value = value * x + coefficient
    return value


def density(z: nw.Expr) -> nw.Expr:
    """Return the density of the standard normal distribution."""
    return (z**2 * -0.5).exp() * (1 / math.sqrt(2 * math.pi))


def tail(z: nw.Expr) -> nw.Expr:
    """Return the probability above z, for z of 0 and more."""
    return density(z) * _polynomial(_TAIL_POLYNOMIAL, 1 / (z * _TAIL_SCALE + 1))


def quantile(probability_above: nw.Expr) -> nw.Expr:
    """Return the z above which a probability below one half lies."""
    root = (probability_above.log() * -2).sqrt()
    in_tail = _polynomial(_TAIL_NUMERATOR, root) / _polynomial(_TAIL_DENOMINATOR, root) * -1
    distance, square = 0.5 - probability_above, (0.5 - probability_above) ** 2
    in_centre = distance * _polynomial(_CENTRE_NUMERATOR, square) / _polynomial(_CENTRE_DENOMINATOR, square)
    return nw.when(probability_above < _TAIL_BELOW).then(in_tail).otherwise(in_centre)
