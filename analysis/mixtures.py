"""One setting and one kind of comparison: those of most trials, unless a question lets them differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from .arm_comparison import ADD_ON, OTHER, SCHEDULE, ArmComparer, name_classes
from .exclusion import RowCriterion
from .question import Question

_OTHER_ARM = "tests the therapy of the other arm"


def mixture_criteria(
    question: Question,
    comparer: ArmComparer,
    rows: pl.DataFrame,
    components: Mapping[str, frozenset[str]],
    notes: list[str],
) -> list[RowCriterion]:
    """Choose one setting and one kind of comparison, those of most trials, unless they may differ.

    Args:
        question: what is asked.
        comparer: compares arms for it.
        rows: the results that the criteria before left.
        components: the trials of each joint analysis among them.
        notes: what was chosen is added here, a sentence each.
    """
    criteria = []
    usable = rows.filter(pl.col("standard_error").is_not_null())
    # Who names the comparator has said which comparison is meant, whichever arm its trial tests.
    only_tested = (
        bool(comparer.question_therapies) and not comparer.comparator_therapies and "comparator" not in question.mixed
    )
    settings = [values for name, values in question.trial_values if name == "setting"]
    if "setting" not in question.mixed and not settings:
        setting = pl.col("trial_setting").cast(pl.String)
        usable_settings = _values_by_trials(usable, "trial_setting")
        if len(usable_settings) > 1:
            counted = _trials_to_count(usable) if only_tested else usable
            chosen = _values_by_trials(counted, "trial_setting")[0]
            other_settings = ", ".join(value for value in usable_settings if value != chosen)
            restriction_text = _describe_counted_trials(counted, usable, comparer)
            tied = [value for value in _most_frequent_values(counted, "trial_setting") if value != chosen]
            tie_text = f"; as many trials{restriction_text} are {' and '.join(tied)}"
            choice_text = tie_text if tied else f", that of most trials{restriction_text}"
            notes.append(f"setting {chosen}{choice_text}; mixed='setting' adds {other_settings}".replace("_", " "))
            reason = pl.format(
                "setting is {}; the included trials are {}",
                setting.fill_null("not stated").str.replace_all("_", " "),
                pl.lit(chosen.replace("_", " ")),
            )
            criteria.append(RowCriterion("setting", setting.ne_missing(chosen), reason))
            usable = usable.filter(setting == chosen)
    if not comparer.question_therapies:
        return criteria
    kind = pl.col("::kind")
    if question.add_on:
        reason_not_alone = "its arms differ in more than a therapy of the class"
        return [*criteria, RowCriterion("other therapies", kind != ADD_ON, reason_not_alone)]
    if "comparator" in question.mixed:
        return criteria
    criteria.append(
        RowCriterion("other therapies", kind == OTHER, "its arms differ in more than the therapies asked for")
    )
    comparisons_of_therapy = usable.filter(kind != OTHER)
    counted = _trials_to_count(comparisons_of_therapy) if only_tested else comparisons_of_therapy
    comparator, chosen_kinds, tied_kinds = _choose_comparator(counted, comparer)
    is_chosen = kind.is_in(sorted(chosen_kinds))
    if only_tested and _rows_that_test_therapy(comparisons_of_therapy).height:
        # Leaving a therapy out compares the same as adding it; a trial of another drug compares something else.
        is_chosen &= (kind == ADD_ON) | ~pl.col("::therapy_in_control")
    left_out = _trials_left_out(usable, usable.filter(is_chosen), components, comparer)
    if comparator is not None:
        chosen = describe_kind(comparator, comparer)
        if usable.filter((kind != OTHER) & ~is_chosen).height:
            restriction = (
                " that test it"
                if 0 < _rows_that_test_therapy(comparisons_of_therapy).height < comparisons_of_therapy.height
                and only_tested
                else ""
            )
            tie_text = " and ".join(describe_kind(value, comparer) for value in tied_kinds)
            choice_text = (
                f"; as many trials{restriction} are {tie_text}"
                if tied_kinds
                else f", those of most trials{restriction}"
            )
            notes.append(f"comparisons {chosen}{choice_text}")
        if only_tested and not _rows_that_test_therapy(comparisons_of_therapy).height:
            notes.append("no trial tests the therapy in this way: it is that of the control arms")
        reason = pl.format(
            "{}; the included comparisons are {}",
            pl.when(kind.is_in(sorted(chosen_kinds)))
            .then(pl.lit(_OTHER_ARM))
            .otherwise(_describe_each_difference(rows, comparer)),
            pl.lit(chosen),
        )
        criteria.append(RowCriterion("mixed comparator", ~is_chosen, reason))
    if left_out:
        notes.append(f"left out: {left_out}; mixed='comparator' adds them")
    return criteria


def _rows_that_test_therapy(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("::therapy_in_control"))


def _trials_to_count(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the comparisons that say what a default should be: those which test the therapy, and nothing else.

    A trial that tests another therapy, with this one in its control arm, is about the other: a biosimilar
    against its reference, a new drug against the standard. All count where there are no others.
    """
    comparisons_of_therapy = rows.filter(pl.col("::kind") != OTHER)
    return next(
        (
            rows_to_count
            for rows_to_count in (_rows_that_test_therapy(comparisons_of_therapy), comparisons_of_therapy)
            if rows_to_count.height
        ),
        rows,
    )


