"""One check: a narwhals expression that is true for a valid row, and the message for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import narwhals as nw

from luminaldb.issues import Severity

from .check_columns import text_of

if TYPE_CHECKING:
    from .lookups import Lookup, WholeTableLookup


@dataclass(frozen=True, slots=True)
class ExpressionParts:
    """An expression by named parts.

    Attributes:
        steps: alias and expression of each part, which may name those before it.
        expression: the complete one, by the names of the parts.
    """

    steps: tuple[tuple[str, nw.Expr], ...]
    expression: nw.Expr


@dataclass(frozen=True, slots=True)
class CellTest:
    """What each cell of a column must be, as written.

    Attributes:
        kind: `filled`; `contains` or `lacks` a pattern; `at_least` or `at_most` so many characters.
        argument: the pattern or the number of characters.
    """

    kind: Literal["filled", "contains", "lacks", "at_least", "at_most"]
    argument: str | int = ""

    def passes(self, cells: nw.Expr) -> nw.Expr:
        """Return whether cells pass; null for an empty cell unless it must be filled."""
        match self.kind:
            case "filled":
                return ~cells.is_null()
            case "contains":
                return cells.str.contains(str(self.argument))
            case "lacks":
                return ~cells.str.contains(str(self.argument))
            case "at_least":
                return cells.str.len_chars() >= self.argument
            case "at_most":
                return cells.str.len_chars() <= self.argument


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one table.

    Attributes:
        code: of the issues that it reports.
        columns: the columns it looks at; an issue is reported on the first.
        expression: true for a valid row, false for an invalid one, null for one that the check doesn't apply to.
        message: one sentence; `{column}` stands for the cell of one of the columns.
        hint: one sentence on what to do.
        severity: error or warning.
        joined_columns: columns that the expression needs and the table hasn't: those of referenced tables, as
            `joined_column` names them, and the aliases of its lookups.
        lookups: how columns that no foreign key joins are found.
        in_python: whether the expression calls Python for each cell, which a lazy frame doesn't allow.
        compared_columns: columns of the frame by which rows are compared with one another; empty if a row is checked by
            itself and with its joined columns.
        parts: columns to compute first, in order, and what `expression` is by their names: SQL writes a part out
            wherever it is used, and parts of parts so often that no engine can plan it.
        cell_hint: gives a better hint for some cells of the first column; empty text for all others.
        cell_test: where that is all that `expression` says, what it asks of the cells of the first column, as written:
            all columns that are asked the same are asked in one expression.
        certain: of a number, an expression that is false, too, where `exact_numbers` must compare all digits.
    """

    code: str
    columns: tuple[str, ...]
    expression: nw.Expr
    message: str
    hint: str
    severity: Severity = "error"
    joined_columns: tuple[str, ...] = ()
    lookups: tuple[Lookup | WholeTableLookup, ...] = ()
    in_python: bool = False
    compared_columns: tuple[str, ...] = ()
    parts: ExpressionParts | None = None
    cell_hint: Callable[[str], str] | None = None
    cell_test: CellTest | None = None
    certain: nw.Expr | None = None

    def conservative(self) -> Check:
        """Return the check with its `certain` expression: it also fails rows that only `exact_numbers` can decide."""
        return self if self.certain is None else replace(self, expression=self.certain)

    def hint_for(self, cell: str) -> str:
        """Return what to do about a cell of the first column."""
        return (self.cell_hint(cell) if self.cell_hint else "") or self.hint

    def message_for(self, cells: Mapping[str, str]) -> str:
        """Fill the cells of a row into the message."""
        message = self.message
        for column, text in cells.items():
            message = message.replace("{" + column + "}", text)
        return message


def cell_check(code: str, columns: tuple[str, ...], test: CellTest, message: str, hint: str) -> Check:
    """Return a check of the cells of the first column, as written."""
    return Check(code, columns, test.passes(text_of(columns[0])), message, hint, cell_test=test)
