"""Expressions of narwhals that several checks use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw


def is_one_of(column: str, values: list[Any]) -> nw.Expr:
    """Return whether a cell is one of some values; numbers beyond 64 bits are compared as text."""
    wide = [str(v) for v in values if isinstance(v, int) and not -(2**63) <= v < 2**63]
    narrow = [v for v in values if not isinstance(v, int) or -(2**63) <= v < 2**63]
    inside = nw.col(column).is_in(narrow)
    return inside | nw.col(column).cast(nw.String()).is_in(wide) if wide else inside


def combine_in_pairs(conditions: Sequence[nw.Expr], *, either: bool = False) -> nw.Expr:
    """Combine conditions by AND, or by OR if `either` is true, in pairs of pairs.

    A chain of hundreds is nested too deeply for Python and for SQL.
    """
    level = list(conditions)
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [pair[0] if len(pair) == 1 else pair[0] | pair[1] if either else pair[0] & pair[1] for pair in pairs]
    return level[0]
