"""How much results differ beyond chance: Cochran's Q, tau squared, I squared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]


def cochran_q(y: Vector, v: Vector) -> float:
    """Sum the squared distances from the common effect, in units of their variance (Cochran 1954)."""
    weights = 1 / v
    mean = (weights * y).sum() / weights.sum()
    return float((weights * (y - mean) ** 2).sum())


def tau_squared(model: str, y: Vector, v: Vector) -> float:
    """Estimate the variance between studies: 0 for a common effect, by moments for `dl`, by likelihood for `reml`."""
    if model == "fixed":
        return 0.0
    return _tau_squared_by_moments(y, v) if model == "dl" else _tau_squared_by_reml(y, v)


def i_squared(model: str, tau2: float, q: float, v: Vector) -> float:
    """Return the share of variation that isn't chance, in percent (Higgins & Thompson 2002, formulas 9 and 10)."""
    return i_squared_at(tau2, v) if model in ("reml", "dl") else i_squared_from_q(q, len(v) - 1)


def i_squared_from_q(q: float, degrees_of_freedom: int) -> float:
    """Return the share of Q beyond its degrees of freedom, in percent (Higgins & Thompson 2002, formula 10)."""
    return 100 * max(0.0, (q - degrees_of_freedom) / q) if q else 0.0


def _tau_squared_by_moments(y: Vector, v: Vector) -> float:
    weights = 1 / v
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    return max(0.0, float((cochran_q(y, v) - (len(y) - 1)) / scale))


def _tau_squared_by_reml(y: Vector, v: Vector) -> float:
    """Estimate tau squared by restricted likelihood (Viechtbauer 2005)."""

    def slope(tau2: float) -> float:
        weights = 1 / (v + tau2)
        mean = (weights * y).sum() / weights.sum()
        return float((weights**2 * (y - mean) ** 2).sum() - weights.sum() + (weights**2).sum() / weights.sum())

    return maximize_likelihood(slope, float(v.max() + y.var()))


def maximize_likelihood(slope: Callable[[float], float], high: float) -> float:
    """Find the tau squared at which a likelihood has no slope, or 0 where it only falls.

    Args:
        slope: of the likelihood at a tau squared.
        high: a tau squared above 0; doubled until the likelihood falls there.
    """
    from scipy.optimize import brentq

    if slope(0.0) <= 0:
        return 0.0
    while slope(high) > 0:
        high *= 2
    return float(brentq(slope, 0.0, high, xtol=1e-14, rtol=1e-14))


def tau_squared_interval(y: Vector, v: Vector, level: float) -> tuple[float, float]:
    """Return the Q-profile interval of the variance between studies (Viechtbauer 2007, doi 10.1002/sim.2514).

    Args:
        y: estimates, on the scale on which they are pooled.
        v: their variances.
        level: in percent.

    Returns:
        The variances at which the generalised Q statistic has the upper and the lower quantile of its chi-squared
        distribution; 0 for a limit that would be negative.
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2

    def generalised_q(tau2: float) -> float:
        return cochran_q(y, v + tau2)

    limits = []
    for quantile in chi2.ppf([0.5 + level / 200, 0.5 - level / 200], len(y) - 1):
        if generalised_q(0.0) <= quantile:
            limits.append(0.0)
            continue
        high = float(v.max() + y.var())
        while generalised_q(high) > quantile:
            high *= 2
        limits.append(
            float(brentq(lambda tau2, target=quantile: generalised_q(tau2) - target, 0.0, high, xtol=1e-14, rtol=1e-14))
        )
    return limits[0], limits[1]


def i_squared_at(tau2: float, v: Vector) -> float:
    """Return I squared for a variance between studies, against the typical variance within them, in percent."""
    weights = 1 / v
    typical = (len(v) - 1) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum())
    return float(100 * tau2 / (tau2 + typical))
