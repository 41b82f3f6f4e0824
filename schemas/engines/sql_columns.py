"""A column's text and its typed value in an engine's own SQL: narwhals has no cast that forgives a bad cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import Field

_NUMERIC = ("integer", "number", "year")
# As in field_types: special values, and characters before and after a number where `bareNumber` is false.
_NO_DIGITS = r"\A(?i:nan|-?inf)\z"
_SIGN_BEFORE_UNIT = r"\A([+-])[^0-9+\-.]*[^0-9+\-. ][^0-9+\-.]*(\.?[0-9])"
_BEFORE_NUMBER = r"\A[^0-9\-]*?([+-]?\.?[0-9])"
_BEHIND_NUMBER = r"([0-9]\.?)[^0-9]*\z"


@dataclass(frozen=True, slots=True)
class Sql:
    """How an engine writes SQL.

    Attributes:
        quote_name: quotes the name of a column.
        literal: writes a text as a literal.
        matches: returns whether a text matches a pattern.
        first_group: the reference to the first group of a pattern in its replacement.
        integer_types: the type of whole numbers, and the one for columns that may need more bits.
        wide_integers_exact: whether the latter holds exactly the numbers of 128 bits, as polars does.
    """

    quote_name: Callable[[str], str]
    literal: Callable[[str], str]
    matches: Callable[[str, str], str]
    first_group: str
    integer_types: tuple[str, str]
    wide_integers_exact: bool

    def text_or_null(self, column: str, missing: Iterable[str]) -> str:
        """Return a column's text, null where the cell means no value."""
        cell = f"coalesce({self.quote_name(column)}, '')"
        values = ", ".join(self.literal(m) for m in missing)
        return f"CASE WHEN {cell} NOT IN ({values}) THEN {cell} END" if values else cell

    def cast_column(self, field: Field, text: str, *, wide: bool = False) -> str:
        """Return a column's typed value, null where a cell hasn't its type's form; the text if `is_native` is false.

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
        if field.type == "string" or not is_native(field):
            return text
        text = self._without_number_marks(field, text)
        value, kind = text, "DATE"
        if field.type == "number":
            value, kind = f"replace({text}, 'INF', 'Infinity')", "DOUBLE"
        elif field.type == "year":
            # A year may have a zone behind it.
            value, kind = f"regexp_extract({text}, {self.literal('^-?[0-9]+')}, 0)", self.integer_types[0]
        elif field.type == "integer":
            value, kind = f"replace({text}, '+', '')", self.integer_types[wide]
        is_well_formed = self.matches(text, field_types.cell_pattern(field) or "")
        return f"CASE WHEN {is_well_formed} THEN try_cast({value} AS {kind}) END"

    def _without_number_marks(self, field: Field, text: str) -> str:
        """Return a number without group characters, with a point before its decimals, and bare; see `field_types`."""
        if field.type not in ("integer", "number"):
            return text
        group, decimal = field.properties.get("groupChar"), field.properties.get("decimalChar")
        if isinstance(group, str) and group:
            text = f"replace({text}, {self.literal(group)}, '')"
        if field.type == "number" and isinstance(decimal, str) and decimal not in ("", "."):
            text = f"replace(replace({text}, '.', '?'), {self.literal(decimal)}, '.')"
        if field.properties.get("bareNumber", True) is False:
            signed = self._replace(text, _SIGN_BEFORE_UNIT, self.both_groups)
            number_only = self._replace(self._replace(signed, _BEFORE_NUMBER), _BEHIND_NUMBER)
            text = f"CASE WHEN {self.matches(text, _NO_DIGITS)} THEN {text} ELSE {number_only} END"
        return text

    @property
    def both_groups(self) -> str:
        """The references to the first and the second group of a pattern in its replacement."""
        return self.first_group + self.first_group.replace("1", "2")

    def _replace(self, text: str, pattern: str, groups: str = "") -> str:
        return f"regexp_replace({text}, {self.literal(pattern)}, {self.literal(groups or self.first_group)})"


def is_native(field: Field) -> bool:
    """Return whether an engine's typed value is the one that polars would give."""
    return field.type in (*_NUMERIC, "string", "boolean") or (field.type == "date" and field.format == "default")


def _double_quotes(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escape(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


DUCKDB = Sql(
    quote_name=lambda column: '"' + column.replace('"', '""') + '"',
    literal=_double_quotes,
    matches=lambda text, pattern: f"regexp_matches({text}, {_double_quotes(pattern)})",
    first_group=r"\1",
    integer_types=("BIGINT", "HUGEINT"),
    wide_integers_exact=True,
)
SPARK = Sql(
    quote_name=lambda column: "`" + column.replace("`", "``") + "`",
    literal=_escape,
    matches=lambda text, pattern: f"regexp({text}, {_escape(pattern)})",
    first_group="$1",
    integer_types=("BIGINT", "DECIMAL(38, 0)"),
    wide_integers_exact=False,
)
