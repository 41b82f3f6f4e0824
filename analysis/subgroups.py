"""Subgroups of studies, and the test whether they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from .column_names import column_in_words
from .meta_analysis import MetaAnalysis, format_p
from .meta_regression import covariates
from .sensitivity import RANDOM, as_result, pool_again, single_study


@dataclass(frozen=True, slots=True)
class SubgroupAnalysis:
    """Subgroups of studies, pooled apart, and the test between them.

    Attributes:
        by: the column.
        subgroups: subgroup, k, estimate, ci_low, ci_high, log_estimate, standard_error (without Hartung-Knapp), tau2,
            i2, q.
        results: the result of each subgroup of two or more studies, by its name.
        overall: all studies together.
        q_between: Cochran's Q of the subgroups' results, with `q_df` and `p_value`: the test of interaction.
    """

    by: str
    subgroups: pl.DataFrame
    results: dict[str, MetaAnalysis]
    overall: MetaAnalysis
    q_between: float
    q_df: int
    p_value: float

    def __str__(self) -> str:
        """Print each subgroup and the test between them."""
        lines = [
            f"  {row['subgroup']}: {row['estimate']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f}), k = {row['k']}"
            for row in self.subgroups.iter_rows(named=True)
        ]
        test = f"test between subgroups: Q({self.q_df}) = {self.q_between:.2f}, {format_p(self.p_value)}"
        return "\n".join([f"by {column_in_words(self.by)}", *lines, test])

    __repr__ = __str__


def subgroup_analysis(frame: Any, by: str) -> SubgroupAnalysis:
    """Pool subgroups of studies apart, and test whether they differ.

    Args:
        frame: what `meta_analysis()` gave, whose model and level apply, or whatever it takes.
        by: column whose values make the subgroups.

    Returns:
        The subgroups, in alphabetical order, each with a variance between studies of its own, and the test between
        them. For a test with one variance common to all see `meta_regression`.

    Raises:
        LuminaldbError: an unknown column, a study without a value, or one subgroup only.

    Source of the formula: Borenstein & Higgins 2013 (doi 10.1007/s11121-013-0377-7), as metafor compares estimates of
    independent meta-analyses.
    """
    from scipy import stats

    overall = as_result(frame)
    covariates(overall.studies, [by])
    rows, results = [], {}
    key = pl.col(by).cast(pl.String)
    for name in sorted(overall.studies[by].cast(pl.String).unique()):
        own = overall.studies.filter(key == name).drop("weight")
        if own.height == 1:
            numbers: dict[str, float] = single_study(overall, own)
            error = numbers["standard_error"]
        else:
            one = results[name] = pool_again(overall, own)
            numbers = {n: getattr(one, n) for n in ("estimate", "ci_low", "ci_high", "log_estimate", "tau2", "i2", "q")}
            error = one.standard_error
            if one.model in RANDOM:
                error = math.sqrt(1 / float((1 / (own["standard_error"].to_numpy() ** 2 + one.tau2)).sum()))
        columns = ("estimate", "ci_low", "ci_high", "log_estimate", "tau2", "i2", "q")
        rows.append({"subgroup": name, "k": own.height, **{c: numbers[c] for c in columns}, "standard_error": error})
    frame = pl.DataFrame(rows)
    weights = frame["standard_error"].to_numpy() ** -2.0
    means = frame["log_estimate"].to_numpy()
    q = float((weights * (means - (weights * means).sum() / weights.sum()) ** 2).sum())
    df = frame.height - 1
    return SubgroupAnalysis(by, frame, results, overall, q, df, float(stats.chi2(df).sf(q)))
