"""Select the results that can be pooled to answer one question, and give the reason why others can't."""

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
        therapy_class: id of a therapy class that only the experimental arm has: it has a therapy of the class, or of a
            class below it, and the control arm has none.
        population: an analysis set (`itt`, `per_protocol`, …), or a population's id without the trial's id before it
            (`hr-positive`, `esr1m`).
        measure: hazard_ratio, odds_ratio, risk_ratio, rate_ratio or risk_difference.
        setting: of the trial: prevention, neoadjuvant, adjuvant, extended_adjuvant, metastatic.
        line: of the trial: first, first_or_second, second_plus, any, na.
        her2_status: of the trial: positive, negative, low, any, ….
        add_on: whether to exclude comparisons whose arms differ in more than the class, such as a class given instead
            of another therapy. Placebo and observation don't count as a difference.
        analysis: `latest`, or only analyses of one kind: interim, primary, final, updated, exploratory.
        results: the frame of `trial_results(include_superseded=True)`; saves time over many calls.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        `included` has one row per trial, or per cohort with a randomisation of its own. For each population and pair of
        arms it is the latest result with a standard error. Of populations or arms that may share patients it is the
        most precise of these results. `excluded` has the criterion and the reason of each excluded result.

    Raises:
        LuminaldbError: an unknown endpoint, class, population, measure, setting, line, HER2 status or kind of analysis;
            the message names the nearest. Also add_on without a therapy_class.

    Example:
        >>> import luminaldb
        >>> selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic")
        >>> selection.excluded.columns
        ['result_id', 'acronym', 'source', 'criterion', 'reason']
    """
    database = Database.find(path, version=version)
    all_results = results
    if all_results is None:
        all_results = trial_results(include_superseded=True, version=version, path=path)
    matching = all_results.filter(pl.col("result_type") == "effect")
    refuse_unknown("endpoint", endpoint, database.frame("endpoints")["endpoint_id"].to_list(), table="endpoints")
    refuse_unknown("measure", measure, allowed("effects", "measure", database), table="effects")
    matching = matching.filter(pl.col("endpoint_id") == endpoint, pl.col("measure") == measure)
    suffix = pl.col("population_id").str.strip_prefix(pl.concat_str("trial_id", pl.lit("-")))
    analysis_set = pl.col("population_analysis_set").cast(pl.String)
    sets = allowed("populations", "analysis_set", database)
    population_name = population if population in sets else population.replace("_", "-")
    ends = database.frame("populations").select(suffix.unique())["population_id"].to_list()
    refuse_unknown("population", population_name, [*sets, *ends], table="populations")
    matching = matching.filter((analysis_set == population_name) | (suffix == population_name))
    for column, value in (("setting", setting), ("line", line), ("her2_status", her2_status)):
        if value is not None:
            refuse_unknown(column, value, allowed("trials", column, database), table="trials")
            matching = matching.filter(pl.col(f"trial_{column}") == value)
    if analysis != "latest":
        refuse_unknown("analysis", analysis, ("latest", *allowed("effects", "analysis", database)), table="effects")
        matching = matching.filter(pl.col("analysis") == analysis)
    if therapy_class is not None:
        classes = database.frame("therapy_classes")["class_id"].to_list()
        refuse_unknown("therapy class", therapy_class, classes, table="therapy_classes")
        matching = matching.filter(_adds(therapy_class, database))
    elif add_on:
        raise LuminaldbError("add_on needs a therapy_class")
    add_on_criteria = []
    if add_on and therapy_class:
        reason = "its arms differ in more than a therapy of the class"
        add_on_criteria.append(where("other therapies", ~differ_only_in(therapy_class, database), reason))
    return select(matching, (*CRITERIA, *add_on_criteria, *DATA_CRITERIA))


def _members(therapy_class: str, database: Database) -> list[str]:
    return [therapy for therapy, classes in database.classes_of_therapies.items() if therapy_class in classes]


def differ_only_in(therapy_class: str, database: Database) -> pl.Expr:
    """Make an expression over `trial_results()`: the arms differ only in the class, placebo or observation."""
    ignored = [*_members(therapy_class, database), *_members(CONTROL, database)]
    experimental, control = (
        pl.col(column)
        .fill_null("")
        .str.split("; ")
        .list.set_difference(pl.lit(ignored, dtype=pl.List(pl.String)))
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
