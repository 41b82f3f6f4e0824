"""The criteria by which results that can't be pooled together are excluded, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from luminaldb.loaders.views import NOT_STANDING, standing

from .overlapping_patients import sharing, why_shared
from .selection import Selection
from .superseded_results import superseded_results

Reasons = Mapping[str, str]
"""Why a result is excluded, by result_id."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of exclusion.

    Attributes:
        name: what it is called, in a word or two.
        excluded: of the rows that the criteria before it left, those that it excludes, with the reason.
    """

    name: str
    excluded: Callable[[pl.DataFrame], Reasons]


def select(found: pl.DataFrame, criteria: Sequence[Criterion]) -> Selection:
    """Apply criteria in order.

    Args:
        found: rows of `trial_results()` that the question is about.
        criteria: to apply.
    """
    parts = []
    for criterion in criteria:
        reasons = criterion.excluded(found)
        gone = pl.col("result_id").is_in(list(reasons))
        named = found.filter(gone).with_columns(
            pl.lit(criterion.name).alias("criterion"), pl.col("result_id").replace(reasons).alias("reason")
        )
        parts.append(named.select("result_id", "acronym", "source", "criterion", "reason"))
        found = found.filter(~gone)
    return Selection(found.sort("source_year", "result_id"), pl.concat(parts).sort("result_id"))


def where(name: str, fails: pl.Expr, reason: str) -> Criterion:
    """Make a criterion that looks at each row alone.

    Args:
        name: of the criterion.
        fails: true for a row to exclude; null counts as false.
        reason: of the exclusion.
    """

    def excluded(found: pl.DataFrame) -> Reasons:
        return dict.fromkeys(found.filter(fails.fill_null(value=False))["result_id"], reason)

    return Criterion(name, excluded)


def _superseded_source(found: pl.DataFrame) -> Reasons:
    kept = set(standing(found)["result_id"])
    return {r: "a later paper of its source reports the result again" for r in found["result_id"] if r not in kept}


def _shared_patients(found: pl.DataFrame) -> Reasons:
    """Keep the most precise of several results that may count the same patients."""
    ordered = found.sort("standard_error", "result_id")
    rows: list[dict[str, Any]] = ordered.to_dicts()
    pairs = zip(rows, sharing(ordered), strict=True)
    return {row["result_id"]: why_shared(row, rows[kept]) for row, kept in pairs if kept is not None}


CRITERIA = (
    where("retracted source", pl.col("publication_status").is_in(NOT_STANDING), "its source was retracted"),
    Criterion("superseded source", _superseded_source),
    where(
        "joint analysis",
        pl.col("trial_design") == "pooled_analysis",
        "a joint analysis of trials that have rows of their own, whose patients would count twice",
    ),
    where(
        "design",
        ~pl.col("trial_design").is_in(["randomised", "randomised_factorial"]),
        "not a randomised trial of its own",
    ),
    where("not randomised", ~pl.col("randomised"), "its arms were not randomised against one another"),
)
"""What excludes a result whatever the question."""

DATA_CRITERIA = (
    where("no interval", pl.col("standard_error").is_null(), "no interval was found in the sources read"),
    Criterion("superseded result", superseded_results),
    Criterion("shared patients", _shared_patients),
)
"""What excludes a result for want of a number, or for another of the same patients; applied last."""
