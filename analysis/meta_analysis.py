"""Pool results of trials by inverse variance: common effect, DerSimonian-Laird, REML with Hartung-Knapp."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.loaders.views import RATIOS

from .studies import studies_of

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
LEVELS = (50, 99.99)
# Below this a p value is printed as "less than".
_SMALLEST_P = 0.0001


@dataclass(frozen=True, slots=True)
class MetaAnalysis:
    """The pooled result of several studies.

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

    def __str__(self) -> str:
        """Print the result as R's metafor does: k, heterogeneity, estimate, interval, prediction interval."""
        lines = [
            f"{self.title}, k = {self.k}",
            f"tau² {self.tau2:.4f}, I² {self.i2:.1f} %, Q({self.k - 1}) = {self.q:.2f}, {_p(self.q_p_value)}",
            f"{self.measure.replace('_', ' ')} {self.estimate:.2f} "
            f"({self.ci_level:g} % interval {self.ci_low:.2f} to {self.ci_high:.2f}), {_p(self.p_value)}",
        ]
        if self.prediction_low is not None:
            lines.append(f"prediction interval {self.prediction_low:.2f} to {self.prediction_high:.2f}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        items = "".join(f"<li>{escape(line)}</li>" for line in str(self).splitlines())
        columns = [c for c in ("acronym", "source", "estimate", "ci_low", "ci_high", "weight") if c in self.studies]
        return f"<ul>{items}</ul>{self.studies.select(columns)._repr_html_()}"


def _p(value: float) -> str:
    return "p < 0.0001" if value < _SMALLEST_P else f"p = {value:.4f}"


def meta_analysis(frame: Any, model: Model = "reml", *, ci_level: float = 95) -> MetaAnalysis:
    """Pool studies by inverse variance, one row per study.

    Args:
        frame: what `comparisons()` gives, rows of `trial_results()`, or any frame (polars, pandas, Arrow, DuckDB) with
            `measure`, `estimate`, `log_estimate` (of a ratio) and `standard_error`; each row a study, of patients that
            no other row counts.
        model: `reml` (restricted maximum likelihood, Hartung-Knapp interval), `dl` (DerSimonian-Laird, normal
            interval) or `fixed` (common effect).
        ci_level: of the interval and of the prediction interval, in percent: 50 to 99.99, as in the tables.

    Returns:
        The pooled estimate with its intervals, heterogeneity and the weight of each study.

    Raises:
        LuminaldbError: fewer than two rows, an unknown measure or more than one, a row without estimate or standard
            error, one trial twice, an unknown model, a level out of bounds, no frame.
        MissingExtraError: statsmodels isn't installed.

    Sources of the formulas: common effect and I2, Higgins & Thompson 2002 (doi 10.1002/sim.1186); DerSimonian &
    Laird 1986 (doi 10.1016/0197-2456(86)90046-2); REML, Viechtbauer 2005 (doi 10.3102/10769986030003261); interval,
    Hartung & Knapp 2001 (doi 10.1002/sim.1009); prediction interval, Higgins, Thompson & Spiegelhalter 2009
    (doi 10.1111/j.1467-985X.2008.00552.x) with the interval's own reference distribution, as R's metafor does.
    """
    if model not in MODELS:
        raise LuminaldbError(f"no model {model!r}; choose from {', '.join(MODELS)}")
    if not (isinstance(ci_level, Real) and LEVELS[0] <= ci_level <= LEVELS[1]):
        raise LuminaldbError(
            f"ci_level={ci_level!r} is no level in percent, from {LEVELS[0]} to {LEVELS[1]}, such as 95"
        )
    studies = studies_of(frame)
    try:
        from statsmodels.regression.linear_model import WLS  # noqa: F401 - brings numpy and scipy, which nothing else here needs
    except ImportError as error:
        raise MissingExtraError("statsmodels is not installed; run: pip install 'luminaldb[analysis]'") from error
    measure = str(studies["measure"][0])
    y = studies["log_estimate" if measure in RATIOS else "estimate"].to_numpy()
    v = studies["standard_error"].to_numpy() ** 2
    return _pool(studies, measure, model, float(ci_level), y, v)


def _pool(frame: pl.DataFrame, measure: str, model: Model, ci_level: float, y: Vector, v: Vector) -> MetaAnalysis:
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
    back = _exp if measure in RATIOS else float
    random = model != "fixed"
    return MetaAnalysis(
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
    import numpy as np
    from statsmodels.regression.linear_model import WLS

    model = WLS(y, np.ones_like(y), weights=weights)
    return model.fit() if scaled else model.fit(cov_type="fixed scale", cov_kwds={"scale": 1.0})


def _exp(logarithm: float) -> float:
    try:
        return math.exp(logarithm)
    except OverflowError:
        return math.inf
