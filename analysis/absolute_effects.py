"""From a relative effect and a baseline risk to events per 1000 patients."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

from luminaldb.errors import LuminaldbError

from .meta_analysis_result import MetaAnalysis

PATIENTS = 1000
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class AbsoluteEffect:
    """Events per 1000 patients without and with the therapy.

    Attributes:
        control: per 1000, from the baseline risk.
        experimental: per 1000, with the limits `experimental_low` and `experimental_high`.
        difference: experimental less control, with the limits `difference_low` and `difference_high`.
        number_needed: patients for one event fewer (or more, where the difference is above 0); None without one.
    """

    control: float
    experimental: float
    experimental_low: float
    experimental_high: float
    difference: float
    difference_low: float
    difference_high: float

    @property
    def number_needed(self) -> float | None:
        """Patients treated for one event fewer or more; None where the difference is 0."""
        return PATIENTS / abs(self.difference) if self.difference else None

    def __str__(self) -> str:
        """Print the difference per 1000 as a summary of findings does."""
        direction = "fewer" if self.difference < 0 else "more"
        limits = " to ".join(_format_signed(value) for value in (self.difference_low, self.difference_high))
        return f"{abs(self.difference):.0f} {direction} per 1000 ({limits})"


def _format_signed(value: float) -> str:
    return f"{abs(value):.0f} {'fewer' if value < 0 else 'more'}"


def absolute_effect(pooled: MetaAnalysis, baseline_risk: float) -> AbsoluteEffect:
    """Return the absolute effect for patients of a baseline risk.

    Args:
        pooled: of a hazard, odds, risk or rate ratio, or a risk difference.
        baseline_risk: of the event without the therapy, in percent. For a time-to-event endpoint it is the share with
            an event (progression or death for progression-free survival) by the time of interest. 40 means 40 %; a
            value below 1 warns, since 0.4 means 0.4 %.

    Returns:
        Events per 1000 patients. The baseline risk counts as known: the limits are those of the relative effect.

    Raises:
        LuminaldbError: a risk that isn't between 0 and 100 percent.

    Example:
        >>> import luminaldb
        >>> pooled = luminaldb.meta_analysis(
        ...     luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", line="first")
        ... )
        >>> luminaldb.absolute_effect(pooled, 60).control
        600.0

    Sources of the formulas: Cochrane Handbook 15.4.4; of a hazard ratio, Tierney 2007 (doi 10.1186/1745-6215-8-16) and
    Skoetz 2020 (doi 10.1016/j.jclinepi.2019.10.004): 1 - (1 - risk) ^ ratio.
    """
    if not 0 < baseline_risk < _PERCENT:
        raise LuminaldbError(
            f"baseline_risk={baseline_risk!r} is not a risk in percent; use a number between 0 and 100"
        )
    if baseline_risk < 1:
        warnings.warn(
            f"baseline_risk={baseline_risk:g} means {baseline_risk:g} %, {PATIENTS * baseline_risk / _PERCENT:g} of "
            f"{PATIENTS} patients; for {_PERCENT * baseline_risk:g} % write {_PERCENT * baseline_risk:g}",
            stacklevel=2,
        )
    risk = baseline_risk / _PERCENT
    effects = (pooled.estimate, pooled.ci_low, pooled.ci_high)
    values = [_risk_with_therapy(pooled.measure, risk, effect) for effect in effects]
    experimental, low, high = (PATIENTS * value for value in values)
    control = PATIENTS * risk
    return AbsoluteEffect(control, experimental, low, high, experimental - control, low - control, high - control)


def _risk_with_therapy(measure: str, risk: float, effect: float) -> float:
    if math.isinf(effect):
        return 1.0
    if measure == "odds_ratio":
        return effect * risk / (1 - risk + effect * risk)
    if measure in ("hazard_ratio", "rate_ratio"):
        return float(1 - (1 - risk) ** effect)
    if measure == "risk_ratio":
        return min(1.0, risk * effect)
    return min(1.0, max(0.0, risk + effect / _PERCENT))
