"""A column's text and its typed value in an engine's own SQL: narwhals has no cast that forgives a bad cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import Field

_NUMERIC = ("integer", "number", "year")
_UNUSUAL = ("groupChar", "decimalChar")


@dataclass(frozen=True, slots=True)
class Sql:
    """How an engine writes SQL.

    Attributes:
        name: quotes the name of a column.
        literal: writes a text as a literal.
        matches: tells whether a text matches a pattern.
        whole: the type of whole numbers, and the one for columns that may need more bits.
        wide_as_polars: whether the latter holds exactly the numbers of 128 bits, as polars does.
    """

    name: Callable[[str], str]
    literal: Callable[[str], str]
    matches: Callable[[str, str], str]
    whole: tuple[str, str]
    wide_as_polars: bool

    def present(self, column: str, missing: Iterable[str]) -> str:
        """Give a column's text, null where the cell means no value."""
        cell = f"coalesce({self.name(column)}, '')"
        values = ", ".join(self.literal(m) for m in missing)
        return f"CASE WHEN {cell} NOT IN ({values}) THEN {cell} END" if values else cell

    def typed(self, field: Field, text: str, *, wide: bool = False) -> str:
        """Give a column's typed value, null where a cell hasn't its type's form; the text where `native` says no.

        Args:
            field: the column.
            text: its cells, in SQL.
            wide: whether some whole number in it may need more than 64 bits.
        """
        if field.type == "boolean":
            true = ", ".join(self.literal(v) for v in field_types.true_values(field))
            false = ", ".join(self.literal(v) for v in field_types.false_values(field))
            return f"CASE WHEN {text} IN ({true}) THEN true WHEN {text} IN ({false}) THEN false END"
        if field.type == "string" and field.choices:
            choices = ", ".join(self.literal(str(c)) for c in field.choices)
            return f"CASE WHEN {text} IN ({choices}) THEN {text} END"
        if field.type == "string" or not native(field):
            return text
        value, kind = text, "DATE"
        if field.type == "number":
            value, kind = f"replace({text}, 'INF', 'Infinity')", "DOUBLE"
        elif field.type == "year":
            # A year may have a zone behind it.
            value, kind = f"regexp_extract({text}, {self.literal('^-?[0-9]+')}, 0)", self.whole[0]
        elif field.type == "integer":
            value, kind = f"replace({text}, '+', '')", self.whole[wide]
        formed = self.matches(text, field_types.lexical(field) or "")
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
    whole=("BIGINT", "HUGEINT"),
    wide_as_polars=True,
)
SPARK = Sql(
    name=lambda column: "`" + column.replace("`", "``") + "`",
    literal=_escaped,
    matches=lambda text, pattern: f"regexp({text}, {_escaped(pattern)})",
    whole=("BIGINT", "DECIMAL(38, 0)"),
    wide_as_polars=False,
)
