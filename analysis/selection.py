"""The result of `comparisons()`: included results with notes on them, and excluded ones with the reason."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from .arm_comparison import IN_PLACE_OF, SCHEDULE, name_classes
from .confidence_intervals import DEFAULT_CI_LEVEL
from .criteria import NOT_ASKED, TRIALS
from .question import Question
from .trial_names import is_of_trials

_SHOWN_COLUMNS = ["result_id", "acronym", "estimate", "ci_low", "ci_high", "ci_level", "source"]
# Columns that may differ between the included results, and what notes call them.
_DIFFERENCES = (
    ("trial_setting", "setting"), ("comparison", "comparison"), ("endpoint", "endpoint"),
    ("population_analysis_set", "analysis set"), ("trial_line", "line"), ("trial_her2_status", "HER2 status"),
    ("trial_menopausal_status", "menopausal status"), ("assessor", "assessor"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selection:
    """The results that can be pooled to answer a question, and those that were excluded.

    Attributes:
        included: rows of `trial_results()`, for `meta_analysis()`: one per trial, or per cohort with a randomisation
            of its own. `comparison` says how the arms differ, `derived_from` from what a number was calculated.
        excluded: every other result of the trials that test the therapy, with the columns result_id, acronym, source,
            criterion (a name), reason (a sentence) and other_result_id (the result used in its place). The order
            of criteria is that of `flow`.
        question: what was asked, with its defaults.
        notes: choices that were made between results, mixes and derived numbers, a sentence each.
        flow: how many results and trials each criterion left, in order: criterion, results, trials (excluded by it),
            results_left, trials_left.
    """

    included: pl.DataFrame
    excluded: pl.DataFrame
    question: Question | None = None
    notes: tuple[str, ...] = ()
    flow: pl.DataFrame | None = None

    @property
    def rows(self) -> pl.DataFrame:
        """The included rows; the name until 3.0."""
        _warn("rows", "included")
        return self.included

    @property
    def left_out(self) -> pl.DataFrame:
        """The excluded rows with their reasons; the name until 3.0."""
        _warn("left_out", "excluded")
        return self.excluded.drop("criterion", "other_result_id")

    def only(self, trials: str | Sequence[str]) -> Selection:
        """Return the selection with some of its trials alone; the others go to `excluded`.

        Args:
            trials: of the included ones, by id or acronym; case, blanks and hyphens don't matter.

        Raises:
            LuminaldbError: a trial isn't included; the message lists those that are.

        Example:
            >>> import luminaldb
            >>> selection = luminaldb.comparisons("os", therapy_class="cdk4-6-inhibitor", setting="metastatic")
            >>> selection.only(["MONALEESA-2", "MONARCH 3"]).included.height
            2
        """
        from luminaldb.loaders.database import Database

        is_chosen = is_of_trials(self.included, trials)
        others = self.included.filter(~is_chosen).select("result_id", "acronym", "source").cast(pl.String)
        others = others.with_columns(
            criterion=pl.lit(TRIALS), reason=pl.lit(NOT_ASKED), other_result_id=pl.lit(None, pl.String)
        )
        included = self.included.filter(is_chosen)
        names = dict(Database.installed().frame("therapy_classes").select("class_id", "name").iter_rows())
        old_notes = selection_notes(self.included, names)
        notes = [*(note for note in self.notes if note not in old_notes), *selection_notes(included, names)]
        question, flow = self.question, self.flow
        if question is not None:
            shown_names = included["acronym"].fill_null(included["trial_id"]).unique(maintain_order=True)
            title = f"{question.title}; only {', '.join(shown_names)}"
            question = replace(question, trials=tuple(included["trial_id"].unique(maintain_order=True)), title=title)
        if flow is not None:
            counts = (others.height, self.included["trial_id"].n_unique() - included["trial_id"].n_unique())
            remaining_counts = (included.height, included["trial_id"].n_unique())
            flow = flow.vstack(pl.DataFrame([(TRIALS, *counts, *remaining_counts)], schema=flow.schema, orient="row"))
        excluded = pl.concat([self.excluded, others]).sort("result_id")
        return Selection(included, excluded, question, tuple(notes), flow)

    def __str__(self) -> str:
        """Return the question, the counts, the included results, and how many were excluded by which criterion."""
        lines = [self.question.title] if self.question is not None else []
        lines.append(f"{self.included.height} included, {self.excluded.height} excluded")
        for row in self.included.select(_SHOWN_COLUMNS).iter_rows(named=True):
            level = row["ci_level"]
            level_text = "" if level in (None, DEFAULT_CI_LEVEL) else f"; {level:g} % interval"
            lines.append(
                f"  {row['acronym'] or row['result_id']}: {row['estimate']:.4g} "
                f"({row['ci_low']:.4g} to {row['ci_high']:.4g}{level_text}), {row['source']}"
            )
        lines += [f"  excluded, {name}: {count}" for name, count in self.counts()]
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        counts = pl.DataFrame(self.counts(), schema=["excluded by", "results"], orient="row")
        return f"{self.included.select(_SHOWN_COLUMNS)._repr_html_()}{counts._repr_html_()}"

    def counts(self) -> list[tuple[str, int]]:
        """Count the excluded results by criterion, in the order in which the criteria were applied."""
        counts = dict(self.excluded.group_by("criterion", maintain_order=True).len().iter_rows())
        order = list(dict.fromkeys(self.flow["criterion"])) if self.flow is not None else []
        names = [*(name for name in order if name in counts), *(name for name in counts if name not in order)]
        return [(name, int(counts[name])) for name in names]


def _warn(old: str, new: str) -> None:
    warnings.warn(f"Selection.{old} is now .{new}", DeprecationWarning, stacklevel=3)


def selection_notes(included: pl.DataFrame, class_names: Mapping[str, str]) -> list[str]:
    """Name what differs between the included results, and what was derived."""
    notes = []
    for column, name in _DIFFERENCES:
        value_expression = pl.col(column).cast(pl.String)
        if column == "trial_her2_status":
            value_expression = pl.coalesce(pl.col("population_her2_status").cast(pl.String), value_expression)
        values = [
            (value or "not stated").replace("_", " ")
            for value in included.select(value_expression).to_series().to_list()
        ]
        if column == "comparison":
            values = [_comparison_in_words(value, class_names) for value in values]
        if len(set(values)) > 1:
            notes.append(f"{name} differs: {_count_values(values)}")
    schedules = included.filter(comparison=SCHEDULE)
    if schedules.height > 1:
        arms = "; ".join(
            f"{row['acronym'] or row['trial_id']}: {row['arm']} against {row['control_arm']}"
            for row in schedules.iter_rows(named=True)
        )
        notes.append(f"arms differ in {SCHEDULE}, in each trial in its own way, so pool only those that agree: {arms}")
    derived = included["derived_from"].drop_nulls().to_list()
    if derived:
        sources = [value.replace("; ", " + ") for value in derived]
        notes.append(f"derived in {len(derived)} of {included.height} results: {_count_values(sources)}")
    return notes


def _comparison_in_words(comparison: str, class_names: Mapping[str, str]) -> str:
    """Name the class that the therapy replaces, instead of its id."""
    if not comparison.startswith(IN_PLACE_OF):
        return comparison
    return f"{IN_PLACE_OF}{name_classes(comparison.removeprefix(IN_PLACE_OF), class_names)}"


def _count_values(values: list[str]) -> str:
    return ", ".join(
        f"{value} ({count})" for value, count in sorted(Counter(values).items(), key=lambda i: (-i[1], i[0]))
    )
