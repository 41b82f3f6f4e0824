"""Rule on rows that name a parent or a successor, such as classes of therapies: none leads back to itself."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..checks import Check
from ..lookups import Ancestry
from .rule import Example, Rule


def _no_cycle(_: str, schema: TableSchema) -> Iterator[Check]:
    for key in schema.foreign_keys:
        primary_key = schema.primary_key
        if key.reference.table or len(primary_key) != 1 or len(key.columns) != 1:
            continue
        parent = key.columns[0]
        if not parent.startswith("parent_") and parent != "superseded_by":
            continue
        ancestry = Ancestry("::circle", primary_key[0], parent)
        yield Check(
            "LDB602",
            (parent, primary_key[0]),
            ~nw.col(ancestry.alias),
            "{" + primary_key[0] + "} is its own " + ("successor" if parent == "superseded_by" else "ancestor"),
            f"Follow {parent} from row to row and fix the one that points back.",
            joined_columns=(ancestry.alias,),
            lookups=(ancestry,),
        )


_SERD = {"class_id": "serd", "name": "SERD"}

RULES = (
    Rule(
        "LDB602",
        "Nothing is its own ancestor",
        "A tree of classes ends at a top, and what was replaced has a last successor.",
        _no_cycle,
        passing=Example("therapy_classes", ({**_SERD, "parent_class_id": "endocrine-therapy", "::circle": False},)),
        failing=Example("therapy_classes", ({**_SERD, "parent_class_id": "oral-serd", "::circle": True},)),
    ),
)
