"""Test whether the effect depends on characteristics of the trials: meta-regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS

from .confidence_intervals import check_ci_level
from .meta_analysis_result import MetaAnalysis, Model, format_p
from .moderators import moderator_terms, warn_of_few_studies, with_values
from .optional_packages import require_package
from .studies import read_studies

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
    level = check_ci_level(ci_level)
    studies = frame.studies if isinstance(frame, MetaAnalysis) else read_studies(frame)
    columns = [by] if isinstance(by, str) else list(by)
    studies, left_out = with_values(studies, columns)
    terms, matrix = moderator_terms(studies, columns)
    require_package("scipy")
    result = _regress(studies, terms, matrix, model, "z" if model == "fixed" else test, level)
    few = warn_of_few_studies(studies.height, "a relation may be chance", len(columns))
    return replace(result, left_out=tuple(left_out), warning=few)


def _regress(
    studies: pl.DataFrame, terms: list[str], matrix: list[list[float]], model: Model, test: str, ci_level: float
) -> MetaRegression:
    import numpy as np
    from scipy import stats

    from .heterogeneity import i_squared_from_q
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
    wald_statistic = float(slopes @ np.linalg.solve(covariance[1:, 1:], slopes))
    statistic = wald_statistic if test == "z" else wald_statistic / len(slopes)
    p_value = stats.chi2(len(slopes)).sf(statistic) if test == "z" else stats.f(len(slopes), freedom).sf(statistic)
    typical = freedom / float(np.trace(common.projection))
    tau2_without_terms = fit(Equations(x[:, :1], y, v, np.eye(len(y))), model).tau2
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
        i2=100 * result.tau2 / (typical + result.tau2) if model != "fixed" else i_squared_from_q(common.q, freedom),
        r2=100 * max(0.0, (tau2_without_terms - result.tau2) / tau2_without_terms) if tau2_without_terms else None,
        q_residual=common.q,
        q_df=freedom,
        q_p_value=float(stats.chi2(freedom).sf(common.q)),
        statistic=statistic,
        statistic_df=(len(slopes), None if test == "z" else freedom),
        p_value=float(p_value),
    )
