"""How `luminaldb meta-analysis` prints its further analyses: a table each, or values that JSON holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from luminaldb.analysis.meta_analysis_result import MetaAnalysis
    from luminaldb.analysis.meta_regression import MetaRegression

    from .further_analyses import FurtherAnalyses, FurtherResults


def print_further(results: FurtherResults, options: FurtherAnalyses, pooled: MetaAnalysis) -> None:
    """Print each analysis: a heading and a table; then the warnings.

    Args:
        results: of the further analyses.
        options: which of them were asked for.
        pooled: the meta-analysis that they go beyond.
    """
    if results.subgroups is not None:
        typer.echo(f"\n{results.subgroups}")
    if results.regression is not None:
        _print_regression(results.regression, pooled, options.regression)
    if results.leave_one_out is not None:
        _print_results("pooled again without one study", "without", results.leave_one_out, "left_out", pooled)
    if results.cumulative is not None:
        _print_results("pooled study by study, by year", "with it", results.cumulative, "added", pooled)
    for warning in results.warnings:
        typer.echo(f"warning: {warning}")
    if results.small_studies is not None:
        typer.echo(f"\nsmall studies against large ones\n{results.small_studies}")


def further_record(results: FurtherResults) -> dict[str, Any]:
    """Return the analyses as values that JSON holds, by the name of the option."""
    record: dict[str, Any] = {}
    if (subgroups := results.subgroups) is not None:
        record["subgroups"] = {
            "by": subgroups.by, "subgroups": subgroups.subgroups.to_dicts(), "q_between": subgroups.q_between,
            "q_df": subgroups.q_df, "p_value": subgroups.p_value, "left_out": list(subgroups.left_out),
            "warning": subgroups.warning,
        }  # fmt: skip
    if (regression := results.regression) is not None:
        record["regression"] = asdict(regression) | {"coefficients": regression.coefficients.to_dicts()}
    if results.leave_one_out is not None:
        record["leave_one_out"] = results.leave_one_out.to_dicts()
    if results.cumulative is not None:
        record["cumulative"] = results.cumulative.to_dicts()
    if results.small_studies is not None:
        record["small_studies"] = asdict(results.small_studies)
    return record


def _print_results(title: str, heading: str, frame: pl.DataFrame, name: str, pooled: MetaAnalysis) -> None:
    rows = [
        [row[name], _interval(row["estimate"], row["ci_low"], row["ci_high"]), _p(row["p_value"]),
         f"{row['i2']:.0f} %"]
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    print_table(title, [heading, pooled.measure.replace("_", " "), "p", "I²"], rows)


def _print_regression(regression: MetaRegression, pooled: MetaAnalysis, columns: Sequence[str]) -> None:
    """Print a meta-regression; for ratios, each coefficient is the factor by which its term multiplies the ratio.

    The intercept is the effect where all terms are 0. It is printed only if every term is a category, since the
    effect in year 0, say, means nothing.
    """
    from luminaldb.analysis.meta_analysis_result import format_p
    from luminaldb.analysis.meta_regression import INTERCEPT
    from luminaldb.analysis.names_in_words import column_in_words

    back_transform = math.exp if pooled.is_ratio else float
    measure = pooled.measure.replace("_", " ")
    rows = []
    terms_are_categories = all("=" in term for term in regression.coefficients["term"].to_list()[1:])
    for row in regression.coefficients.iter_rows(named=True):
        if row["term"] == INTERCEPT and not terms_are_categories:
            continue
        term = f"{measure} of the others" if row["term"] == INTERCEPT else row["term"]
        numbers = [back_transform(row[c]) for c in ("estimate", "ci_low", "ci_high")]
        rows.append([term, _interval(*numbers), _p(row["p_value"])])
    effect = f"{measure} multiplied by" if pooled.is_ratio else f"{measure}, difference"
    title = f"meta-regression on {' and '.join(column_in_words(column) for column in columns)}, k = {regression.k}"
    print_table(title, ["term", effect, "p"], rows)
    explained = "" if regression.r2 is None else f", R² {regression.r2:.0f} %"
    heterogeneity = f"tau² left {regression.tau2:.4f}, I² {regression.i2:.1f} %{explained}"
    typer.echo(f"all terms together {format_p(regression.p_value)}; {heterogeneity}")
    if regression.left_out:
        typer.echo(f"left out, since a value is missing: {', '.join(regression.left_out)}")
    if regression.warning:
        typer.echo(f"warning: {regression.warning}")


def _p(value: float) -> str:
    from luminaldb.analysis.meta_analysis_result import format_p

    return format_p(value).removeprefix("p ").removeprefix("= ")


def _interval(estimate: float, low: float, high: float) -> str:
    from luminaldb.analysis.forest_rows import number

    return f"{number(estimate)} ({number(low)} to {number(high)})"


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a heading and a table whose columns are as wide as their cells."""
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    typer.echo(f"\n{title}")
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
