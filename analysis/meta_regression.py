"""Test whether the effect depends on characteristics of the trials: meta-regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.loaders.standard_errors import RATIOS

from .meta_analysis import CI_LEVEL_RANGE, MetaAnalysis, Model, format_p
from .moderators import moderator_terms, warn_of_few_studies, with_values
from .studies import studies_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

MODELS: tuple[Model, ...] = ("reml", "dl", "fixed")
TESTS = ("adhoc", "knha", "z")
INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True)
class MetaRegression:
    """The result of a meta-regression.

    Attributes:
        coefficients: term, estimate, standard_error, statistic, p_value, ci_low, ci_high; of logarithms where the
            measure is a ratio, whose exponential is the ratio of ratios.
        model: reml, dl or fixed.
        test: of the coefficients: `adhoc`, `knha` (Knapp-Hartung, t) or `z` (normal).
        k: number of studies.
        tau2: variance between studies that the covariates don't explain.
        i2: its share of the variation, in percent.
        r2: share of the variance between studies that they explain, in percent; None where there is none to explain.
        q_residual: Q that is left, with its degrees of freedom `q_df` and `q_p_value`.
        left_out: names of the studies without a value of a covariate.
        warning: what limits the regression; empty for ten studies or more per covariate.
        statistic: of all coefficients but the intercept: F for `adhoc` and `knha`, chi-squared for `z`, with
            `statistic_df` and `p_value`.
    """

    coefficients: pl.DataFrame
    model: Model
    test: str
    k: int
    tau2: float
    i2: float
    r2: float | None
    q_residual: float
    q_df: int
    q_p_value: float
    statistic: float
    statistic_df: tuple[int, int | None]
    p_value: float
    left_out: tuple[str, ...] = ()
    warning: str = ""

    def __str__(self) -> str:
        """Print the test of the covariates, the coefficients and what they leave unexplained."""
        lines = [
            f"k = {self.k}, residual tau² {self.tau2:.4f}, I² {self.i2:.1f} %, "
            f"test of covariates {format_p(self.p_value)}"
        ]
        for row in self.coefficients.iter_rows(named=True):
            interval = f"({row['ci_low']:.4f} to {row['ci_high']:.4f})"
            lines.append(f"  {row['term']}: {row['estimate']:.4f} {interval}, {format_p(row['p_value'])}")
        if self.left_out:
            lines.append(f"  left out, since a value is missing: {', '.join(self.left_out)}")
        if self.warning:
            lines.append(f"  warning: {self.warning}")
        return "\n".join(lines)

    __repr__ = __str__


def meta_regression(
    frame: Any, by: str | Sequence[str], *, model: Model = "reml", test: str = "adhoc", ci_level: float = 95
) -> MetaRegression:
    """Regress the effects of trials on characteristics of the trials.

    Args:
        frame: what `comparisons()` gives, a result of `meta_analysis()`, or any frame that it takes.
        by: columns: numbers as they are; text as a term per value but the first in alphabetical order. Studies
            without a value are left out, with a warning that names them.
        model: `reml`, `dl` or `fixed`.
        test: `knha` (Knapp & Hartung), `adhoc` (the same, never narrower than without it) or `z`; `z` for `fixed`.
        ci_level: of the intervals, in percent.

    Returns:
        Coefficients and tests, as metafor's `rma(yi, sei, mods = ~ …)`.

    Raises:
        LuminaldbError: an unknown column, more terms than the studies allow, or an option that doesn't exist.
        MissingExtraError: scipy isn't installed.

    Example:
        >>> import luminaldb
        >>> selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic")
        >>> luminaldb.meta_regression(selection, "trial_line").coefficients["term"][0]
        'intercept'

    Sources of the formulas: Knapp & Hartung 2003 (doi 10.1002/sim.1482); R2, Raudenbush 2009; residual I2 as metafor.
    """
    if model not in MODELS:
        raise LuminaldbError(f"no model {model!r}; choose from {', '.join(MODELS)}")
    if test not in TESTS:
        raise LuminaldbError(f"no test {test!r}; choose from {', '.join(TESTS)}")
    if not CI_LEVEL_RANGE[0] <= ci_level <= CI_LEVEL_RANGE[1]:
        raise LuminaldbError(
            f"ci_level={ci_level!r} is no level in percent, from {CI_LEVEL_RANGE[0]} to {CI_LEVEL_RANGE[1]}"
        )
    studies = frame.studies if isinstance(frame, MetaAnalysis) else studies_of(frame)
    columns = [by] if isinstance(by, str) else list(by)
    studies, left_out = with_values(studies, columns)
    terms, matrix = moderator_terms(studies, columns)
    try:
        import scipy  # noqa: F401 - brings numpy, which nothing else here needs
    except ImportError as error:
        raise MissingExtraError("scipy is not installed; run: pip install 'luminaldb[analysis]'") from error
    result = _regress(studies, terms, matrix, model, "z" if model == "fixed" else test, float(ci_level))
    few = warn_of_few_studies(studies.height, "a relation may be chance", len(columns))
    return replace(result, left_out=tuple(left_out), warning=few)


def _regress(
    studies: pl.DataFrame, terms: list[str], matrix: list[list[float]], model: Model, test: str, ci_level: float
) -> MetaRegression:
    import numpy as np
    from scipy import stats

    from .weighted_regression import Equations, Fit, fit

    y = studies["log_estimate" if str(studies["measure"][0]) in RATIOS else "estimate"].to_numpy()
    v = np.diag(studies["standard_error"].to_numpy() ** 2)
    x = np.hstack([np.ones((len(y), 1)), np.array(matrix)])
    equations = Equations(x, y, v, np.eye(len(y)))
    if np.linalg.matrix_rank(x) < x.shape[1] or equations.degrees_of_freedom < 1:
        each = "one term" if len(terms) == 1 else f"{len(terms)} terms"
        raise LuminaldbError(f"{len(y)} studies are too few for {each}, or the terms are collinear")
    result, common = fit(equations, model), Fit(equations, 0.0)
    freedom = equations.degrees_of_freedom
    spread = result.q / freedom
    scale = {"z": 1.0, "knha": spread, "adhoc": max(1.0, spread)}[test]
    covariance = scale * result.covariance
    errors = np.sqrt(np.diag(covariance))
    reference: Any = stats.norm() if test == "z" else stats.t(freedom)
    quantile = float(reference.ppf(0.5 + ci_level / 200))
    statistics = result.estimates / errors
    slopes = result.estimates[1:]
    wald = float(slopes @ np.linalg.solve(covariance[1:, 1:], slopes))
    whole = wald if test == "z" else wald / len(slopes)
    p_whole = stats.chi2(len(slopes)).sf(whole) if test == "z" else stats.f(len(slopes), freedom).sf(whole)
    typical = freedom / float(np.trace(common.projection))
    before = fit(Equations(x[:, :1], y, v, np.eye(len(y))), model).tau2
    return MetaRegression(
        coefficients=pl.DataFrame(
            {
                "term": [INTERCEPT, *terms],
                "estimate": result.estimates,
                "standard_error": errors,
                "statistic": statistics,
                "p_value": 2 * reference.sf(np.abs(statistics)),
                "ci_low": result.estimates - quantile * errors,
                "ci_high": result.estimates + quantile * errors,
            }
        ),
        model=model,
        test=test,
        k=len(y),
        tau2=result.tau2,
        i2=100 * result.tau2 / (typical + result.tau2) if model != "fixed" else _i_squared(common.q, freedom),
        r2=100 * max(0.0, (before - result.tau2) / before) if before else None,
        q_residual=common.q,
        q_df=freedom,
        q_p_value=float(stats.chi2(freedom).sf(common.q)),
        statistic=whole,
        statistic_df=(len(slopes), None if test == "z" else freedom),
        p_value=float(p_whole),
    )


def _i_squared(q: float, freedom: int) -> float:
    return 100 * max(0.0, (q - freedom) / q) if q else 0.0
