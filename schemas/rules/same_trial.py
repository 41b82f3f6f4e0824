"""Rules on rows of different tables that must belong to the same trial."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined_column, text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

_COLUMNS_WITH_TRIAL = ("experimental_arm_id", "control_arm_id", "arm_id", "population_id")


def _same_trial(_: str, schema: TableSchema) -> Iterator[Check]:
    keys = {k.columns[0] for k in schema.all_references() if len(k.columns) == 1}
    if "trial_id" not in schema.names:
        return
    for column in _COLUMNS_WITH_TRIAL:
        if column in keys:
            trial = joined_column(column, "trial_id")
            yield Check(
                "LDB301",
                (column, "trial_id"),
                nw.col(trial) == text_of("trial_id"),
                f"{column} {{{column}}} belongs to another trial than the row's {{trial_id}}",
                "Fix whichever of the two is wrong.",
                joined_columns=(trial,),
            )


def _two_arms(_: str, schema: TableSchema) -> Iterator[Check]:
    if has_fields(schema, "experimental_arm_id", "control_arm_id"):
        yield Check(
            "LDB302",
            ("control_arm_id", "experimental_arm_id"),
            text_of("experimental_arm_id") != text_of("control_arm_id"),
            "both arms are {control_arm_id}",
            "Name the two arms that the estimate compares.",
        )


RULES = (
    Rule(
        "LDB301",
        "Arms and populations belong to the row's trial",
        "A number with an arm of another trial is a number of something else.",
        _same_trial,
        passing=Example("outcomes", ({"trial_id": "tandem", "arm_id": "a", "arm_id::trial_id": "tandem"},)),
        failing=Example("outcomes", ({"trial_id": "tandem", "arm_id": "a", "arm_id::trial_id": "pertain"},)),
    ),
    Rule(
        "LDB302",
        "A comparison has two arms",
        "Nothing is compared with itself.",
        _two_arms,
        passing=Example("effects", ({"experimental_arm_id": "a", "control_arm_id": "b"},)),
        failing=Example("effects", ({"experimental_arm_id": "a", "control_arm_id": "a"},)),
    ),
)
