"""Rule on effects whose interval favours the control arm: a note must confirm them."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from .rule import Example, Rule, has_fields


def _explains_harm(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "effects" or not has_fields(schema, "ci_low", "ci_high", "measure", "note"):
        return
    better = nw.col("endpoint_id::family::text") == "time_to_event"
    worse = (nw.col("ci_low") > 1) & text_of("measure").is_in(("hazard_ratio", "rate_ratio"))
    yield Check(
        "LDB605",
        ("ci_low", "note"),
        ~(better & worse) | ~text_of("note").is_null(),
        "the interval, from {ci_low}, favours the control arm, and no note says so",
        "Look at the direction again; if the experimental arm did worse, say so in note.",
        severity="warning",
        joined_columns=("endpoint_id::family::text",),
    )


RULES = (
    Rule(
        "LDB605",
        "A result against the experimental arm is remarked on",
        "Most experimental arms do better or no worse; where the interval says worse, the arms may be swapped.",
        _explains_harm,
        passing=Example(
            "effects",
            ({"ci_low": "1.10", "ci_high": "1.60", "measure": "hazard_ratio", "note": "Worse.",
              "endpoint_id::family::text": "time_to_event"},),
        ),
        failing=Example(
            "effects",
            ({"ci_low": "1.10", "ci_high": "1.60", "measure": "hazard_ratio", "note": "",
              "endpoint_id::family::text": "time_to_event"},),
        ),
        severity="warning",
    ),
)  # fmt: skip
