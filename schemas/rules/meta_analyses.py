"""Rules on pooled results, for tables of meta-analyses that name their studies, Q and I2."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..checks import Check
from .intervals import half_unit, highest, lowest
from .rule import Example, Rule, has_fields


def _pooled_within_studies(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "meta_analysis_id", "is_pooled", "estimate"):
        return
    study_estimate = nw.when(~nw.col("is_pooled")).then(nw.col("estimate"))
    smallest, largest = study_estimate.min().over("meta_analysis_id"), study_estimate.max().over("meta_analysis_id")
    is_within_range = (highest("estimate") >= smallest - half_unit("estimate")) & (
        lowest("estimate") <= largest + half_unit("estimate")
    )
    yield Check(
        "LDB111",
        ("estimate", "meta_analysis_id"),
        ~nw.col("is_pooled") | is_within_range,
        "the pooled {estimate} lies outside the studies of {meta_analysis_id}",
        "Read the pooled estimate and the studies' again; a mean of positive weights lies among what it averages.",
        compared_columns=("meta_analysis_id",),
    )


def _i_squared(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "i_squared", "q_statistic", "studies"):
        return
    degrees_of_freedom = nw.col("studies") - 1

    def share(q: nw.Expr) -> nw.Expr:
        return nw.max_horizontal((q - degrees_of_freedom) / q * 100, nw.lit(0.0))

    low, high = share(lowest("q_statistic")), share(highest("q_statistic"))
    yield Check(
        "LDB112",
        ("i_squared", "q_statistic", "studies"),
        ~(nw.col("q_statistic") > 0) | ((low <= highest("i_squared")) & (high >= lowest("i_squared"))),
        "I2 {i_squared} doesn't follow from Q {q_statistic} of {studies} studies",
        "Read all three in the source again.",
    )


_TYPES = {"meta_analysis_id": "string", "is_pooled": "boolean", "estimate": "number"}
_HETEROGENEITY = {"i_squared": "number", "q_statistic": "number", "studies": "integer"}


def _studies(pooled: str) -> tuple[dict[str, object], ...]:
    return (
        {"meta_analysis_id": "m", "is_pooled": "false", "estimate": "0.63"},
        {"meta_analysis_id": "m", "is_pooled": "false", "estimate": "0.71"},
        {"meta_analysis_id": "m", "is_pooled": "true", "estimate": pooled},
    )


RULES = (
    Rule(
        "LDB111",
        "A pooled estimate lies among its studies",
        "Fixed-effect and DerSimonian-Laird estimates are means with positive weights.",
        _pooled_within_studies,
        passing=Example("pooled", _studies("0.67"), _TYPES),
        failing=Example("pooled", _studies("0.76"), _TYPES),
        formula="min(studies) <= pooled <= max(studies)",
        source="DerSimonian and Laird, Control Clin Trials 1986;7:177",
    ),
    Rule(
        "LDB112",
        "I2 follows from Q and the number of studies",
        "I2 is computed from Q and nothing else.",
        _i_squared,
        passing=Example("pooled", ({"i_squared": "50", "q_statistic": "10.0", "studies": "6"},), _HETEROGENEITY),
        failing=Example("pooled", ({"i_squared": "75", "q_statistic": "10.0", "studies": "6"},), _HETEROGENEITY),
        formula="I2 = max(0, (Q - (k - 1)) / Q) in percent",
        source="Higgins and Thompson, Stat Med 2002;21:1539",
    ),
)
