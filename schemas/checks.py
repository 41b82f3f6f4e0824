"""One check: a narwhals expression that is true where a row is right, and what to say where it isn't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from .lookups import Lookup

TEXT = "::text"
ROW = "::row"


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one table.

    Attributes:
        rule: code of the rule.
        columns: the columns it looks at; a finding is reported on the first.
        expression: true where the row is right, false where it isn't, null where the check doesn't apply.
        message: one sentence; `{column}` stands for the cell of one of the columns.
        cure: one sentence on what to do.
        severity: error or warning.
        brings: columns that the expression needs and the table hasn't: those of referred tables, as
            `joined` names them, and the aliases of its lookups.
        lookups: how columns that no foreign key brings along are found.
        in_python: whether the expression calls Python for each cell, which a lazy frame doesn't allow.
        compares: columns of the frame by which rows are compared with one another; empty where a row is judged
            by itself and what it brings.
    """

    rule: str
    columns: tuple[str, ...]
    expression: nw.Expr
    message: str
    cure: str
    severity: str = "error"
    brings: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    in_python: bool = False
    compares: tuple[str, ...] = ()

    def told(self, cells: dict[str, str]) -> str:
        """The message about a row, with the cells it speaks of filled in."""
        message = self.message
        for column, text in cells.items():
            message = message.replace("{" + column + "}", text)
        return message


def text_of(column: str) -> nw.Expr:
    """Select a column's cells as written; null where empty."""
    return nw.col(column + TEXT)


def joined(key: str, column: str) -> str:
    """Name the column that a foreign key brings along from the table it refers to."""
    return f"{key}::{column}"
