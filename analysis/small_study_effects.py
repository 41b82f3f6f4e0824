"""Test whether small studies show other effects than large ones: Egger's test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS

from .meta_analysis_result import format_p
from .moderators import MIN_STUDIES_FOR_RELATION
from .sensitivity import ensure_meta_analysis

_MIN_STUDIES = 3


@dataclass(frozen=True, slots=True)
class EggerTest:
    """Egger's regression test.

    Attributes:
        k: number of studies.
        intercept: of Egger's regression (effect over its standard error on precision): the asymmetry.
        standard_error: of the intercept.
        statistic: t, with `df` degrees of freedom and `p_value`.
        limit: the effect that the regression expects of a study without error, as pooled (a logarithm of a ratio).
        warning: what limits the test; empty for ten studies or more.
    """

    k: int
    intercept: float
    standard_error: float
    statistic: float
    df: int
    p_value: float
    limit: float
    warning: str

    def __str__(self) -> str:
        """Print the test in a line, and what limits it."""
        test = f"t({self.df}) = {self.statistic:.2f}, {format_p(self.p_value)}"
        text = f"Egger's test: intercept {self.intercept:.2f}, {test}"
        return f"{text}; {self.warning}" if self.warning else text

    __repr__ = __str__


def egger_test(frame: Any) -> EggerTest:
    """Test a funnel plot for asymmetry.

    Args:
        frame: what `meta_analysis()` gave, or whatever it takes.

    Returns:
        The test, as metafor's `regtest(model = "lm")`.

    Raises:
        LuminaldbError: fewer than three studies, or all of one standard error.

    Source of the formula: Egger et al. 1997 (doi 10.1136/bmj.315.7109.629).
    """
    import numpy as np
    from scipy import stats

    pooled = ensure_meta_analysis(frame)
    if pooled.k < _MIN_STUDIES:
        raise LuminaldbError(f"Egger's test needs three studies; there are {pooled.k}")
    y = pooled.studies["log_estimate" if pooled.measure in RATIOS else "estimate"].to_numpy()
    error = pooled.studies["standard_error"].to_numpy()
    x = np.column_stack([np.ones_like(y), error]) / error[:, None]
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise LuminaldbError("Egger's test needs studies of different standard errors")
    inverse = np.linalg.inv(x.T @ x)
    limit, slope = (float(value) for value in inverse @ x.T @ (y / error))
    df = pooled.k - x.shape[1]
    residuals = y / error - x @ np.array([limit, slope])
    slope_error = float(np.sqrt(inverse[1, 1] * (residuals @ residuals) / df))
    statistic = slope / slope_error
    few_studies_warning = (
        f"of {pooled.k} studies; with fewer than {MIN_STUDIES_FOR_RELATION} it can't tell asymmetry from chance"
    )
    return EggerTest(
        k=pooled.k,
        intercept=slope,
        standard_error=slope_error,
        statistic=statistic,
        df=df,
        p_value=float(2 * stats.t(df).sf(abs(statistic))),
        limit=limit,
        warning=few_studies_warning if pooled.k < MIN_STUDIES_FOR_RELATION else "",
    )
