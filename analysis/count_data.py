"""Numbers of patients with an event in two arms: ratios and differences of one study, and pooled from counts."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from luminaldb.errors import LuminaldbError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

COUNTED = ("odds_ratio", "risk_ratio", "risk_difference")
COLUMNS = ("events_experimental", "n_experimental", "events_control", "n_control")
COUNT_MODELS = ("mh", "peto")
# A risk difference is in percentage points, as the tables have it.
_POINTS = 100.0


@dataclass(frozen=True, slots=True)
class FourCells:
    """The 2 x 2 tables of studies: events and other patients of the experimental and of the control arm."""

    a: Vector
    b: Vector
    c: Vector
    d: Vector

    @classmethod
    def of(cls, frame: pl.DataFrame) -> FourCells:
        """Read them from the columns events_experimental, n_experimental, events_control, n_control."""
        a, n1, c, n2 = (frame[column].cast(pl.Float64).to_numpy() for column in COLUMNS)
        return cls(a, n1 - a, c, n2 - c)

    @property
    def no_contrast(self) -> npt.NDArray[np.bool_]:
        """Whether no patient, or every patient, of both arms had the event."""
        empty: npt.NDArray[np.bool_] = ((self.a == 0) & (self.c == 0)) | ((self.b == 0) & (self.d == 0))
        return empty


def effect_sizes(measure: str) -> tuple[pl.Expr, pl.Expr]:
    """Express the effect of a study and its variance by its counts, as `escalc` of R's metafor does by default.

    Args:
        measure: odds_ratio, risk_ratio or risk_difference.

    Returns:
        Over the columns of `COLUMNS`: the log ratio with its large-sample variance, or the difference of risks as a
        fraction (Cochrane Handbook 10.4). One half is added to each cell of a study with an empty cell.
    """
    a, n1, c, n2 = (pl.col(column).cast(pl.Float64) for column in COLUMNS)
    cells = (a, n1 - a, c, n2 - c)
    half = pl.when(pl.any_horizontal(cell == 0 for cell in cells)).then(0.5).otherwise(0.0)
    a, b, c, d = (cell + half for cell in cells)
    n1, n2 = a + b, c + d
    if measure == "odds_ratio":
        return (a * d / (b * c)).log(), 1 / a + 1 / b + 1 / c + 1 / d
    if measure == "risk_ratio":
        return ((a / n1) / (c / n2)).log(), 1 / a - 1 / n1 + 1 / c - 1 / n2
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def with_effect_sizes(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Add estimate, log_estimate, standard_error and a 95 % interval, calculated from counts, to rows that have them.

    Args:
        frame: with the columns of `COLUMNS`.
        measure: odds_ratio, risk_ratio, or risk_difference, which comes in percentage points.
    """
    y, v = effect_sizes(measure)
    z = NormalDist().inv_cdf(0.975)
    ratio = measure != "risk_difference"
    frame = frame.with_columns(y.alias("::y"), v.sqrt().alias("::s"))
    mean, error = pl.col("::y"), pl.col("::s")

    def from_scale(value: pl.Expr) -> pl.Expr:
        return value.exp() if ratio else _POINTS * value

    return frame.with_columns(
        from_scale(mean).alias("estimate"),
        (mean if ratio else pl.lit(None, pl.Float64)).alias("log_estimate"),
        (error if ratio else _POINTS * error).alias("standard_error"),
        from_scale(mean - z * error).alias("ci_low"),
        from_scale(mean + z * error).alias("ci_high"),
        pl.lit(95.0).alias("ci_level"),
    ).drop("::y", "::s")


@dataclass(frozen=True, slots=True)
class PooledCounts:
    """A result pooled from counts: the mean on the scale of the model, its standard error, Q and weights."""

    mean: float
    standard_error: float
    q: float
    q_studies: int
    weights: Vector


def pool_counts(frame: pl.DataFrame, measure: str, model: str) -> PooledCounts:
    """Pool 2 x 2 tables by Mantel and Haenszel's or by Peto's method.

    Args:
        frame: with the columns of `COLUMNS`; nothing is added to its cells.
        measure: odds_ratio, risk_ratio or risk_difference; Peto's method gives odds ratios only.
        model: `mh` or `peto`.

    Raises:
        LuminaldbError: no study has an event in one of the arms, or Peto's method for another measure.

    Sources: odds ratio, Mantel & Haenszel 1959 with the variance of Robins, Breslow & Greenland 1986; risk ratio and
    difference, Greenland & Robins 1985 and Sato 1989; Peto, Yusuf et al. 1985; all as `rma.mh` and `rma.peto` of R's
    metafor. Studies without a contrast don't count in Q.
    """
    if model == "peto":
        if measure != "odds_ratio":
            raise LuminaldbError("Peto's method gives odds ratios; select comparisons with measure='odds_ratio'")
        return _peto(FourCells.of(frame))
    return _mantel_haenszel(frame, measure)


def _peto(t: FourCells) -> PooledCounts:
    n1, n2 = t.a + t.b, t.c + t.d
    n = n1 + n2
    expected = (t.a + t.c) * n1 / n
    variance = n1 * n2 * ((t.a + t.c) / n) * ((t.b + t.d) / (n - 1)) / n
    informative = variance > 0
    if not informative.any():
        raise LuminaldbError("no study has patients both with and without the event; nothing can be pooled")
    difference, own = (t.a - expected)[informative], variance[informative]
    total = own.sum()
    mean = float(difference.sum() / total)
    q = float(max(0.0, (own * (difference / own - mean) ** 2).sum()))
    return PooledCounts(mean, float(total**-0.5), q, int(informative.sum()), variance)


def _mantel_haenszel(frame: pl.DataFrame, measure: str) -> PooledCounts:
    import numpy as np

    t = FourCells.of(frame)
    n1, n2 = t.a + t.b, t.c + t.d
    n = n1 + n2
    if measure == "risk_difference":
        weights = n1 * n2 / n
        total = weights.sum()
        mean = float((t.a * n2 / n - t.c * n1 / n).sum() / total)
        p = (t.c * (n1 / n) ** 2 - t.a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2).sum()
        q = (t.a * (n2 - t.c) / n + t.c * (n1 - t.a) / n).sum() / 2
        error = float(np.sqrt(mean * p + q) / total)
    else:
        if measure == "odds_ratio":
            above, weights = t.a * t.d / n, t.b * t.c / n
        else:
            above, weights = t.a * n2 / n, t.c * n1 / n
        r, s = above.sum(), weights.sum()
        if not (r > 0 and s > 0):
            raise LuminaldbError(
                "no study has an event in one of the arms; nothing can be pooled by Mantel and Haenszel"
            )
        mean = float(np.log(r / s))
        if measure == "odds_ratio":
            p, q = (t.a + t.d) / n, (t.b + t.c) / n
            variance = (
                (p * above).sum() / r**2 + (p * weights + q * above).sum() / (r * s) + (q * weights).sum() / s**2
            ) / 2
        else:
            variance = ((n1 * n2 * (t.a + t.c) - t.a * t.c * n) / n**2).sum() / (r * s)
        error = float(np.sqrt(variance))
    counts = ~t.no_contrast
    y, v = (frame.select(one.alias("x"))["x"].to_numpy() for one in effect_sizes(measure))
    heterogeneity = float(((y[counts] - mean) ** 2 / v[counts]).sum())
    return PooledCounts(mean, error, heterogeneity, int(counts.sum()), weights)
