"""Effects between pairs of nodes of a network, as a frame and as a league table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from ..confidence_intervals import exp_or_infinity
from .study_contrasts import StudyContrasts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

_MIN_DEGREES_OF_FREEDOM = 2


@dataclass(frozen=True, slots=True)
class Estimates:
    """The effects of the nodes of a network against its reference, the first node.

    Attributes:
        nodes: the reference first.
        values: the effect of each node, on the scale that is pooled.
        covariance: of the effects.
        tau2: variance between trials; None for common effects.
        degrees_of_freedom: of Q.
        is_ratio: whether the effects are logarithms.
        ci_level: of intervals, in percent.
        studies: that the effects come from.
    """

    nodes: tuple[str, ...]
    values: Array
    covariance: Array
    tau2: float | None
    degrees_of_freedom: int
    is_ratio: bool
    ci_level: float
    studies: Sequence[StudyContrasts]


def pair_effects(estimates: Estimates, pairs: Iterable[tuple[int, int]]) -> pl.DataFrame:
    """Return the effect of one node against another, a row per pair of positions among the nodes."""
    from scipy import stats

    nodes, covariance = estimates.nodes, estimates.covariance
    back_transform = exp_or_infinity if estimates.is_ratio else float
    tail = 0.5 + estimates.ci_level / 200
    quantile = float(stats.norm.ppf(tail))
    has_prediction = estimates.tau2 is not None and estimates.degrees_of_freedom >= _MIN_DEGREES_OF_FREEDOM
    prediction_quantile = float(stats.t(estimates.degrees_of_freedom - 1).ppf(tail)) if has_prediction else math.nan
    rows = []
    for i, j in pairs:
        mean = float(estimates.values[i] - estimates.values[j])
        error = math.sqrt(float(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]))
        spread = math.hypot(error, math.sqrt(estimates.tau2 or 0.0))
        rows.append(
            {
                "treatment": nodes[i],
                "control": nodes[j],
                "estimate": back_transform(mean),
                "ci_low": back_transform(mean - quantile * error),
                "ci_high": back_transform(mean + quantile * error),
                "log_estimate": mean if estimates.is_ratio else None,
                "standard_error": error,
                "p_value": math.erfc(abs(mean / error) / math.sqrt(2)),
                "prediction_low": back_transform(mean - prediction_quantile * spread) if has_prediction else None,
                "prediction_high": back_transform(mean + prediction_quantile * spread) if has_prediction else None,
                "direct_studies": sum({nodes[i], nodes[j]} <= set(study.nodes) for study in estimates.studies),
            }
        )
    floats = dict.fromkeys(
        ("estimate", "ci_low", "ci_high", "log_estimate", "standard_error", "p_value", "prediction_low",
         "prediction_high"), pl.Float64,
    )  # fmt: skip
    schema = {"treatment": pl.String, "control": pl.String, **floats, "direct_studies": pl.Int64}
    return pl.DataFrame(rows, schema=schema)


def league_table(pairs: pl.DataFrame, nodes: Sequence[str]) -> pl.DataFrame:
    """Return the league table as text, of the effects of all pairs, in an order of the nodes."""
    cells = {
        (row["treatment"], row["control"]): f"{row['estimate']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f})"
        for row in pairs.iter_rows(named=True)
    }
    return pl.DataFrame(
        [
            {"node": row_node, **{column_node: cells.get((row_node, column_node), "") for column_node in nodes}}
            for row_node in nodes
        ]
    )