def _describe_counted_trials(counted: pl.DataFrame, usable: pl.DataFrame, comparer: ArmComparer) -> str:
    """Say which trials were counted where not all were: those that test the therapy, or differ in it alone."""
    if counted.height == usable.height or not comparer.question_therapies:
        return ""
    return " that test it" if _rows_that_test_therapy(counted).height else " whose arms differ in it alone"


def _most_frequent_values(rows: pl.DataFrame, column: str) -> list[str]:
    """Return the values that as many trials have as the most frequent one, that one included."""
    trials = {value: _count_trials(rows, column, {value}) for value in _values_by_trials(rows, column)}
    return [value for value, count in trials.items() if count == max(trials.values())]


def _count_trials(rows: pl.DataFrame, column: str, values: Collection[str]) -> int:
    return rows.filter(pl.col(column).cast(pl.String).is_in(sorted(values)))["trial_id"].n_unique()


def _trials_left_out(
    usable: pl.DataFrame,
    chosen_comparisons: pl.DataFrame,
    components: Mapping[str, frozenset[str]],
    comparer: ArmComparer,
) -> str:
    """Name the trials that have no comparison of the chosen kind, by how their arms differ."""
    kind = pl.col("::kind")
    used_ids = set(chosen_comparisons["trial_id"])
    used_ids |= {trial for joint in used_ids for trial in components.get(joint, ())}
    other_trials = usable.filter(~pl.col("trial_id").is_in(sorted(used_ids))).sort(kind == OTHER, "trial_id")
    chosen_kinds = set(chosen_comparisons["::kind"])
    names: dict[str, list[str]] = {}
    for row in other_trials.unique("trial_id", keep="first", maintain_order=True).iter_rows(named=True):
        difference = _OTHER_ARM if row["::kind"] in chosen_kinds else _describe_difference(row["::kind"], comparer)
        names.setdefault(difference, []).append(row["acronym"] or row["trial_id"])
    return "; ".join(f"{', '.join(trials)} ({difference})" for difference, trials in names.items())


def _describe_difference(kind: str, comparer: ArmComparer) -> str:
    """Describe how the arms of one comparison differ."""
    if kind == ADD_ON:
        return "added to the control arm's therapy"
    if kind in (SCHEDULE, OTHER):
        return SCHEDULE if kind == SCHEDULE else "arms that differ in more"
    return f"in place of {name_classes(kind, comparer.class_names)}"


def describe_kind(kind: str, comparer: ArmComparer) -> str:
    """Describe how arms differ: added to the control arm's therapy, or in the place of a class."""
    if kind == ADD_ON:
        return "with the therapy added to the control arm's"
    return (
        f"of {SCHEDULE}"
        if kind == SCHEDULE
        else f"with the therapy in place of {name_classes(kind, comparer.class_names)}"
    )


def _describe_each_difference(rows: pl.DataFrame, comparer: ArmComparer) -> pl.Expr:
    kinds = rows["::kind"].drop_nulls().unique().to_list()
    return pl.col("::kind").replace({kind: _describe_difference(kind, comparer) for kind in kinds})


def _values_by_trials(rows: pl.DataFrame, column: str) -> list[str]:
    counted = rows.group_by(column).agg(pl.col("trial_id").n_unique().alias("trials")).drop_nulls(column)
    return (
        counted.with_columns(pl.col(column).cast(pl.String))
        .sort("trials", column, descending=[True, False])[column]
        .to_list()
    )


def _choose_comparator(counted: pl.DataFrame, comparer: ArmComparer) -> tuple[str | None, frozenset[str], list[str]]:
    """Choose the kind of comparison that most trials have; a class replaced covers those below it.

    Classes that are kinds of one class count together, as steroidal and nonsteroidal aromatase inhibitors do, but not
    all of a top class such as endocrine therapy.

    Returns:
        The kind, the kinds that count as it, and other kinds that as many trials have.
    """
    kinds = _values_by_trials(counted, "::kind")
    trials: dict[str, int] = {}
    matching_kinds: dict[str, frozenset[str]] = {}
    for kind in [*kinds, *comparer.common_classes(kinds)]:
        narrower_kinds = (
            ()
            if kind in (ADD_ON, SCHEDULE)
            else (other_kind for other_kind in kinds if comparer.is_class_within(other_kind, kind))
        )
        matching_kinds[kind] = frozenset({kind, *narrower_kinds})
        trials[kind] = _count_trials(counted, "::kind", matching_kinds[kind])
    if not kinds:
        return None, frozenset(), []
    most_frequent = max(trials, key=trials.__getitem__)
    tied_kinds = [
        other_kind
        for other_kind, count in trials.items()
        if count == trials[most_frequent] and other_kind not in matching_kinds[most_frequent]
    ]
    return (
        most_frequent,
        matching_kinds[most_frequent],
        [other_kind for other_kind in tied_kinds if not matching_kinds[most_frequent] <= matching_kinds[other_kind]],
    )
