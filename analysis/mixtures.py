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
    only_tested = bool(comparer.asked) and not comparer.against and "comparator" not in question.mixed
    settings = [values for name, values in question.trial_values if name == "setting"]
    if "setting" not in question.mixed and not settings:
        setting = pl.col("trial_setting").cast(pl.String)
        usable_settings = _most_trials(usable, "trial_setting")
        if len(usable_settings) > 1:
            counted = _trials_to_count(usable) if only_tested else usable
            chosen = _most_trials(counted, "trial_setting")[0]
            others = ", ".join(one for one in usable_settings if one != chosen)
            whose = _whose(counted, usable, comparer)
            tied = [one for one in _as_many(counted, "trial_setting") if one != chosen]
            also = f"; as many trials{whose} are {' and '.join(tied)}"
            share = also if tied else f", that of most trials{whose}"
            notes.append(f"setting {chosen}{share}; mixed='setting' adds {others}".replace("_", " "))
            reason = pl.format(
                "setting is {}; the included trials are {}",
                setting.fill_null("not stated").str.replace_all("_", " "),
                pl.lit(chosen.replace("_", " ")),
            )
            criteria.append(RowCriterion("setting", setting.ne_missing(chosen), reason))
            usable = usable.filter(setting == chosen)
    if not comparer.asked:
        return criteria
    kind = pl.col("::kind")
    if question.add_on:
        more = "its arms differ in more than a therapy of the class"
        return [*criteria, RowCriterion("other therapies", kind != ADD_ON, more)]
    if "comparator" in question.mixed:
        return criteria
    criteria.append(
        RowCriterion("other therapies", kind == OTHER, "its arms differ in more than the therapies asked for")
    )
    alike = usable.filter(kind != OTHER)
    counted = _trials_to_count(alike) if only_tested else alike
    comparator, fits, tied_kinds = _chosen_comparator(counted, comparer)
    wanted = kind.is_in(sorted(fits))
    if only_tested and _tested(alike).height:
        # Leaving a therapy out compares the same as adding it; a trial of another drug compares something else.
        wanted &= (kind == ADD_ON) | ~pl.col("::as_control")
    left_out = _trials_left_out(usable, usable.filter(wanted), components, comparer)
    if comparator is not None:
        chosen = describe_kind(comparator, comparer)
        if usable.filter((kind != OTHER) & ~wanted).height:
            which = " that test it" if 0 < _tested(alike).height < alike.height and only_tested else ""
            also = " and ".join(describe_kind(one, comparer) for one in tied_kinds)
            share = f"; as many trials{which} are {also}" if tied_kinds else f", those of most trials{which}"
            notes.append(f"comparisons {chosen}{share}")
        if only_tested and not _tested(alike).height:
            notes.append("no trial tests the therapy in this way: it is that of the control arms")
        reason = pl.format(
            "{}; the included comparisons are {}",
            pl.when(kind.is_in(sorted(fits))).then(pl.lit(_OTHER_ARM)).otherwise(_kind_in_words(rows, comparer)),
            pl.lit(chosen),
        )
        criteria.append(RowCriterion("mixed comparator", ~wanted, reason))
    if left_out:
        notes.append(f"left out: {left_out}; mixed='comparator' adds them")
    return criteria


def _tested(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("::as_control"))


def _trials_to_count(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the comparisons that say what a default should be: those which test the therapy, and nothing else.

    A trial that tests another therapy, with this one in its control arm, is about the other: a biosimilar
    against its reference, a new drug against the standard. All count where there are no others.
    """
    alike = rows.filter(pl.col("::kind") != OTHER)
    return next((one for one in (_tested(alike), alike) if one.height), rows)


def _whose(counted: pl.DataFrame, usable: pl.DataFrame, comparer: ArmComparer) -> str:
    """Say which trials were counted where not all were: those that test the therapy, or differ in it alone."""
    if counted.height == usable.height or not comparer.asked:
        return ""
    return " that test it" if _tested(counted).height else " whose arms differ in it alone"


def _as_many(rows: pl.DataFrame, column: str) -> list[str]:
    """Return the values that as many trials have as the most frequent one, that one included."""
    trials = {one: _count_trials(rows, column, {one}) for one in _most_trials(rows, column)}
    return [one for one, count in trials.items() if count == max(trials.values())]


def _count_trials(rows: pl.DataFrame, column: str, values: Collection[str]) -> int:
    return rows.filter(pl.col(column).cast(pl.String).is_in(sorted(values)))["trial_id"].n_unique()


def _trials_left_out(
    usable: pl.DataFrame, wanted: pl.DataFrame, components: Mapping[str, frozenset[str]], comparer: ArmComparer
) -> str:
    """Name the trials that have no comparison of the chosen kind, by how their arms differ."""
    kind = pl.col("::kind")
    used = set(wanted["trial_id"])
    used |= {trial for joint in used for trial in components.get(joint, ())}
    others = usable.filter(~pl.col("trial_id").is_in(sorted(used))).sort(kind == OTHER, "trial_id")
    fits = set(wanted["::kind"])
    names: dict[str, list[str]] = {}
    for row in others.unique("trial_id", keep="first", maintain_order=True).iter_rows(named=True):
        difference = _OTHER_ARM if row["::kind"] in fits else _difference(row["::kind"], comparer)
        names.setdefault(difference, []).append(row["acronym"] or row["trial_id"])
    return "; ".join(f"{', '.join(trials)} ({difference})" for difference, trials in names.items())


def _difference(kind: str, comparer: ArmComparer) -> str:
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


def _kind_in_words(rows: pl.DataFrame, comparer: ArmComparer) -> pl.Expr:
    kinds = rows["::kind"].drop_nulls().unique().to_list()
    return pl.col("::kind").replace({kind: _difference(kind, comparer) for kind in kinds})


def _most_trials(rows: pl.DataFrame, column: str) -> list[str]:
    counted = rows.group_by(column).agg(pl.col("trial_id").n_unique().alias("trials")).drop_nulls(column)
    return (
        counted.with_columns(pl.col(column).cast(pl.String))
        .sort("trials", column, descending=[True, False])[column]
        .to_list()
    )


def _chosen_comparator(counted: pl.DataFrame, comparer: ArmComparer) -> tuple[str | None, frozenset[str], list[str]]:
    """Choose the kind of comparison that most trials have; a class replaced covers those below it.

    Classes that are kinds of one class count together, as steroidal and nonsteroidal aromatase inhibitors do, but not
    all of a top class such as endocrine therapy.

    Returns:
        The kind, the kinds that count as it, and other kinds that as many trials have.
    """
    kinds = _most_trials(counted, "::kind")
    trials: dict[str, int] = {}
    fits: dict[str, frozenset[str]] = {}
    for kind in [*kinds, *comparer.common_classes(kinds)]:
        below = () if kind in (ADD_ON, SCHEDULE) else (one for one in kinds if comparer.is_class_within(one, kind))
        fits[kind] = frozenset({kind, *below})
        trials[kind] = _count_trials(counted, "::kind", fits[kind])
    if not kinds:
        return None, frozenset(), []
    best = max(trials, key=trials.__getitem__)
    as_many = [one for one, count in trials.items() if count == trials[best] and one not in fits[best]]
    return best, fits[best], [one for one in as_many if not fits[best] <= fits[one]]
