"""Pool results of trials: random effects, common effect, and from counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.loaders.standard_errors import RATIOS

from .confidence_intervals import exp_or_infinity
from .count_data import COUNT_MODELS, effect_sizes, pool_counts
from .selection import Selection
from .studies import read_frame, studies_of
from .trial_names import of_trials

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

Model = Literal["reml", "dl", "fixed", "mh", "peto"]
MODELS: tuple[Model, ...] = get_args(Model)
RANDOM = ("reml", "dl")
Test = Literal["adhoc", "knha", "z"]
TESTS: tuple[Test, ...] = get_args(Test)
_MODEL_NAMES = {
    "reml": "random effects, REML",
    "dl": "random effects, DerSimonian-Laird",
    "fixed": "common effect, inverse variance",
    "mh": "common effect, Mantel-Haenszel",
    "peto": "common effect, Peto",
}
_TEST_NAMES = {"adhoc": ", Hartung-Knapp with ad hoc correction", "knha": ", Hartung-Knapp", "z": ""}
CI_LEVEL_RANGE = (50, 99.99)
# Below this a p value is printed as "less than".
_SMALLEST_P = 0.0001
_FEW_STUDIES = 5


@dataclass(frozen=True, slots=True)
class MetaAnalysis:
    """The pooled result of several studies.

    `estimate`, `ci_low`, `ci_high` and the prediction interval are on the scale of the measure (a ratio, or
    percentage points); `log_estimate`, `standard_error` and `tau2` are natural logarithms where the measure is a
    ratio. `i2` is in percent. `tau2_low` and `tau2_high` are its Q-profile interval, `i2_low` and `i2_high` what
    they mean for `i2`, at `ci_level`. The prediction interval is None for a common effect.
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
    test: Test = "z"
    """How the interval is made: Hartung-Knapp with (`adhoc`) or without (`knha`) correction, or normal (`z`)."""
    tau2_low: float = 0.0
    tau2_high: float = 0.0
    i2_low: float = 0.0
    i2_high: float = 0.0
    common: MetaAnalysis | None = None
    """The common-effect result of the same studies, beside a random-effects one."""
    warnings: tuple[str, ...] = ()
    """What a reader must know before using the result, a sentence each."""
    notes: tuple[str, ...] = ()
    """Choices between results, what differs between them and what was derived, from the selection."""
    q_df: int = 0
    """Degrees of freedom of Q: one less than the studies that count in it."""
    question: str = ""
    """What was asked, in one line; empty where the rows are not from `comparisons()`."""

    @property
    def title(self) -> str:
        """The model in words."""
        return _MODEL_NAMES[self.model] + _TEST_NAMES[self.test]

    @property
    def is_ratio(self) -> bool:
        """Whether the measure is pooled as a logarithm."""
        return self.measure in RATIOS

    def __str__(self) -> str:
        """Print the result as R's metafor does: k, heterogeneity, estimate, interval, prediction interval."""
        lines = [self.question] if self.question else []
        lines += [
            f"{self.title}, k = {self.k}",
            self.heterogeneity,
            f"{self.measure.replace('_', ' ')} {self.in_words}, {format_p(self.p_value)}",
        ]
        if self.prediction_low is not None:
            lines.append(f"prediction interval {self.prediction_low:.2f} to {self.prediction_high:.2f}")
        if self.common is not None:
            lines.append(f"{self.common.title}: {self.common.in_words}, {format_p(self.common.p_value)}")
        lines += [f"warning: {warning}" for warning in self.warnings]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def heterogeneity(self) -> str:
        """How much the studies differ, in one line; tau² only where the model has it."""
        tau2 = f"tau² {self.tau2:.4f} ({self.ci_level:g} % interval {self.tau2_low:.4f} to {self.tau2_high:.4f}), "
        return (
            f"{tau2 if self.model in RANDOM else ''}I² {self.i2:.1f} % ({self.i2_low:.0f} to {self.i2_high:.0f} %), "
            f"Q({self.q_df}) = {self.q:.2f}, {format_p(self.q_p_value)}"
        )

    @property
    def in_words(self) -> str:
        """The estimate with its interval: 0.55 (95 % interval 0.49 to 0.61)."""
        return f"{self.estimate:.2f} ({self.ci_level:g} % interval {self.ci_low:.2f} to {self.ci_high:.2f})"

    def _repr_html_(self) -> str:
        from html import escape

        items = "".join(f"<li>{escape(line)}</li>" for line in str(self).splitlines())
        columns = [c for c in ("acronym", "source", "estimate", "ci_low", "ci_high", "weight") if c in self.studies]
        return f"<ul>{items}</ul>{self.studies.select(columns)._repr_html_()}"


