"""Numbers of patients with an event in two arms: the ratio or difference of each study."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

COUNTED_MEASURES = ("risk_ratio", "odds_ratio", "risk_difference")
COUNT_COLUMNS = ("events_experimental", "n_experimental", "events_control", "n_control")
# A risk difference is in percentage points, as the tables have it.
_PERCENTAGE_POINTS = 100.0


@dataclass(frozen=True, slots=True)
class TwoByTwoTables:
    """The 2 x 2 tables of studies: events and other patients of the experimental and of the control arm."""

    a: Vector
    b: Vector
    c: Vector
    d: Vector

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> TwoByTwoTables:
        """Read them from the columns events_experimental, n_experimental, events_control, n_control."""
        a, n1, c, n2 = (frame[column].cast(pl.Float64).to_numpy() for column in COUNT_COLUMNS)
        return cls(a, n1 - a, c, n2 - c)

    @property
    def no_contrast(self) -> npt.NDArray[np.bool_]:
        """Whether no patient, or every patient, of both arms had the event."""
        without_contrast: npt.NDArray[np.bool_] = ((self.a == 0) & (self.c == 0)) | ((self.b == 0) & (self.d == 0))
        return without_contrast


def effect_sizes(measure: str) -> tuple[pl.Expr, pl.Expr]:
    """Express the effect of a study and its variance by its counts, as `escalc` of R's metafor does by default.

    Args:
        measure: odds_ratio, risk_ratio or risk_difference.

    Returns:
        Over the columns of `COUNT_COLUMNS`: the log ratio with its large-sample variance, or the difference of risks as
        a fraction (Cochrane Handbook 10.4). One half is added to each cell of a study with an empty cell.
    """
    a, n1, c, n2 = (pl.col(column).cast(pl.Float64) for column in COUNT_COLUMNS)
    cells = (a, n1 - a, c, n2 - c)
    continuity_correction = pl.when(pl.any_horizontal(cell == 0 for cell in cells)).then(0.5).otherwise(0.0)
    a, b, c, d = (cell + continuity_correction for cell in cells)
    n1, n2 = a + b, c + d
    if measure == "odds_ratio":
        return (a * d / (b * c)).log(), 1 / a + 1 / b + 1 / c + 1 / d
    if measure == "risk_ratio":
        return ((a / n1) / (c / n2)).log(), 1 / a - 1 / n1 + 1 / c - 1 / n2
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def with_effect_sizes(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Add estimate, log_estimate, standard_error and a 95 % interval, calculated from counts, to rows that have them.

    Args:
        frame: with the columns of `COUNT_COLUMNS`.
        measure: odds_ratio, risk_ratio, or risk_difference, which comes in percentage points.
    """
    y, v = effect_sizes(measure)
    z = NormalDist().inv_cdf(0.975)
    is_ratio = measure != "risk_difference"
    frame = frame.with_columns(y.alias("::y"), v.sqrt().alias("::s"))
    mean, error = pl.col("::y"), pl.col("::s")

    def from_scale(value: pl.Expr) -> pl.Expr:
        return value.exp() if is_ratio else _PERCENTAGE_POINTS * value

    return frame.with_columns(
        from_scale(mean).alias("estimate"),
        (mean if is_ratio else pl.lit(None, pl.Float64)).alias("log_estimate"),
        (error if is_ratio else _PERCENTAGE_POINTS * error).alias("standard_error"),
        from_scale(mean - z * error).alias("ci_low"),
        from_scale(mean + z * error).alias("ci_high"),
        pl.lit(95.0).alias("ci_level"),
    ).drop("::y", "::s")
