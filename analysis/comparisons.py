"""Which results answer a question together, and why the others can't be pooled with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.frames import load
from luminaldb.loaders.names import class_line
from luminaldb.loaders.suggestions import allowed, refuse_unknown
from luminaldb.loaders.views import NOT_STANDING, standing, trial_results

from .overlapping_patients import sharing, why_shared
from .superseded_results import superseded_results

CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Answers:
    """The results a question finds.

    `rows` are rows of `trial_results()`, fit for `pool()`: one per trial, or per cohort that was randomised apart, as
    `sharing()` tells. `left_out` are the others, with the columns
    result_id, acronym, source and reason.
    """

    rows: pl.DataFrame
    left_out: pl.DataFrame


def question(
    endpoint: str,
    *,
    therapy_class: str | None = None,
    population: str = "itt",
    measure: str = "hazard_ratio",
    setting: str | None = None,
    line: str | None = None,
    her2_status: str | None = None,
    add_on: bool = False,
    analysis: str = "latest",
    results: pl.DataFrame | None = None,
) -> Answers:
    """Find the randomised comparisons that answer one question.

    Args:
        endpoint: id of an endpoint, such as `pfs`.
        therapy_class: class that the experimental arm adds: some therapy of it, or of a class below, is in the
            experimental arm and none in the control arm.
        population: an analysis set (`itt`, `per_protocol`, …) or the end of a population's id after its trial's
            (`hr-positive`, `esr1m`).
        measure: hazard_ratio, odds_ratio, risk_ratio, rate_ratio or risk_difference.
        setting: of the trial: prevention, neoadjuvant, adjuvant, extended_adjuvant, metastatic.
        line: of the trial: first, first_or_second, second_plus, any, na.
        her2_status: of the trial: positive, negative, low, any, ….
        add_on: whether to leave out comparisons whose arms differ in more than the class, as when it is given instead
            of something else; placebo and observation don't count.
        analysis: `latest`, or only analyses of one kind: interim, primary, final, updated, exploratory.
        results: what `trial_results(include_superseded=True)` gives, for callers who ask many questions.

    Returns:
        One row per trial, or per cohort that was randomised apart. Of each population and arms that is the latest
        analysis with an interval; of several populations or arms that may share patients the most precise result, be
        it the latest or not. What is left out says why.

    Raises:
        LuminaldbError: an endpoint, class or population that no table holds, or a measure, setting, line, HER2 status
            or kind of analysis that there isn't; the text names the nearest.
    """
    everything = trial_results(include_superseded=True) if results is None else results
    found = everything.filter(pl.col("result_type") == "effect")
    refuse_unknown("endpoint", endpoint, load("endpoints")["endpoint_id"].to_list(), table="endpoints")
    refuse_unknown("measure", measure, allowed("effects", "measure"), table="effects")
    found = found.filter(pl.col("endpoint_id") == endpoint, pl.col("measure") == measure)
    suffix = pl.col("population_id").str.strip_prefix(pl.concat_str("trial_id", pl.lit("-")))
    group = pl.col("population_analysis_set").cast(pl.String)
    sets = allowed("populations", "analysis_set")
    chosen = population if population in sets else population.replace("_", "-")
    ends = load("populations").select(suffix.unique())["population_id"].to_list()
    refuse_unknown("population", chosen, [*sets, *ends], table="populations")
    found = found.filter((group == chosen) | (suffix == chosen))
    for column, value in (("setting", setting), ("line", line), ("her2_status", her2_status)):
        if value is not None:
            refuse_unknown(column, value, allowed("trials", column), table="trials")
            found = found.filter(pl.col(f"trial_{column}") == value)
    if analysis != "latest":
        refuse_unknown("analysis", analysis, ("latest", *allowed("effects", "analysis")), table="effects")
        found = found.filter(pl.col("analysis") == analysis)
    if therapy_class is not None:
        classes = load("therapy_classes")["class_id"].to_list()
        refuse_unknown("therapy class", therapy_class, classes, table="therapy_classes")
        found = found.filter(_adds(therapy_class))
    elif add_on:
        raise LuminaldbError("add_on is about a therapy class: name one")
    return _sorted_out(found, same=alike(therapy_class) if add_on and therapy_class else None)


@cache
def classes_of() -> dict[str, frozenset[str]]:
    """Map each therapy to its class and every class above it."""
    own = dict(load("therapies").select("therapy_id", "class_id").iter_rows())
    lines = {c: frozenset(class_line(c)) for c in set(own.values())}
    return {therapy: lines[c] for therapy, c in own.items()}


def _members(therapy_class: str) -> list[str]:
    return [therapy for therapy, classes in classes_of().items() if therapy_class in classes]


def alike(therapy_class: str) -> pl.Expr:
    """Tell of rows of `trial_results()` whether the arms are the same but for the class, placebo and observation."""
    aside = [*_members(therapy_class), *_members(CONTROL)]
    experimental, control = (
        pl.col(column)
        .fill_null("")
        .str.split("; ")
        .list.set_difference(pl.lit(aside, dtype=pl.List(pl.String)))
        .list.sort()
        for column in ("arm_therapies", "control_arm_therapies")
    )
    return experimental == control


def _adds(therapy_class: str) -> pl.Expr:
    members = _members(therapy_class)
    experimental, control = (
        pl.col(column).str.split("; ").list.eval(pl.element().is_in(members)).list.any().fill_null(value=False)
        for column in ("arm_therapies", "control_arm_therapies")
    )
    return experimental & ~control


def _sorted_out(found: pl.DataFrame, same: pl.Expr | None = None) -> Answers:
    """Take away, in turn, what can't be pooled; what leaves says why."""
    out: list[pl.DataFrame] = []

    def leave(keep: pl.Expr, reason: str | pl.Expr) -> None:
        nonlocal found
        why = reason if isinstance(reason, pl.Expr) else pl.lit(reason)
        judged = found.with_columns(why.alias("reason"), keep.alias("keep"))
        out.append(judged.filter(~pl.col("keep")))
        found = judged.filter("keep").drop("keep", "reason")

    def among(rows: pl.DataFrame) -> pl.Expr:
        return pl.col("result_id").is_in(rows["result_id"].to_list())

    leave(~pl.col("publication_status").is_in(NOT_STANDING), "its source was retracted")
    leave(among(standing(found)), "a later paper of its source reports the result anew")
    joint = "a joint analysis of trials that have rows of their own, whose patients would count twice"
    leave(pl.col("trial_design") != "pooled_analysis", joint)
    leave(pl.col("trial_design").is_in(["randomised", "randomised_factorial"]), "not a randomised trial of its own")
    leave(pl.col("randomised").fill_null(value=True), "its arms were not randomised against one another")
    if same is not None:
        leave(same, "its arms differ in more than a therapy of the class")
    leave(pl.col("standard_error").is_not_null(), "its source prints no interval")
    gone = superseded_results(found)
    leave(~pl.col("result_id").is_in(list(gone)), pl.col("result_id").replace(gone))
    found = found.sort("standard_error", "result_id")
    rows = found.to_dicts()
    reasons = {
        row["result_id"]: why_shared(row, rows[kept])
        for row, kept in zip(rows, sharing(found), strict=True)
        if kept is not None
    }
    leave(~pl.col("result_id").is_in(list(reasons)), pl.col("result_id").replace(reasons))
    left = pl.concat(out).select("result_id", "acronym", "source", "reason").sort("result_id")
    return Answers(found.sort("source_year", "result_id"), left)
