"""Pool results of trials: random effects, common effect, and from counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError

from .confidence_intervals import check_ci_level
from .count_pooling import COUNT_MODELS, pool_by_counts
from .inverse_variance import pool_by_inverse_variance
from .meta_analysis_result import MODELS, RANDOM_EFFECTS_MODELS, TESTS, MetaAnalysis, Model, Test
from .optional_packages import require_package
from .selection import Selection
from .studies import read_frame, read_studies
from .trial_names import is_of_trials


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
    if test not in (None, "z") and model not in RANDOM_EFFECTS_MODELS:
        raise LuminaldbError(f"test={test!r} is for random effects; the model is {model!r}")
    level = check_ci_level(ci_level)
    if trials is not None:
        frame = frame.only(trials) if isinstance(frame, Selection) else _rows_of_trials(frame, trials)
    studies = read_studies(frame, counts=model in COUNT_MODELS)
    require_package("scipy")
    if model in COUNT_MODELS:
        pooled = pool_by_counts(studies, model, level)
    else:
        pooled = pool_by_inverse_variance(studies, model, test or _default_test(model), level)
    selection = frame if isinstance(frame, Selection) else None
    title = selection.question.title if selection is not None and selection.question is not None else ""
    notes = selection.notes if selection is not None else ()
    return replace(pooled, question=title, notes=notes)


def _rows_of_trials(data: Any, trials: str | Sequence[str]) -> pl.DataFrame:
    frame = read_frame(data)
    return frame.filter(is_of_trials(frame, trials))


def meta_analyses(frame: pl.DataFrame, models: Sequence[Model]) -> dict[str, MetaAnalysis]:
    """Pool the same studies by several models of inverse variance, each as `meta_analysis` does; check them once.

    Raises:
        LuminaldbError: see `meta_analysis`.
    """
    first = meta_analysis(frame, models[0])
    studies = first.studies.drop("weight")
    tau2_interval = (first.tau2_low, first.tau2_high)
    others: dict[str, MetaAnalysis] = {
        m: pool_by_inverse_variance(studies, m, _default_test(m), first.ci_level, tau2_interval=tau2_interval)
        for m in models[1:]
    }
    return {str(models[0]): first, **others}


def _default_test(model: Model) -> Test:
    return "adhoc" if model == "reml" else "z"
