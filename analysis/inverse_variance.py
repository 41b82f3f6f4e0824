"""Pool studies by inverse variance, with random effects or a common effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from luminaldb.loaders.standard_errors import RATIOS

from .confidence_intervals import exp_or_infinity
from .meta_analysis_result import RANDOM_EFFECTS_MODELS, MetaAnalysis, Model, Test

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

_FEW_STUDIES = 5


def pool_by_inverse_variance(
    frame: pl.DataFrame, model: Model, test: Test, ci_level: float, *, tau2_interval: tuple[float, float] | None = None
) -> MetaAnalysis:
    """Pool by inverse variance.

    Args:
        frame: the studies.
        model: reml, dl or fixed.
        test: how the interval is made: z (normal), knha (Hartung-Knapp) or adhoc (the same, never narrower than z).
        ci_level: in percent.
        tau2_interval: the interval of the variance between studies, which no model changes; calculated if omitted.
    """
    import numpy as np
    from scipy import stats

    from .heterogeneity import cochran_q, i_squared, i_squared_at, tau_squared, tau_squared_interval

    measure = str(frame["measure"][0])
    y = frame["log_estimate" if measure in RATIOS else "estimate"].to_numpy()
    v = frame["standard_error"].to_numpy() ** 2
    tau2 = tau_squared(model, y, v)
    weights = 1 / (v + tau2)
    mean, error = _weighted_mean(y, weights)
    if test != "z":
        # The weighted residual variance; the ad hoc correction doesn't let it fall below what the model expects.
        scale = cochran_q(y, 1 / weights) / (len(y) - 1)
        error *= math.sqrt(max(scale, 1.0) if test == "adhoc" else scale)
    # The distributions with their parameters as arguments: making an object of one takes a millisecond.
    distribution, parameters = (stats.norm, ()) if test == "z" else (stats.t, (len(y) - 1,))
    quantile = float(distribution.ppf(0.5 + ci_level / 200, *parameters))
    q = cochran_q(y, v)
    prediction_error = math.hypot(error, math.sqrt(tau2))
    back_transform = exp_or_infinity if measure in RATIOS else float
    random = model in RANDOM_EFFECTS_MODELS
    low, high = tau2_interval or tau_squared_interval(y, v, ci_level)
    return MetaAnalysis(
        model=model,
        measure=measure,
        k=len(y),
        estimate=back_transform(mean),
        ci_low=back_transform(mean - quantile * error),
        ci_high=back_transform(mean + quantile * error),
        ci_level=ci_level,
        log_estimate=mean,
        standard_error=error,
        p_value=float(2 * distribution.sf(abs(mean) / error, *parameters)) if error else math.nan,
        tau2=tau2,
        i2=i_squared(model, tau2, q, v),
        q=q,
        q_df=len(y) - 1,
        q_p_value=float(stats.chi2.sf(q, len(y) - 1)),
        prediction_low=back_transform(mean - quantile * prediction_error) if random else None,
        prediction_high=back_transform(mean + quantile * prediction_error) if random else None,
        studies=frame.with_columns(pl.Series("weight", 100 * weights / np.sum(weights))),
        test=test,
        tau2_low=low,
        tau2_high=high,
        i2_low=i_squared_at(low, v),
        i2_high=i_squared_at(high, v),
        common=pool_by_inverse_variance(frame, "fixed", "z", ci_level, tau2_interval=(low, high)) if random else None,
        warnings=_warnings(test, v, error) if random else (),
    )


def _warnings(test: Test, v: Vector, error: float) -> tuple[str, ...]:
    """Warn where the variance between studies, and so the interval, is hardly determined."""
    warnings, k = [], len(v)
    if k < _FEW_STUDIES:
        warnings.append(
            f"{k} studies are too few to estimate the variance between studies: the random-effects interval may be far "
            "too narrow or too wide; compare the common-effect result"
        )
    if test == "knha" and error < (1 / v).sum() ** -0.5:
        warnings.append(
            "the plain Hartung-Knapp interval is narrower than the common-effect one; test='adhoc' corrects that"
        )
    return tuple(warnings)


def _weighted_mean(y: Vector, weights: Vector) -> tuple[float, float]:
    """Return the weighted mean and its standard error: least squares of an intercept, residual variance 1."""
    import numpy as np

    roots = np.sqrt(weights)
    pseudoinverse = np.linalg.pinv(roots[:, np.newaxis])
    return float((pseudoinverse @ (roots * y))[0]), float(np.sqrt(pseudoinverse @ pseudoinverse.T)[0, 0])
