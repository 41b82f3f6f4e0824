"""Subgroups of studies, and the test whether they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from .meta_analysis_result import RANDOM_EFFECTS_MODELS, MetaAnalysis, format_p
from .moderators import moderator_terms, warn_of_few_studies, with_values
from .names_in_words import column_in_words
from .sensitivity import ensure_meta_analysis, pool_again, single_study


@dataclass(frozen=True, slots=True)
class SubgroupAnalysis:
    """Subgroups of studies, pooled apart, and the test between them.

    Attributes:
        by: the column.
        subgroups: subgroup, k, estimate, ci_low, ci_high, log_estimate, standard_error (without Hartung-Knapp), tau2,
            i2, q.
        results: the result of each subgroup of two or more studies, by its name.
        overall: all studies with a value together.
        q_between: Cochran's Q of the subgroups' results, with `q_df` and `p_value`: the test of interaction.
        left_out: names of the studies without a value.
        warning: what limits the comparison; empty for ten studies or more.
    """

    by: str
    subgroups: pl.DataFrame
    results: dict[str, MetaAnalysis]
    overall: MetaAnalysis
    q_between: float
    q_df: int
    p_value: float
    left_out: tuple[str, ...] = ()
    warning: str = ""

    def __str__(self) -> str:
        """Print each subgroup and the test between them."""
        lines = [
            f"  {row['subgroup']}: {row['estimate']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f}), k = {row['k']}"
            for row in self.subgroups.iter_rows(named=True)
        ]
        test = f"test between subgroups: Q({self.q_df}) = {self.q_between:.2f}, {format_p(self.p_value)}"
        left_out = f"left out, since a value is missing: {', '.join(self.left_out)}" if self.left_out else ""
        warning = f"warning: {self.warning}" if self.warning else ""
        return "\n".join(filter(None, [f"by {column_in_words(self.by)}", *lines, test, left_out, warning]))

    __repr__ = __str__


def subgroup_analysis(frame: Any, by: str) -> SubgroupAnalysis:
    """Pool subgroups of studies apart, and test whether they differ.

    Args:
        frame: what `meta_analysis()` gave, whose model and level apply, or whatever it takes.
        by: column whose values make the subgroups. Studies without a value are left out, with a warning that names
            them.

    Returns:
        The subgroups, in alphabetical order, each with a variance between studies of its own, and the test between
        them. For a test with one variance common to all see `meta_regression`.

    Raises:
        LuminaldbError: an unknown column, or one subgroup only.

    Source of the formula: Borenstein & Higgins 2013 (doi 10.1007/s11121-013-0377-7), as metafor compares estimates of
    independent meta-analyses.
    """
    from scipy import stats

    overall = ensure_meta_analysis(frame)
    studies, left_out = with_values(overall.studies, [by])
    moderator_terms(studies, [by])
    if left_out:
        overall = replace(pool_again(overall, studies.drop("weight")), question=overall.question, notes=overall.notes)
    rows, results = [], {}
    key = pl.col(by).cast(pl.String)
    for name in sorted(overall.studies[by].cast(pl.String).unique()):
        studies_of_subgroup = overall.studies.filter(key == name).drop("weight")
        if studies_of_subgroup.height == 1:
            numbers: dict[str, float] = single_study(overall, studies_of_subgroup)
            error = numbers["standard_error"]
        else:
            result = results[name] = pool_again(overall, studies_of_subgroup)
            numbers = {
                n: getattr(result, n) for n in ("estimate", "ci_low", "ci_high", "log_estimate", "tau2", "i2", "q")
            }
            error = result.standard_error
            if result.model in RANDOM_EFFECTS_MODELS:
                error = math.sqrt(
                    1 / float((1 / (studies_of_subgroup["standard_error"].to_numpy() ** 2 + result.tau2)).sum())
                )
        columns = ("estimate", "ci_low", "ci_high", "log_estimate", "tau2", "i2", "q")
        rows.append(
            {
                "subgroup": name,
                "k": studies_of_subgroup.height,
                **{c: numbers[c] for c in columns},
                "standard_error": error,
            }
        )
    frame = pl.DataFrame(rows)
    weights = frame["standard_error"].to_numpy() ** -2.0
    means = frame["log_estimate"].to_numpy()
    q = float((weights * (means - (weights * means).sum() / weights.sum()) ** 2).sum())
    df = frame.height - 1
    few_studies_warning = warn_of_few_studies(studies.height, "a difference between subgroups may be chance")
    p_value = float(stats.chi2(df).sf(q))
    return SubgroupAnalysis(by, frame, results, overall, q, df, p_value, tuple(left_out), few_studies_warning)
