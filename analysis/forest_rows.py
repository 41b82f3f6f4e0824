"""The lines of a forest plot: studies, subgroups and diamonds, with their numbers and texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from .confidence_intervals import describe_printed_level, interval_at_level
from .meta_analysis_result import MetaAnalysis
from .names_in_words import column_in_words, study_names
from .subgroups import SubgroupAnalysis

_Line = dict[str, Any]
_Numbers = tuple[float, float, float]
# From here on figures are written with three digits and a power of ten.
_LARGEST_PLAIN_NUMBER = 1000.0
SCHEMA = {
    "label": pl.String, "kind": pl.String, "estimate": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "weight": pl.Float64, "text": pl.String, "result_id": pl.String, "rescaled": pl.String, "interval": pl.String,
    "events": pl.String, "control_events": pl.String,
}  # fmt: skip


def forest_rows(
    pooled: MetaAnalysis, other_models: Sequence[MetaAnalysis] = (), subgroups: SubgroupAnalysis | None = None
) -> pl.DataFrame:
    """Return the lines of a forest plot.

    All intervals have the level of the pooled one. A study's that was printed at another level is worked out from its
    standard error; its text ends in an asterisk, and `rescaled` says what was printed (empty otherwise).

    Args:
        pooled: the studies and what they give together.
        other_models: the same studies pooled by other models, a line each.
        subgroups: of these studies: each has a heading, its studies and a line of its own.

    Returns:
        label, kind (study, heading, subgroup, pooled, prediction), estimate, low, high, weight, text, result_id,
        rescaled, interval (the numbers of the text), events and control_events (of the arms, with patients).
    """
    studies = _studies(pooled)
    lines: list[_Line] = []
    if subgroups is None:
        lines += studies
    else:
        names = pooled.studies[subgroups.by].cast(pl.String).to_list()
        for row in subgroups.subgroups.iter_rows(named=True):
            studies_of_subgroup = [study for study, name in zip(studies, names, strict=True) if name == row["subgroup"]]
            numbers = (row["estimate"], row["ci_low"], row["ci_high"])
            total = _line(
                f"Subtotal (I² {row['i2']:.0f} %)", "subgroup", numbers, sum(s["weight"] for s in studies_of_subgroup)
            )
            by = column_in_words(subgroups.by)
            heading = {"label": f"{by[:1].upper()}{by[1:]}: {row['subgroup'].replace('_', ' ')}", "kind": "heading"}
            lines += [heading, *studies_of_subgroup, *([total] if len(studies_of_subgroup) > 1 else [])]
    for result in (pooled, *other_models):
        label = f"Pooled: {result.title}" if other_models else "Pooled"
        lines.append(_line(label, "pooled", (result.estimate, result.ci_low, result.ci_high), 100.0))
    if pooled.prediction_low is not None and pooled.prediction_high is not None:
        span = (pooled.estimate, pooled.prediction_low, pooled.prediction_high)
        lines.append(_line("Prediction interval", "prediction", span, None))
    return pl.DataFrame(lines, schema=SCHEMA)


def printed_level_notes(rows: pl.DataFrame) -> list[str]:
    """Return a line per study with an asterisk in the plot: the level at which its interval was printed."""
    rescaled = rows.filter(pl.col("rescaled").fill_null("") != "")
    return [f"* {row['label']}: {row['rescaled']}" for row in rescaled.iter_rows(named=True)]


def number(value: float) -> str:
    """Write a number with two decimals; a huge one with three digits and its power of ten."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.2f}" if abs(value) < _LARGEST_PLAIN_NUMBER else f"{value:.2e}"


def _studies(pooled: MetaAnalysis) -> list[_Line]:
    rows = pooled.studies.to_dicts()
    return [
        {
            **_line(
                name,
                "study",
                (row["estimate"], *_interval(row, pooled)),
                row["weight"],
                _printed_level_note(row, pooled),
            ),
            "result_id": row.get("result_id"),
            "events": _events(row, "experimental"),
            "control_events": _events(row, "control"),
        }
        for name, row in zip(study_names(pooled.studies), rows, strict=True)
    ]


def _events(row: dict[str, Any], arm: str) -> str:
    events, n = row.get(f"events_{arm}"), row.get(f"n_{arm}")
    if events is None:
        return ""
    return f"{events:g}" if n is None else f"{events:g}/{n:g}"


def _interval(row: dict[str, Any], pooled: MetaAnalysis) -> tuple[float, float]:
    """Return the printed limits where they have the plot's level, and what the standard error says otherwise."""
    if _is_printed(row) and row.get("ci_level") == pooled.ci_level:
        return row["ci_low"], row["ci_high"]
    return interval_at_level(row["estimate"], row["standard_error"], pooled.ci_level, is_ratio=pooled.is_ratio)


def _is_printed(row: dict[str, Any]) -> bool:
    return row.get("ci_low") is not None and row.get("ci_high") is not None


def _printed_level_note(row: dict[str, Any], pooled: MetaAnalysis) -> str:
    if not _is_printed(row) or row.get("ci_level") in (None, pooled.ci_level):
        return ""
    return describe_printed_level(f"{row['ci_low']:.2f}", f"{row['ci_high']:.2f}", row["ci_level"], pooled.ci_level)


def _line(label: str, kind: str, numbers: _Numbers, weight: float | None, rescaled: str = "") -> _Line:
    estimate, low, high = numbers
    limits = f"{number(low)} to {number(high)}"
    interval = limits if kind == "prediction" else f"{number(estimate)} ({limits})"
    mark = "  *" if rescaled else ""
    share = f"  {weight:.1f} %" if weight is not None and kind == "study" else ""
    return {
        "label": label, "kind": kind, "estimate": estimate, "low": low, "high": high, "weight": weight,
        "text": f"{interval}{share}{mark}", "rescaled": rescaled, "interval": f"{interval}{mark.rstrip()}",
    }  # fmt: skip
