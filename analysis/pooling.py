"""Pool results of trials by inverse variance: common effect, DerSimonian-Laird, REML with Hartung-Knapp."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from ..loaders.errors import LuminaldbError, MissingExtraError
from ..loaders.views import RATIOS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

Model = Literal["reml", "dl", "fixed"]
MODELS: tuple[Model, ...] = get_args(Model)
_MODEL_NAMES = {
    "reml": "random effects, REML, Hartung-Knapp",
    "dl": "random effects, DerSimonian-Laird",
    "fixed": "common effect, inverse variance",
}
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled result.

    `estimate`, `ci_low`, `ci_high` and the prediction interval are on the scale of the measure (a ratio, or
    percentage points); `log_estimate`, `standard_error` and `tau2` are natural logarithms where the measure is a
    ratio. `i2` is in percent. The prediction interval is None for a common effect.
    """

    model: Model
    measure: str
    k: int
    estimate: float
    ci_low: float
    ci_high: float
    ci_level: float
    log_estimate: float
    standard_error: float
    p_value: float
    tau2: float
    i2: float
    q: float
    q_p_value: float
    prediction_low: float | None
    prediction_high: float | None
    studies: pl.DataFrame
    """The rows pooled, with `weight` in percent."""

    @property
    def title(self) -> str:
        """The model in words."""
        return _MODEL_NAMES[self.model]

    @property
    def is_ratio(self) -> bool:
        """Whether the measure is pooled as a logarithm."""
        return self.measure in RATIOS


def pool(frame: pl.DataFrame, model: Model = "reml", *, ci_level: float = 95) -> Pooled:
    """Pool one row per study.

    Args:
        frame: rows of `trial_results()`, or any frame with `measure`, `log_estimate` (`estimate` for a risk
            difference) and `standard_error`; each row a study, of patients that no other row counts.
        model: `reml` (restricted maximum likelihood, Hartung-Knapp interval), `dl` (DerSimonian-Laird, normal
            interval) or `fixed` (common effect).
        ci_level: of the interval and of the prediction interval, in percent.

    Returns:
        The pooled estimate with its intervals, heterogeneity and the weight of each study.

    Raises:
        LuminaldbError: fewer than two rows, more than one measure, a row without estimate or standard error, one
            trial twice, an unknown model.
        MissingExtraError: statsmodels isn't installed.

    Sources of the formulas: common effect and I2, Higgins & Thompson 2002 (doi 10.1002/sim.1186); DerSimonian &
    Laird 1986 (doi 10.1016/0197-2456(86)90046-2); REML, Viechtbauer 2005 (doi 10.3102/10769986030003261); interval,
    Hartung & Knapp 2001 (doi 10.1002/sim.1009); prediction interval, Higgins, Thompson & Spiegelhalter 2009
    (doi 10.1111/j.1467-985X.2008.00552.x) with the interval's own reference distribution, as R's metafor does.
    """
    if model not in MODELS:
        raise LuminaldbError(f"no model {model!r}; choose from {', '.join(MODELS)}")
    _refuse_unfit(frame)
    import numpy as np

    measure = str(frame["measure"][0])
    column = "log_estimate" if measure in RATIOS else "estimate"
    y = frame[column].to_numpy().astype(np.float64)
    v = frame["standard_error"].to_numpy().astype(np.float64) ** 2
    return _pooled(frame, measure, model, ci_level, y, v)


def _pooled(frame: pl.DataFrame, measure: str, model: Model, ci_level: float, y: Vector, v: Vector) -> Pooled:
    import numpy as np
    from scipy import stats

    from .heterogeneity import cochran_q, i_squared, tau_squared

    tau2 = tau_squared(model, y, v)
    weights = 1 / (v + tau2)
    fit = _regression(y, weights, scaled=model == "reml")
    mean, error = float(fit.params[0]), float(fit.bse[0])
    reference: Any = stats.t(len(y) - 1) if model == "reml" else stats.norm()
    quantile = float(reference.ppf(0.5 + ci_level / 200))
    q = cochran_q(y, v)
    spread = math.hypot(error, math.sqrt(tau2))
    back = math.exp if measure in RATIOS else float
    random = model != "fixed"
    return Pooled(
        model=model,
        measure=measure,
        k=len(y),
        estimate=back(mean),
        ci_low=back(mean - quantile * error),
        ci_high=back(mean + quantile * error),
        ci_level=ci_level,
        log_estimate=mean,
        standard_error=error,
        p_value=float(2 * reference.sf(abs(mean) / error)) if error else math.nan,
        tau2=tau2,
        i2=i_squared(model, tau2, q, v),
        q=q,
        q_p_value=float(stats.chi2(len(y) - 1).sf(q)),
        prediction_low=back(mean - quantile * spread) if random else None,
        prediction_high=back(mean + quantile * spread) if random else None,
        studies=frame.with_columns(pl.Series("weight", 100 * weights / np.sum(weights))),
    )


def _regression(y: Vector, weights: Vector, *, scaled: bool) -> Any:
    """Regress on the intercept alone: its own scale is the Hartung-Knapp variance, a scale of one the usual."""
    try:
        from statsmodels.regression.linear_model import WLS
    except ImportError as error:
        raise MissingExtraError("statsmodels is not installed; run: pip install 'luminaldb[analysis]'") from error
    import numpy as np

    model = WLS(y, np.ones_like(y), weights=weights)
    return model.fit() if scaled else model.fit(cov_type="fixed scale", cov_kwds={"scale": 1.0})


def _refuse_unfit(frame: pl.DataFrame) -> None:
    needed = {"measure", "standard_error", "estimate"}
    if missing := sorted(needed - set(frame.columns)):
        raise LuminaldbError(f"pooling needs the columns {', '.join(missing)}, as trial_results() has them")
    if frame.height < FEWEST:
        raise LuminaldbError(f"pooling needs at least two results; there {'is one' if frame.height else 'are none'}")
    measures = frame["measure"].cast(pl.String).unique(maintain_order=True).to_list()
    if len(measures) > 1:
        raise LuminaldbError(f"results of different measures can't be pooled: {', '.join(map(str, measures))}")
    column = "log_estimate" if measures[0] in RATIOS else "estimate"
    if column not in frame.columns:
        raise LuminaldbError(f"pooling needs the column {column}, as trial_results() has it")
    bad = frame.filter(~(pl.col(column).is_finite() & (pl.col("standard_error") > 0)).fill_null(value=False))
    if bad.height:
        raise LuminaldbError(f"no estimate or standard error for {_named(bad)}: leave such rows out")
    if "trial_id" in frame.columns:
        twice = frame.filter(pl.col("trial_id").is_duplicated())
        if twice.height:
            raise LuminaldbError(f"one trial's patients would count twice: {_named(twice)}: keep one row per trial")


def _named(rows: pl.DataFrame) -> str:
    column = next((c for c in ("result_id", "effect_id", "trial_id") if c in rows.columns), None)
    return ", ".join(map(str, rows[column].to_list()[:5])) if column else f"{rows.height} rows"
