"""How two descriptors define the same column differently, and which column is another one renamed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

_WORDING_KEYS = ("title", "description", "example", "x-bad-example")


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One difference between two definitions of a column.

    Attributes:
        column: its name.
        what: type, format, unit, values_removed, values_added, reference, constraints or wording.
        old: in the earlier descriptor.
        new: in the later one.
    """

    column: str
    what: str
    old: str
    new: str


def compare_columns(before: TableSchema, after: TableSchema) -> list[ColumnChange]:
    """Compare the columns that two schemas have in common."""
    fields = {f.name: f for f in before.fields}
    a, b = _reference_targets(before), _reference_targets(after)
    changes: list[ColumnChange] = []
    for field in (f for f in after.fields if f.name in fields):
        changes += _changes(fields[field.name], field)
        if a.get(field.name) != b.get(field.name):
            changes.append(ColumnChange(field.name, "reference", a.get(field.name, ""), b.get(field.name, "")))
    return changes


def _changes(old: Field, new: Field) -> Iterator[ColumnChange]:
    for what in ("type", "format", "unit"):
        a, b = getattr(old, what), getattr(new, what)
        if a != b:
            yield ColumnChange(new.name, what, a, b)
    yield from _changed_values(old, new)
    a, b = _limits(old.constraints), _limits(new.constraints)
    if a != b:
        yield ColumnChange(new.name, "constraints", a, b)
    changed_keys = [key for key in _WORDING_KEYS if old.properties.get(key) != new.properties.get(key)]
    if changed_keys:
        properties_text = [
            json.dumps({k: f.properties.get(k) for k in changed_keys}, ensure_ascii=False) for f in (old, new)
        ]
        yield ColumnChange(new.name, "wording", *properties_text)


def _changed_values(old: Field, new: Field) -> Iterator[ColumnChange]:
    a, b = [str(v) for v in old.choices], [str(v) for v in new.choices]
    # A new list of allowed values removes all others; dropping the list allows any value.
    removed = [v for v in a if v not in b] if b else []
    added = [v for v in b if v not in a] if a else []
    if removed or (b and not a):
        yield ColumnChange(new.name, "values_removed", ", ".join(removed) or "any", "" if removed else ", ".join(b))
    if added or (a and not b):
        yield ColumnChange(new.name, "values_added", "", ", ".join(added) or "any")


def _reference_targets(schema: TableSchema) -> dict[str, str]:
    """Map each column to what it refers to: within its package or across, since a release makes one package of all."""
    keys = [k for k in schema.all_references() if len(k.columns) == 1]
    return {k.columns[0]: f"{k.reference.table}.{k.reference.columns[0]}" for k in keys}


def _limits(constraints: Mapping[str, Any]) -> str:
    limits = {k: v for k, v in sorted(constraints.items()) if k != "enum"}
    return json.dumps(limits, ensure_ascii=False) if limits else ""


def renamed_columns(common: pl.DataFrame, removed: Sequence[str], added: Sequence[str]) -> list[tuple[str, str]]:
    """Pair removed columns with added ones that have the same cells in every row that both states have."""
    pairs: list[tuple[str, str]] = []
    for new in added:
        for old in removed:
            has_same_cells = common.height and common[old].equals(common[new], check_names=False)
            if has_same_cells and (common[old] != "").any() and old not in {a for a, _ in pairs}:
                pairs.append((old, new))
                break
    return pairs
