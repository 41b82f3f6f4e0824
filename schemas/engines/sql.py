"""A column's text and its typed value in an engine's own SQL: narwhals has no cast that forgives a bad cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...loaders import fields
from ...loaders.descriptor import Field

_NUMERIC = ("integer", "number", "year")
_UNUSUAL = ("groupChar", "decimalChar")


@dataclass(frozen=True, slots=True)
class Sql:
    """How an engine writes SQL.

    Attributes:
        name: quotes the name of a column.
        literal: writes a text as a literal.
        matches: tells whether a text matches a pattern.
    """

    name: Callable[[str], str]
    literal: Callable[[str], str]
    matches: Callable[[str, str], str]

    def present(self, column: str, missing: Iterable[str]) -> str:
        """Give a column's text, null where the cell means no value."""
        cell = f"coalesce({self.name(column)}, '')"
        values = ", ".join(self.literal(m) for m in missing)
        return f"CASE WHEN {cell} NOT IN ({values}) THEN {cell} END" if values else cell

    def typed(self, field: Field, text: str) -> str:
        """Give a column's typed value, null where a cell hasn't its type's form; the text where `native` says no."""
        if field.type == "boolean":
            true = ", ".join(self.literal(v) for v in fields.true_values(field))
            false = ", ".join(self.literal(v) for v in fields.false_values(field))
            return f"CASE WHEN {text} IN ({true}) THEN true WHEN {text} IN ({false}) THEN false END"
        if field.type == "string" and field.choices:
            choices = ", ".join(self.literal(str(c)) for c in field.choices)
            return f"CASE WHEN {text} IN ({choices}) THEN {text} END"
        if field.type == "string" or not native(field):
            return text
        value, kind = text, "DATE"
        if field.type == "number":
            value, kind = f"replace({text}, 'INF', 'Infinity')", "DOUBLE"
        elif field.type != "date":
            value, kind = f"replace({text}, '+', '')", "BIGINT"
        formed = self.matches(text, fields.lexical(field) or "")
        return f"CASE WHEN {formed} THEN try_cast({value} AS {kind}) END"


def native(field: Field) -> bool:
    """Tell whether an engine's typed value is the one that polars would give."""
    if field.type in _NUMERIC:
        plain = not any(field.options.get(o, ".") != "." for o in _UNUSUAL if o in field.options)
        return plain and field.options.get("bareNumber", True) is not False
    return field.type in ("string", "boolean") or (field.type == "date" and field.format == "default")


def _doubled(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


DUCKDB = Sql(
    name=lambda column: '"' + column.replace('"', '""') + '"',
    literal=_doubled,
    matches=lambda text, pattern: f"regexp_matches({text}, {_doubled(pattern)})",
)
SPARK = Sql(
    name=lambda column: "`" + column.replace("`", "``") + "`",
    literal=_escaped,
    matches=lambda text, pattern: f"regexp({text}, {_escaped(pattern)})",
)
