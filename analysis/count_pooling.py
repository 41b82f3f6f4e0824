"""Pool studies from the counts of their arms, by Mantel and Haenszel's or by Peto's method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS

from .confidence_intervals import exp_or_infinity
from .count_data import TwoByTwoTables, effect_sizes
from .meta_analysis_result import MetaAnalysis, Model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

COUNT_MODELS = ("mh", "peto")


def pool_by_counts(frame: pl.DataFrame, model: Model, ci_level: float) -> MetaAnalysis:
    """Pool by counts, and add what every meta-analysis reports: intervals, heterogeneity, weights.

    Args:
        frame: the studies, with the columns of `COUNT_COLUMNS`.
        model: `mh` or `peto`.
        ci_level: in percent.

    Raises:
        LuminaldbError: see `pool_counts`.
    """
    import numpy as np
    from scipy import stats

    from .heterogeneity import i_squared_at, i_squared_from_q, tau_squared_interval

    measure = str(frame["measure"][0])
    pooled = pool_counts(frame, measure, model)
    points = 1.0 if measure in RATIOS else 100.0
    mean, error = points * pooled.mean, points * pooled.standard_error
    quantile = float(stats.norm.ppf(0.5 + ci_level / 200))
    back_transform = exp_or_infinity if measure in RATIOS else float
    freedom = pooled.q_studies - 1
    y, v = (frame.select(expression.alias("x"))["x"].to_numpy() for expression in effect_sizes(measure))
    y, v = points * y, points**2 * v
    low, high = tau_squared_interval(y, v, ci_level)
    return MetaAnalysis(
        model=model,
        measure=measure,
        k=frame.height,
        estimate=back_transform(mean),
        ci_low=back_transform(mean - quantile * error),
        ci_high=back_transform(mean + quantile * error),
        ci_level=ci_level,
        log_estimate=mean,
        standard_error=error,
        p_value=float(2 * stats.norm.sf(abs(mean) / error)) if error else math.nan,
        tau2=0.0,
        i2=i_squared_from_q(pooled.q, freedom),
        q=pooled.q,
        q_df=freedom,
        q_p_value=float(stats.chi2.sf(pooled.q, freedom)) if freedom > 0 else 1.0,
        prediction_low=None,
        prediction_high=None,
        studies=frame.with_columns(pl.Series("weight", 100 * pooled.weights / np.sum(pooled.weights))),
        warnings=_warn_of_no_contrast(frame.height, pooled.q_studies),
        tau2_low=low,
        tau2_high=high,
        i2_low=i_squared_at(low, v),
        i2_high=i_squared_at(high, v),
    )


def _warn_of_no_contrast(studies: int, in_q: int) -> tuple[str, ...]:
    """Warn of studies that don't count in Q, since both of their arms have no event, or nothing else."""
    if studies == in_q:
        return ()
    which = "in which no patient of either arm has the event, or every patient"
    return (f"not counted in Q: {studies - in_q} of {studies} studies, {which}",)


@dataclass(frozen=True, slots=True)
class PooledCounts:
    """A result pooled from counts: the mean on the scale of the model, its standard error, Q and weights."""

    mean: float
    standard_error: float
    q: float
    q_studies: int
    weights: Vector


def pool_counts(frame: pl.DataFrame, measure: str, model: str) -> PooledCounts:
    """Pool 2 x 2 tables by Mantel and Haenszel's or by Peto's method.

    Args:
        frame: with the columns of `COUNT_COLUMNS`; nothing is added to its cells.
        measure: odds_ratio, risk_ratio or risk_difference; Peto's method gives odds ratios only.
        model: `mh` or `peto`.

    Raises:
        LuminaldbError: no study has an event in one of the arms, or Peto's method for another measure.

    Sources: odds ratio, Mantel & Haenszel 1959 with the variance of Robins, Breslow & Greenland 1986; risk ratio and
    difference, Greenland & Robins 1985 and Sato 1989; Peto, Yusuf et al. 1985; all as `rma.mh` and `rma.peto` of R's
    metafor. Studies without a contrast don't count in Q.
    """
    if model == "peto":
        if measure != "odds_ratio":
            raise LuminaldbError("Peto's method gives odds ratios; select comparisons with measure='odds_ratio'")
        return _peto(TwoByTwoTables.from_frame(frame))
    return _mantel_haenszel(frame, measure)


def _peto(t: TwoByTwoTables) -> PooledCounts:
    n1, n2 = t.a + t.b, t.c + t.d
    n = n1 + n2
    expected = (t.a + t.c) * n1 / n
    variance = n1 * n2 * ((t.a + t.c) / n) * ((t.b + t.d) / (n - 1)) / n
    informative = variance > 0
    if not informative.any():
        raise LuminaldbError("no study has patients both with and without the event; nothing can be pooled")
    difference, informative_variance = (t.a - expected)[informative], variance[informative]
    total = informative_variance.sum()
    mean = float(difference.sum() / total)
    q = float(max(0.0, (informative_variance * (difference / informative_variance - mean) ** 2).sum()))
    return PooledCounts(mean, float(total**-0.5), q, int(informative.sum()), variance)


def _mantel_haenszel(frame: pl.DataFrame, measure: str) -> PooledCounts:
    import numpy as np

    t = TwoByTwoTables.from_frame(frame)
    n1, n2 = t.a + t.b, t.c + t.d
    n = n1 + n2
    if measure == "risk_difference":
        weights = n1 * n2 / n
        total = weights.sum()
        mean = float((t.a * n2 / n - t.c * n1 / n).sum() / total)
        p = (t.c * (n1 / n) ** 2 - t.a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2).sum()
        q = (t.a * (n2 - t.c) / n + t.c * (n1 - t.a) / n).sum() / 2
        error = float(np.sqrt(mean * p + q) / total)
    else:
        if measure == "odds_ratio":
            numerators, weights = t.a * t.d / n, t.b * t.c / n
        else:
            numerators, weights = t.a * n2 / n, t.c * n1 / n
        r, s = numerators.sum(), weights.sum()
        if not (r > 0 and s > 0):
            raise LuminaldbError(
                "no study has an event in one of the arms; nothing can be pooled by Mantel and Haenszel"
            )
        mean = float(np.log(r / s))
        if measure == "odds_ratio":
            p, q = (t.a + t.d) / n, (t.b + t.c) / n
            variance = (
                (p * numerators).sum() / r**2
                + (p * weights + q * numerators).sum() / (r * s)
                + (q * weights).sum() / s**2
            ) / 2
        else:
            variance = ((n1 * n2 * (t.a + t.c) - t.a * t.c * n) / n**2).sum() / (r * s)
        error = float(np.sqrt(variance))
    has_contrast = ~t.no_contrast
    y, v = (frame.select(expression.alias("x"))["x"].to_numpy() for expression in effect_sizes(measure))
    heterogeneity = float(((y[has_contrast] - mean) ** 2 / v[has_contrast]).sum())
    return PooledCounts(mean, error, heterogeneity, int(has_contrast.sum()), weights)
