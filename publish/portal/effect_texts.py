"""What an effect says: its numbers in words, which arm it favours, how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable

from luminaldb.analysis.confidence_intervals import DEFAULT_CI_LEVEL, interval_at_level
from luminaldb.analysis.effect_direction import lower_is_better
from luminaldb.loaders.standard_errors import RATIOS

from ..labels import abbreviate_measure, code_in_words
from .evidence import Evidence, Row
from .interval_drawing import Interval, Scale


def read_number(value: str) -> float | None:
    """Read a printed number; None where there is none."""
    return float(value) if value else None


def is_lower_better(evidence: Evidence, row: Row) -> bool:
    """Return whether an effect below the null favours the experimental arm; see `lower_is_better`."""
    endpoint = evidence["endpoints"].row(row["endpoint_id"])
    return lower_is_better(row["measure"], endpoint["family"], endpoint["better"])


def limits(evidence: Evidence, row: Row) -> tuple[float, float, float] | None:
    """Return an interval's limits and its level: 95 %, by the standard error where another level was printed.

    None without an interval; as printed where a limit of zero leaves no standard error.
    """
    low, high, level = (read_number(row[c]) for c in ("ci_low", "ci_high", "ci_level"))
    if low is None or high is None:
        return None
    error = evidence.standard_errors[row["effect_id"]]
    if level in (None, DEFAULT_CI_LEVEL) or error is None or not row["estimate"]:
        return low, high, level or DEFAULT_CI_LEVEL
    return *interval_at_level(float(row["estimate"]), error, is_ratio=row["measure"] in RATIOS), DEFAULT_CI_LEVEL


def favours(evidence: Evidence, row: Row) -> str:
    """Return for which arm a result speaks: experimental, control, neither; unknown without an interval.

    A result that missed the boundary of its formal test favours neither, whatever its interval.
    """
    interval = limits(evidence, row)
    if interval is None:
        return "unknown"
    if row.get("significance") == "not_met":
        return "neither"
    low, high, _ = interval
    null = 1.0 if row["measure"] in RATIOS else 0.0
    if low <= null <= high:
        return "neither"
    return "experimental" if (high < null) == is_lower_better(evidence, row) else "control"


def effect_in_words(row: Row) -> str:
    """Write an effect as papers do: HR 0.65 (95% CI 0.48 to 0.89)."""
    unit = "" if row["measure"] in RATIOS else " points"
    name = "difference" if row["measure"] == "risk_difference" else abbreviate_measure(row["measure"])
    if not row["estimate"]:
        return f"{name} not printed"
    limits = ""
    if row["ci_low"] and row["ci_high"]:
        limits = f" ({limits_in_words(row, row['ci_low'], row['ci_high'])})"
    return f"{name} {row['estimate']}{unit}{limits}"


def limits_in_words(row: Row, low: str, high: str) -> str:
    """Write an interval with its level, or say that its source prints none: 95% CI 0.48 to 0.89."""
    limits = f"{low} to {high}"
    return f"{row['ci_level']}% CI {limits}" if row["ci_level"] else f"{limits}, level not printed"


def p_value(row: Row) -> str:
    """Write a p-value with its operator: = 0.003, < 0.001."""
    if not row["p_value"]:
        return ""
    sides = ", one-sided" if row["p_sides"] == "1" else ""
    return f"{row['p_operator'] or '='} {row['p_value']}{sides}"


def make_scale(evidence: Evidence, rows: Iterable[Row]) -> Scale:
    """Make the scale on which the ratios of these effects are drawn."""
    ratios = [r for r in rows if r["measure"] in RATIOS]
    ends = [end for r in ratios for end in (limits(evidence, r) or ())[:2]]
    return Scale.covering([*(float(r["estimate"]) for r in ratios if r["estimate"]), *ends])


def draw_interval(evidence: Evidence, row: Row, scale: Scale) -> Interval | None:
    """Draw an effect with its 95 % interval; None for a difference, or where no estimate was printed."""
    estimate = read_number(row["estimate"])
    if row["measure"] not in RATIOS or not estimate:
        return None
    side = favours(evidence, row)
    interval = limits(evidence, row)
    if interval is None:
        return scale.interval(estimate, None, None, side, f"{effect_in_words(row)}: no interval printed")
    low, high, level = interval
    formal = row["significance"] == "met"
    label = {"experimental": "in favour of the experimental arm", "control": "in favour of the control arm"}
    note = f"{label.get(side, 'no difference shown')} at {level:g} %"
    note += {"met": "; formally significant", "not_met": "; missed the boundary of its test"}.get(
        row["significance"], "; no formal test stated"
    )
    rescaled_text = (
        "" if read_number(row["ci_level"]) in (None, level) else f", which at {level:g} % is {low:.2f} to {high:.2f}"
    )
    return scale.interval(estimate, low, high, side, f"{effect_in_words(row)}{rescaled_text}: {note}", formal=formal)


def outcome_in_words(row: Row) -> str:
    """Write an outcome: 18.9 months (95% CI 14.1 to 27.7)."""
    unit = {"median_months": " months", "percent": " %", "percent_at": " %"}.get(row["measure"], "")
    limits = f" ({interval})" if (interval := outcome_interval(row)) else ""
    if not row["estimate"]:
        return f"not reached{limits}" if row["measure"] == "median_months" else f"not printed{limits}"
    time_text = f" at {row['at_months']} months" if row["at_months"] else ""
    kind = "median " if row["measure"] == "median_months" else "mean " if row["measure"] == "mean" else ""
    return f"{kind}{row['estimate']}{unit}{time_text}{limits}"


def outcome_interval(row: Row) -> str:
    """Write the interval of an outcome, a limit that wasn't reached in words; empty where none was printed."""
    if not (row["ci_low"] or row["ci_high"]):
        return ""
    return limits_in_words(row, row["ci_low"] or "not reached", row["ci_high"] or "not reached")


def analysis_name(row: Row) -> str:
    """Name an analysis: primary, independent central, years 0-4, adjusted."""
    adjustment = code_in_words(row.get("adjustment", ""))
    parts = (
        code_in_words(row["analysis"]),
        code_in_words(row.get("assessor", "")),
        row.get("period", ""),
        "" if adjustment == "not stated" else adjustment,
        "read from a digitized curve" if row.get("derived_from") else "",
    )
    return ", ".join(part for part in parts if part)


def significance_in_words(row: Row) -> str:
    """Describe what a test was to show and whether it did: met the boundary 0.0104; non-inferiority, margin 1.29."""
    boundary = f" the boundary {row['significance_boundary']}" if row["significance_boundary"] else " its boundary"
    label = {
        "met": f"met{boundary}",
        "not_met": f"did not meet{boundary}",
        "not_tested": "not tested formally",
        "descriptive": "descriptive",
    }.get(row["significance"], "")
    hypothesis = ""
    if row["hypothesis"] in ("non_inferiority", "equivalence"):
        hypothesis = code_in_words(row["hypothesis"]) + (f", margin {row['margin']}" if row["margin"] else "")
    return "; ".join(part for part in (hypothesis, label) if part)
