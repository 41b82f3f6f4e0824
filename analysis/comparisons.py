"""Which results answer a question together, and why the others can't be pooled with them."""

from __future__ import annotations

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import Where
from luminaldb.loaders.suggestions import allowed, refuse_unknown
from luminaldb.loaders.views import trial_results

from .exclusion import CRITERIA, DATA_CRITERIA, select, where
from .selection import Selection

CONTROL = "control"


def comparisons(
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
    version: str | None = None,
    path: Where = None,
) -> Selection:
    """Select the randomised comparisons that answer one question.

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
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        What is included has one row per trial, or per cohort that was randomised apart. Of each population and arms
        that is the latest result with a standard error; of several populations or arms that may share patients the
        most precise result, be it the latest or not. What is excluded says by which criterion and why.

    Raises:
        LuminaldbError: an endpoint, class or population that no table holds, or a measure, setting, line, HER2 status
            or kind of analysis that there isn't; the text names the nearest.
    """
    database = Database.find(path, version=version)
    everything = results
    if everything is None:
        everything = trial_results(include_superseded=True, version=version, path=path)
    found = everything.filter(pl.col("result_type") == "effect")
    refuse_unknown("endpoint", endpoint, database.frame("endpoints")["endpoint_id"].to_list(), table="endpoints")
    refuse_unknown("measure", measure, allowed("effects", "measure", database), table="effects")
    found = found.filter(pl.col("endpoint_id") == endpoint, pl.col("measure") == measure)
    suffix = pl.col("population_id").str.strip_prefix(pl.concat_str("trial_id", pl.lit("-")))
    group = pl.col("population_analysis_set").cast(pl.String)
    sets = allowed("populations", "analysis_set", database)
    chosen = population if population in sets else population.replace("_", "-")
    ends = database.frame("populations").select(suffix.unique())["population_id"].to_list()
    refuse_unknown("population", chosen, [*sets, *ends], table="populations")
    found = found.filter((group == chosen) | (suffix == chosen))
    for column, value in (("setting", setting), ("line", line), ("her2_status", her2_status)):
        if value is not None:
            refuse_unknown(column, value, allowed("trials", column, database), table="trials")
            found = found.filter(pl.col(f"trial_{column}") == value)
    if analysis != "latest":
        refuse_unknown("analysis", analysis, ("latest", *allowed("effects", "analysis", database)), table="effects")
        found = found.filter(pl.col("analysis") == analysis)
    if therapy_class is not None:
        classes = database.frame("therapy_classes")["class_id"].to_list()
        refuse_unknown("therapy class", therapy_class, classes, table="therapy_classes")
        found = found.filter(_adds(therapy_class, database))
    elif add_on:
        raise LuminaldbError("add_on is about a therapy class: name one")
    same = []
    if add_on and therapy_class:
        reason = "its arms differ in more than a therapy of the class"
        same.append(where("other therapies", ~differ_only_in(therapy_class, database), reason))
    return select(found, (*CRITERIA, *same, *DATA_CRITERIA))


def _members(therapy_class: str, database: Database) -> list[str]:
    return [therapy for therapy, classes in database.classes_of_therapies.items() if therapy_class in classes]


def differ_only_in(therapy_class: str, database: Database) -> pl.Expr:
    """Tell of rows of `trial_results()` whether the arms are the same but for the class, placebo and observation."""
    aside = [*_members(therapy_class, database), *_members(CONTROL, database)]
    experimental, control = (
        pl.col(column)
        .fill_null("")
        .str.split("; ")
        .list.set_difference(pl.lit(aside, dtype=pl.List(pl.String)))
        .list.sort()
        for column in ("arm_therapies", "control_arm_therapies")
    )
    return experimental == control


def _adds(therapy_class: str, database: Database) -> pl.Expr:
    members = _members(therapy_class, database)
    experimental, control = (
        pl.col(column).str.split("; ").list.eval(pl.element().is_in(members)).list.any().fill_null(value=False)
        for column in ("arm_therapies", "control_arm_therapies")
    )
    return experimental & ~control