def format_p(value: float) -> str:
    """Write a p value: `p = 0.0312`, or `p < 0.0001`."""
    return f"p < {_SMALLEST_P:.4f}" if value < _SMALLEST_P else f"p = {value:.4f}"


def meta_analysis(
    frame: Any,
    model: Model = "reml",
    *,
    ci_level: float = 95,
    test: Test | None = None,
    trials: str | Sequence[str] | None = None,
) -> MetaAnalysis:
    """Pool studies, one row per study: by inverse variance, or from counts by Mantel-Haenszel's or Peto's method.

    Args:
        frame: what `comparisons()` gives, rows of `trial_results()`, or any frame (polars, pandas, Arrow, DuckDB) with
            `measure`, `estimate`, `log_estimate` (of a ratio) and `standard_error`; each row a study, of patients that
            no other row counts. For `mh` and `peto` with `measure`, `events_experimental`, `n_experimental`,
            `events_control` and `n_control`.
        model: `reml` (restricted maximum likelihood), `dl` (DerSimonian-Laird), `fixed` (common effect, inverse
            variance), `mh` (common effect, Mantel-Haenszel) or `peto` (common effect, Peto's odds ratio).
        ci_level: of the interval and of the prediction interval, in percent: 50 to 99.99, as in the tables.
        test: how the interval of a random-effects model is made: `adhoc` (Hartung-Knapp, never narrower than the
            model's own normal variance: the default for `reml`), `knha` (plain Hartung-Knapp) or `z` (normal: the
            default for `dl`).
        trials: the only trials to pool, by id or acronym, such as `["PHARE", "SOLD"]`; see also `Selection.only`.

    Returns:
        The pooled estimate with its intervals, heterogeneity, the weight of each study, warnings, and the
        common-effect result beside a random-effects one.

    Raises:
        LuminaldbError: fewer than two rows, an unknown measure or more than one, a row without estimate or standard
            error or counts, one trial twice, an unknown model or test, a level out of bounds, no frame.
        MissingExtraError: scipy isn't installed.

    Sources of the formulas: common effect and I2, Higgins & Thompson 2002 (doi 10.1002/sim.1186); DerSimonian &
    Laird 1986 (doi 10.1016/0197-2456(86)90046-2); REML, Viechtbauer 2005 (doi 10.3102/10769986030003261); interval,
    Hartung & Knapp 2001 (doi 10.1002/sim.1009), with the ad hoc correction of Röver, Knapp & Friede 2015
    (doi 10.1186/s12874-015-0091-1); interval of tau2, Viechtbauer 2007 (doi 10.1002/sim.2514); prediction interval,
    Higgins, Thompson & Spiegelhalter 2009 (doi 10.1111/j.1467-985X.2008.00552.x) with the interval's own reference
    distribution, as R's metafor does.

    Example:
        >>> import luminaldb
        >>> luminaldb.meta_analysis(luminaldb.comparisons("os", therapy_class="cdk4-6-inhibitor")).test
        'adhoc'
    """
    if model not in MODELS:
        raise LuminaldbError(f"no model {model!r}; choose from {', '.join(MODELS)}")
    if test is not None and test not in TESTS:
        raise LuminaldbError(f"no test {test!r}; choose from {', '.join(TESTS)}")
    if test not in (None, "z") and model not in RANDOM:
        raise LuminaldbError(f"test={test!r} is for random effects; the model is {model!r}")
    if not (isinstance(ci_level, Real) and CI_LEVEL_RANGE[0] <= ci_level <= CI_LEVEL_RANGE[1]):
        raise LuminaldbError(
            f"ci_level={ci_level!r} is no level in percent, from {CI_LEVEL_RANGE[0]} to {CI_LEVEL_RANGE[1]}, such as 95"
        )
    if trials is not None:
        frame = frame.only(trials) if isinstance(frame, Selection) else _rows_of_trials(frame, trials)
    studies = studies_of(frame, counts=model in COUNT_MODELS)
    try:
        import scipy  # noqa: F401 - brings numpy, which nothing else here needs
    except ImportError as error:
        raise MissingExtraError("scipy is not installed; run: pip install 'luminaldb[analysis]'") from error
    level = float(ci_level)
    if model in COUNT_MODELS:
        pooled = _pool_counts(studies, model, level)
    else:
        pooled = _pool(studies, model, test or _usual_test(model), level)
    selection = frame if isinstance(frame, Selection) else None
    title = selection.question.title if selection is not None and selection.question is not None else ""
    notes = selection.notes if selection is not None else ()
    return replace(pooled, question=title, notes=notes)


def _rows_of_trials(data: Any, trials: str | Sequence[str]) -> pl.DataFrame:
    frame = read_frame(data)
    return frame.filter(of_trials(frame, trials))


