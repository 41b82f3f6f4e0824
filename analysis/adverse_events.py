"""Adverse events of a therapy or a class, the two arms side by side."""

from __future__ import annotations

from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource

from .arm_comparison import ArmComparer
from .arm_counts import COUNTS, adverse_event_results, pair_arms, with_counts
from .count_data import COUNTED_MEASURES
from .question_checks import make_question

_ANY_QUESTION: dict[str, Any] = {
    "population": None, "biomarker": None, "chemotherapy": None, "years": None, "at_months": None, "assessor": None,
    "arms": "each", "mixed": True, "derive": "all", "add_on": False, "analysis": "latest", "source_level": None,
    "line": None, "her2_status": None, "hr_status": None, "menopausal_status": None, "phase": None, "masking": None,
    "measure": COUNTED_MEASURES[0], "endpoint": None, "trials": None,
}  # fmt: skip


def adverse_events(
    term: str | None = None,
    *,
    grade: str | None = None,
    therapy: str | None = None,
    therapy_class: str | None = None,
    control: str | None = None,
    control_class: str | None = None,
    setting: str | None = None,
    version: str | None = None,
    path: DataSource = None,
) -> pl.DataFrame:
    """Compare the adverse events of the arms with a therapy with those of their comparator arms.

    Args:
        term: of `adverse_event_terms`, by id, name or synonym; `any` is any adverse event. All where it isn't given.
        grade: any, 3_plus, serious, leading_to_discontinuation, fatal, …; all where it isn't given.
        therapy: a therapy by any of its names, which only the experimental arm has.
        therapy_class: id of a therapy class in place of a therapy.
        control: a therapy that the control arm has.
        control_class: id of a class of which the control arm has a therapy.
        setting: of the trial.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        One row per trial, population, term, grade and pair of arms, sorted by term and grade: trial_id, acronym,
        population_name, term_id, term, grade, attribution; of each arm, with `_experimental` or `_control` after the
        name, arm, arm_therapies, n, events, percent, derived_from (empty where events and n are printed) and result_id;
        source, citation_id and source_level. An arm without a comparator has a row of its own.

    Raises:
        LuminaldbError: an unknown name; or neither a therapy nor a class.

    Example:
        >>> import luminaldb
        >>> luminaldb.adverse_events("diarrhea", grade="3_plus", therapy="abemaciclib").columns[:3]
        ['trial_id', 'acronym', 'population_name']
    """
    if therapy is None and therapy_class is None:
        raise LuminaldbError("name a therapy or a therapy_class, such as therapy_class='cdk4-6-inhibitor'")
    database = Database.find(path, version=version)
    question = make_question(
        database,
        **_ANY_QUESTION,
        adverse_event=term or "any", grade=grade or "any", therapy=therapy, therapy_class=therapy_class,
        control=control, control_class=control_class, setting=setting,
    )  # fmt: skip
    comparer = ArmComparer(question, database)
    rows = adverse_event_results(database)
    if term is not None:
        rows = rows.filter(pl.col("endpoint_id") == question.adverse_event)
    if grade is not None:
        rows = rows.filter(pl.col("::grade") == grade)
    if setting is not None:
        rows = rows.filter(pl.col("trial_setting").cast(pl.String) == setting)
    rows = with_counts(rows, database)
    pairs = pair_arms(rows, comparer)
    has_therapy = [
        bool(comparer.parse_therapies(text) & comparer.question_therapies) for text in rows["arm_therapies"].to_list()
    ]
    paired_ids = pl.concat([pairs["result_id"], pairs["::control result_id"]])
    unpaired = rows.filter(pl.Series(has_therapy, dtype=pl.Boolean) & ~pl.col("result_id").is_in(paired_ids.implode()))
    if control is not None or control_class is not None:
        unpaired = unpaired.clear()
    arms_side_by_side = pl.concat([pairs, unpaired], how="diagonal").select(
        "trial_id",
        "acronym",
        "population_name",
        pl.col("endpoint_id").alias("term_id"),
        pl.col("endpoint").alias("term"),
        pl.col("::grade").alias("grade"),
        pl.col("::attribution").alias("attribution"),
        *_arm_columns("experimental", ""),
        *_arm_columns("control", "::control "),
        "source",
        "citation_id",
        "source_level",
    )
    return arms_side_by_side.sort(
        "term", "grade", "attribution", "acronym", "result_id_experimental", "result_id_control"
    )


def _arm_columns(name: str, prefix: str) -> list[pl.Expr]:
    n, events = pl.col(f"{prefix}::n"), pl.col(f"{prefix}::events")
    percent = pl.coalesce(pl.col(f"{prefix}estimate"), 100 * events / n)
    return [
        *(pl.col(f"{prefix}{c}").alias(f"{c}_{name}") for c in ("arm", "arm_therapies")),
        n.alias(f"n_{name}"),
        events.alias(f"events_{name}"),
        percent.alias(f"percent_{name}"),
        pl.col(f"{prefix}::counts_from").replace(COUNTS, None).alias(f"derived_from_{name}"),
        pl.col(f"{prefix}result_id").alias(f"result_id_{name}"),
    ]
