"""What `luminaldb meta-analysis` does beyond the pooled result: subgroups, regression, one study left out, Egger."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from luminaldb.analysis.meta_analysis import MetaAnalysis
    from luminaldb.analysis.meta_regression import MetaRegression

INTERCEPT = "intercept"


@dataclass(frozen=True)
class Further:
    """The further analyses that a user asks for.

    Attributes:
        subgroups: column that makes subgroups.
        regression: columns of a meta-regression.
        leave_one_out: whether to pool again without each study.
        cumulative: whether to pool study by study.
        small_studies: whether to do Egger's test.
    """

    subgroups: str | None
    regression: tuple[str, ...]
    leave_one_out: bool
    cumulative: bool
    small_studies: bool

    def refuse_unknown_columns(self, pooled: MetaAnalysis) -> None:
        """Raise a LuminaldbError, before anything is written, where the studies lack a column that was asked for."""
        from luminaldb.analysis.moderators import refuse_unknown

        for column in (*self.regression, *([] if self.subgroups is None else [self.subgroups])):
            refuse_unknown(column, pooled.studies)

    def print(self, pooled: MetaAnalysis) -> None:
        """Print each analysis: a heading, a table and what limits it.

        Raises:
            LuminaldbError: the studies don't allow some; the others are printed first.
        """
        from luminaldb.analysis.sensitivity import cumulative_meta_analysis, leave_one_out
        from luminaldb.analysis.small_study_effects import egger_test
        from luminaldb.analysis.subgroups import subgroup_analysis

        def print_subgroups() -> None:
            with _no_python_warnings():
                typer.echo(f"\n{subgroup_analysis(pooled, self.subgroups or '')}")

        def print_leave_one_out() -> None:
            _print_results("pooled again without one study", "without", leave_one_out(pooled), "left_out", pooled)

        def print_cumulative() -> None:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                frame = cumulative_meta_analysis(pooled)
            _print_results("pooled study by study, by year", "with it", frame, "added", pooled)
            for one in caught:
                typer.echo(f"warning: {one.message}")

        _do_each(
            (self.subgroups is not None, print_subgroups),
            (bool(self.regression), lambda: _print_regression(self._regress(pooled), pooled, self.regression)),
            (self.leave_one_out, print_leave_one_out),
            (self.cumulative, print_cumulative),
            (self.small_studies, lambda: typer.echo(f"\nsmall studies against large ones\n{egger_test(pooled)}")),
        )

    def add_to(self, record: dict[str, Any], pooled: MetaAnalysis) -> None:
        """Add the analyses to a record as values that JSON holds, by the name of the option.

        Raises:
            LuminaldbError: the studies don't allow some; the others are added first.
        """
        from luminaldb.analysis.sensitivity import cumulative_meta_analysis, leave_one_out
        from luminaldb.analysis.small_study_effects import egger_test
        from luminaldb.analysis.subgroups import subgroup_analysis

        def add_subgroups() -> None:
            with _no_python_warnings():
                one = subgroup_analysis(pooled, self.subgroups or "")
            record["subgroups"] = {
                "by": one.by, "subgroups": one.subgroups.to_dicts(), "q_between": one.q_between, "q_df": one.q_df,
                "p_value": one.p_value, "left_out": list(one.left_out), "warning": one.warning,
            }  # fmt: skip

        def add_regression() -> None:
            regression = self._regress(pooled)
            record["regression"] = asdict(regression) | {"coefficients": regression.coefficients.to_dicts()}

        def add_cumulative() -> None:
            with _no_python_warnings():
                record["cumulative"] = cumulative_meta_analysis(pooled).to_dicts()

        _do_each(
            (self.subgroups is not None, add_subgroups),
            (bool(self.regression), add_regression),
            (self.leave_one_out, lambda: record.update(leave_one_out=leave_one_out(pooled).to_dicts())),
            (self.cumulative, add_cumulative),
            (self.small_studies, lambda: record.update(small_studies=asdict(egger_test(pooled)))),
        )

    def _regress(self, pooled: MetaAnalysis) -> MetaRegression:
        from luminaldb.analysis.meta_regression import meta_regression

        with _no_python_warnings():
            return meta_regression(
                pooled, self.regression, model=pooled.model, test=pooled.test, ci_level=pooled.ci_level
            )


def _do_each(*analyses: tuple[bool, Callable[[], None]]) -> None:
    """Do the analyses that are asked for; what the studies don't allow for one keeps none of the others back."""
    from luminaldb.errors import LuminaldbError

    errors = []
    for asked, do in analyses:
        try:
            if asked:
                do()
        except LuminaldbError as error:
            errors.append(str(error))
    if errors:
        raise LuminaldbError("; ".join(errors))


@contextmanager
def _no_python_warnings() -> Iterator[None]:
    """Keep warnings back that the result repeats."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _print_results(title: str, heading: str, frame: pl.DataFrame, name: str, pooled: MetaAnalysis) -> None:
    rows = [
        [row[name], _interval(row["estimate"], row["ci_low"], row["ci_high"]), _p(row["p_value"]),
         f"{row['i2']:.0f} %"]
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    print_table(title, [heading, pooled.measure.replace("_", " "), "p", "I²"], rows)


def _print_regression(one: MetaRegression, pooled: MetaAnalysis, columns: Sequence[str]) -> None:
    """Print a regression; of ratios as what each term multiplies the ratio by.

    The intercept is the effect where all terms are 0, which means something only where every term is a value of text.
    """
    from luminaldb.analysis.column_names import column_in_words
    from luminaldb.analysis.meta_analysis import format_p

    back = math.exp if pooled.is_ratio else float
    measure = pooled.measure.replace("_", " ")
    rows = []
    is_text = all("=" in term for term in one.coefficients["term"].to_list()[1:])
    for row in one.coefficients.iter_rows(named=True):
        if row["term"] == INTERCEPT and not is_text:
            continue
        term = f"{measure} of the others" if row["term"] == INTERCEPT else row["term"]
        numbers = [back(row[c]) for c in ("estimate", "ci_low", "ci_high")]
        rows.append([term, _interval(*numbers), _p(row["p_value"])])
    effect = f"{measure} multiplied by" if pooled.is_ratio else f"{measure}, difference"
    title = f"meta-regression on {' and '.join(column_in_words(column) for column in columns)}, k = {one.k}"
    print_table(title, ["term", effect, "p"], rows)
    explained = "" if one.r2 is None else f", R² {one.r2:.0f} %"
    typer.echo(f"all terms together {format_p(one.p_value)}; tau² left {one.tau2:.4f}, I² {one.i2:.1f} %{explained}")
    if one.left_out:
        typer.echo(f"left out, since a value is missing: {', '.join(one.left_out)}")
    if one.warning:
        typer.echo(f"warning: {one.warning}")


def _p(value: float) -> str:
    from luminaldb.analysis.meta_analysis import format_p

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
