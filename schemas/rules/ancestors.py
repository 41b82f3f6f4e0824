"""Rule on rows that name a parent, such as classes of therapies: none is its own ancestor."""

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
        if (
            key.reference.table
            or len(primary_key) != 1
            or len(key.columns) != 1
            or not key.columns[0].startswith("parent_")
        ):
            continue
        parent = key.columns[0]
        ancestry = Ancestry("::circle", primary_key[0], parent)
        yield Check(
            "LDB602",
            (parent, primary_key[0]),
            ~nw.col(ancestry.alias),
            "{" + primary_key[0] + "} is its own ancestor",
            "Follow the parents upward and fix the one that points back.",
            joined_columns=(ancestry.alias,),
            lookups=(ancestry,),
        )


_SERD = {"class_id": "serd", "name": "SERD"}

RULES = (
    Rule(
        "LDB602",
        "Nothing is its own ancestor",
        "A tree of classes ends at a top.",
        _no_cycle,
        passing=Example("therapy_classes", ({**_SERD, "parent_class_id": "endocrine-therapy", "::circle": False},)),
        failing=Example("therapy_classes", ({**_SERD, "parent_class_id": "oral-serd", "::circle": True},)),
    ),
)
