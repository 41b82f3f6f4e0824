"""Generalised least squares with a variance between studies: networks, meta-regression, subgroups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .heterogeneity import maximize_likelihood

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Equations:
    """The equations y = x b, with covariance v within studies and tau2 s between them.

    Attributes:
        x: effects by parameters.
        y: the effects.
        v: their covariance within studies.
        s: their covariance between studies for a tau2 of one.
    """

    x: Array
    y: Array
    v: Array
    s: Array

    @property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom of Q."""
        return len(self.y) - int(np.linalg.matrix_rank(self.x))

    def with_columns(self, more: Array) -> Equations:
        """Add parameters."""
        return Equations(np.hstack([self.x, more]), self.y, self.v, self.s)


@dataclass(frozen=True)
class Fit:
    """Estimates of the parameters for one value of tau2."""

    equations: Equations
    tau2: float

    @cached_property
    def _weights(self) -> Array:
        return np.asarray(np.linalg.inv(self.equations.v + self.tau2 * self.equations.s), dtype=np.float64)

    @cached_property
    def covariance(self) -> Array:
        """Covariance of the estimates."""
        return np.asarray(np.linalg.inv(self.equations.x.T @ self._weights @ self.equations.x), dtype=np.float64)

    @cached_property
    def estimates(self) -> Array:
        """The parameters."""
        result: Array = self.covariance @ self.equations.x.T @ self._weights @ self.equations.y
        return result

    @property
    def q(self) -> float:
        """Sum of the squared residuals in units of their variance."""
        residuals = self.equations.y - self.equations.x @ self.estimates
        return float(residuals @ self._weights @ residuals)

    @cached_property
    def projection(self) -> Array:
        """The matrix P of restricted likelihood: W - W X (X' W X)^-1 X' W."""
        weights, x = self._weights, self.equations.x
        return weights - weights @ x @ self.covariance @ x.T @ weights


def fit(equations: Equations, model: str) -> Fit:
    """Estimate the parameters.

    Args:
        equations: with effects, covariances and parameters.
        model: `reml`, `dl` (moments) or `fixed` (common effects).

    Sources of the formulas: moments, Jackson, White & Riley 2012 (doi 10.1002/sim.4432); restricted likelihood as
    metafor, its slope from Harville 1977 (doi 10.1080/01621459.1977.10480998).
    """
    common = Fit(equations, 0.0)
    if model == "fixed" or equations.degrees_of_freedom == 0:
        return common
    if model == "dl":
        spread = float(np.trace(common.projection @ equations.s))
        return Fit(equations, max(0.0, (common.q - equations.degrees_of_freedom) / spread))
    return Fit(equations, _tau_squared_by_reml(equations))


def _tau_squared_by_reml(equations: Equations) -> float:
    """Estimate tau squared by restricted likelihood."""

    def slope(tau2: float) -> float:
        projection = Fit(equations, tau2).projection
        weighted = projection @ equations.y
        return float(weighted @ equations.s @ weighted - np.trace(projection @ equations.s))

    return maximize_likelihood(slope, float(np.diag(equations.v).max() + equations.y.var()))
