"""The normal distribution in plain arithmetic, so that a rule runs unchanged on every engine.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17 (tail, absolute error below 7.5e-8) and
26.2.23 (quantile, below 4.5e-4, sharpened here by one Newton step).
"""

from __future__ import annotations

import math

import narwhals as nw

_TAIL = (0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429)
_TAIL_SCALE = 0.2316419
_ABOVE = (2.515517, 0.802853, 0.010328)
_BELOW = (1.432788, 0.189269, 0.001308)


def density(z: nw.Expr) -> nw.Expr:
    """Density of the standard normal distribution."""
    return (z * z * -0.5).exp() * (1 / math.sqrt(2 * math.pi))


def tail(z: nw.Expr) -> nw.Expr:
    """Probability above z, for z of 0 and more."""
    t = 1 / (z * _TAIL_SCALE + 1)
    series = t * 0
    for coefficient in reversed(_TAIL):
        series = (series + coefficient) * t
    return density(z) * series


def quantile(probability_above: nw.Expr) -> nw.Expr:
    """The z above which a probability below one half lies."""
    t = (probability_above.log() * -2).sqrt()
    above = (t * _ABOVE[2] + _ABOVE[1]) * t + _ABOVE[0]
    below = ((t * _BELOW[2] + _BELOW[1]) * t + _BELOW[0]) * t + 1
    rough = t - above / below
    return rough + (tail(rough) - probability_above) / density(rough)
