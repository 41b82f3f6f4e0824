"""Change the few cells of a column that need it, and leave the column as it is where none does."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

# Cells by which a column is taken for one of few distinct cells.
_SAMPLE = 1_000


def change_cells(cells: pl.Series, pattern: str, change: Callable[[str], str]) -> pl.Series:
    """Call a function for each distinct cell in which a pattern is found; all others stay.

    Args:
        cells: of text.
        pattern: a regular expression that finds every cell which the function changes.
        change: gives the new text.
    """
    if not any_contains(cells, pattern):
        return cells
    is_match = cells.str.contains(pattern)
    old = cells.filter(is_match).unique()
    new = pl.Series([change(cell) for cell in old], dtype=pl.String)
    return cells.replace(old, new)


def any_contains(cells: pl.Series, pattern: str) -> bool:
    """Return whether any cell matches a pattern; of a column with few distinct cells only these are searched."""
    few = cells.head(_SAMPLE).n_unique() < _SAMPLE // 10
    return bool((cells.unique() if few else cells).str.contains(pattern).any())


def fill_template(template: str, cells: dict[str, pl.Series], count: int) -> pl.Series:
    """Replace each `{column}` of a template by the column's cells, one column after the other."""
    names = [name for name in cells if "{" + name + "}" in template]
    if not names:
        return pl.repeat(template, count, dtype=pl.String, eager=True)
    if len(cells) > 1 and any("{" in name or cells[name].str.contains("{", literal=True).any() for name in names):
        # A cell may look like the `{column}` of the next column.
        rows = zip(*cells.values(), strict=True)
        return pl.Series([_fill(template, list(cells), row) for row in rows], dtype=pl.String)
    parts: list[str | pl.Series] = [template]
    for name in names:
        parts = [item for part in parts for item in _split(part, name, cells[name])]
    return pl.select(pl.concat_str([pl.lit(part) for part in parts])).to_series()


def _fill(template: str, names: list[str], row: tuple[str, ...]) -> str:
    for name, text in zip(names, row, strict=True):
        template = template.replace("{" + name + "}", text)
    return template


def _split(part: str | pl.Series, name: str, cells: pl.Series) -> list[str | pl.Series]:
    if not isinstance(part, str):
        return [part]
    literals = part.split("{" + name + "}")
    items: list[str | pl.Series] = [literals[0]]
    for literal in literals[1:]:
        items += [cells, literal]
    return [item for item in items if not isinstance(item, str) or item]
