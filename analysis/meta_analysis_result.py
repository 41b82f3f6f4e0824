"""The result of a meta-analysis: its models and tests by name, and how it prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from luminaldb.loaders.standard_errors import RATIOS

Model = Literal["reml", "dl", "fixed", "mh", "peto"]
MODELS: tuple[Model, ...] = get_args(Model)
RANDOM_EFFECTS_MODELS = ("reml", "dl")
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
# Below this a p value is printed as "less than".
_SMALLEST_P = 0.0001


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
            f"{tau2 if self.model in RANDOM_EFFECTS_MODELS else ''}"
            f"I² {self.i2:.1f} % ({self.i2_low:.0f} to {self.i2_high:.0f} %), "
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