def meta_analyses(frame: pl.DataFrame, models: Sequence[Model]) -> dict[str, MetaAnalysis]:
    """Pool the same studies by several models of inverse variance, each as `meta_analysis` does; check them once.

    Raises:
        LuminaldbError: see `meta_analysis`.
    """
    first = meta_analysis(frame, models[0])
    studies = first.studies.drop("weight")
    between = (first.tau2_low, first.tau2_high)
    others: dict[str, MetaAnalysis] = {
        m: _pool(studies, m, _usual_test(m), first.ci_level, between=between) for m in models[1:]
    }
    return {str(models[0]): first, **others}


def _usual_test(model: Model) -> Test:
    return "adhoc" if model == "reml" else "z"


def _pool(
    frame: pl.DataFrame, model: Model, test: Test, ci_level: float, *, between: tuple[float, float] | None = None
) -> MetaAnalysis:
    """Pool by inverse variance.

    Args:
        frame: the studies.
        model: reml, dl or fixed.
        test: how the interval is made.
        ci_level: in percent.
        between: the interval of the variance between studies, which no model changes; calculated if omitted.
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
    reference, shape = (stats.norm, ()) if test == "z" else (stats.t, (len(y) - 1,))
    quantile = float(reference.ppf(0.5 + ci_level / 200, *shape))
    q = cochran_q(y, v)
    spread = math.hypot(error, math.sqrt(tau2))
    back_transform = exp_or_infinity if measure in RATIOS else float
    random = model in RANDOM
    low, high = between or tau_squared_interval(y, v, ci_level)
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
        p_value=float(2 * reference.sf(abs(mean) / error, *shape)) if error else math.nan,
        tau2=tau2,
        i2=i_squared(model, tau2, q, v),
        q=q,
        q_df=len(y) - 1,
        q_p_value=float(stats.chi2.sf(q, len(y) - 1)),
        prediction_low=back_transform(mean - quantile * spread) if random else None,
        prediction_high=back_transform(mean + quantile * spread) if random else None,
        studies=frame.with_columns(pl.Series("weight", 100 * weights / np.sum(weights))),
        test=test,
        tau2_low=low,
        tau2_high=high,
        i2_low=i_squared_at(low, v),
        i2_high=i_squared_at(high, v),
        common=_pool(frame, "fixed", "z", ci_level, between=(low, high)) if random else None,
        warnings=_warnings(test, v, error) if random else (),
    )


def _pool_counts(frame: pl.DataFrame, model: Model, ci_level: float) -> MetaAnalysis:
    import numpy as np
    from scipy import stats

    from .heterogeneity import i_squared_at, tau_squared_interval

    measure = str(frame["measure"][0])
    pooled = pool_counts(frame, measure, model)
    points = 1.0 if measure in RATIOS else 100.0
    mean, error = points * pooled.mean, points * pooled.standard_error
    quantile = float(stats.norm.ppf(0.5 + ci_level / 200))
    back_transform = exp_or_infinity if measure in RATIOS else float
    freedom = pooled.q_studies - 1
    y, v = (frame.select(one.alias("x"))["x"].to_numpy() for one in effect_sizes(measure))
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
        i2=100 * max(0.0, (pooled.q - freedom) / pooled.q) if pooled.q else 0.0,
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


def _warnings(test: Test, v: Vector, error: float) -> tuple[str, ...]:
    """Warn where the variance between studies, and so the interval, is hardly determined."""
    found, k = [], len(v)
    if k < _FEW_STUDIES:
        found.append(
            f"{k} studies are too few to estimate the variance between studies: the random-effects interval may be far "
            "too narrow or too wide; compare the common-effect result"
        )
    if test == "knha" and error < (1 / v).sum() ** -0.5:
        found.append(
            "the plain Hartung-Knapp interval is narrower than the common-effect one; test='adhoc' corrects that"
        )
    return tuple(found)


def _warn_of_no_contrast(studies: int, in_q: int) -> tuple[str, ...]:
    """Warn of studies that don't count in Q, since both of their arms have no event, or nothing else."""
    if studies == in_q:
        return ()
    which = "in which no patient of either arm has the event, or every patient"
    return (f"not counted in Q: {studies - in_q} of {studies} studies, {which}",)


def _weighted_mean(y: Vector, weights: Vector) -> tuple[float, float]:
    """Return the weighted mean and its standard error: weighted least squares of the intercept alone, scale one."""
    import numpy as np

    roots = np.sqrt(weights)
    inverse = np.linalg.pinv(roots[:, np.newaxis])
    return float((inverse @ (roots * y))[0]), float(np.sqrt(inverse @ inverse.T)[0, 0])
