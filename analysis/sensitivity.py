"""How much a pooled result depends on one study, and how it grew over time."""

from __future__ import annotations

import warnings
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError

from .meta_analysis import meta_analysis
from .meta_analysis_result import RANDOM_EFFECTS_MODELS, MetaAnalysis
from .moderators import refuse_unknown
from .names_in_words import study_names

_NUMBERS = (
    "estimate",
    "ci_low",
    "ci_high",
    "log_estimate",
    "standard_error",
    "p_value",
    "tau2",
    "i2",
    "q",
    "q_p_value",
)
_MIN_STUDIES = 3


def pool_again(pooled: MetaAnalysis, studies: pl.DataFrame) -> MetaAnalysis:
    """Pool other studies in the same way: by the same model and test, at the same level."""
    test = pooled.test if pooled.model in RANDOM_EFFECTS_MODELS else None
    return meta_analysis(studies, pooled.model, ci_level=pooled.ci_level, test=test)


def ensure_meta_analysis(frame: Any) -> MetaAnalysis:
    """Return a result as it is, and pool anything else by the default model."""
    return frame if isinstance(frame, MetaAnalysis) else meta_analysis(frame)


def leave_one_out(frame: Any) -> pl.DataFrame:
    """Pool again without each study in turn.

    Args:
        frame: what `meta_analysis()` gave, or whatever it takes.

    Returns:
        A row per study left out: left_out, result_id (where there is one), estimate, ci_low, ci_high, log_estimate,
        standard_error, p_value, tau2, i2, q, q_p_value; as metafor's `leave1out`.

    Raises:
        LuminaldbError: fewer than three studies.
    """
    pooled = ensure_meta_analysis(frame)
    if pooled.k < _MIN_STUDIES:
        raise LuminaldbError(f"leaving one out needs three studies; there are {pooled.k}")
    rows = []
    for position, name in enumerate(study_names(pooled.studies)):
        others = pooled.studies.with_row_index("::row").filter(pl.col("::row") != position).drop("::row", "weight")
        rows.append({"left_out": name, **_result_id(pooled.studies, position), **_numbers(pool_again(pooled, others))})
    return pl.DataFrame(rows)


def cumulative_meta_analysis(frame: Any, *, by: str = "source_year") -> pl.DataFrame:
    """Pool the first study, the first two, and so on.

    Args:
        frame: what `meta_analysis()` gave, or whatever it takes.
        by: column that orders the studies; ties stay in their order.

    Returns:
        A row per study added: added, the column `by`, k, and the columns of `leave_one_out`; as metafor's `cumul`. The
        first row is the study itself, at the level of the result.

    Raises:
        LuminaldbError: there is no such column.

    Warns:
        UserWarning: studies without a value of the column, which come last.
    """
    pooled = ensure_meta_analysis(frame)
    refuse_unknown(by, pooled.studies)
    if warning := _warn_of_unordered(pooled.studies, by):
        warnings.warn(warning, stacklevel=2)
    studies = pooled.studies.sort(by, maintain_order=True, nulls_last=True)
    rows = [{"added": study_names(studies)[0], by: studies[by][0], "k": 1, **single_study(pooled, studies.head(1))}]
    for k, name in enumerate(study_names(studies)[1:], 2):
        numbers = _numbers(pool_again(pooled, studies.head(k).drop("weight")))
        rows.append({"added": name, by: studies[by][k - 1], "k": k, **numbers})
    return pl.DataFrame(rows)


def _warn_of_unordered(studies: pl.DataFrame, by: str) -> str:
    """Return a warning that names the studies without a value to order them by; empty where all have one."""
    names = [name for name, value in zip(study_names(studies), studies[by].to_list(), strict=True) if value is None]
    return f"{len(names)} of {studies.height} studies have no {by} and come last: {', '.join(names)}" if names else ""


def _numbers(result: MetaAnalysis) -> dict[str, float]:
    return {name: getattr(result, name) for name in _NUMBERS}


def _result_id(studies: pl.DataFrame, position: int) -> dict[str, Any]:
    return {"result_id": studies["result_id"][position]} if "result_id" in studies.columns else {}


def single_study(pooled: MetaAnalysis, study: pl.DataFrame) -> dict[str, float]:
    """Return a study as a pooled result: its estimate at the level of the result, nothing between studies."""
    from math import erfc, sqrt

    from .confidence_intervals import interval_at_level

    row = study.row(0, named=True)
    estimate, error = float(row["estimate"]), float(row["standard_error"])
    mean = float(row["log_estimate"]) if pooled.is_ratio else estimate
    low, high = interval_at_level(estimate, error, pooled.ci_level, is_ratio=pooled.is_ratio)
    p_value = erfc(abs(mean / error) / sqrt(2))
    no_heterogeneity = {"tau2": 0.0, "i2": 0.0, "q": 0.0, "q_p_value": 1.0}
    return {"estimate": estimate, "ci_low": low, "ci_high": high, "log_estimate": mean, "standard_error": error,
            "p_value": p_value, **no_heterogeneity}  # fmt: skip
