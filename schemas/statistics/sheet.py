"""The columns of an extraction sheet as the rules on statistics name and write them.

An extraction sheet is a table of results that a reviewer extracted from papers, a row per result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from . import sheet_cells
from .sheet_columns import COLUMNS, COMBINED, RATIO, ColumnMap, measure_of

_EMPTY = frozenset(("", "na", "n/a", "nan", "nr", "ns", "-", ".", "none", "null", "not reported", "ne", "nc"))
# From which zeros at the end of all of them are no chance.
_FEWEST_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class ExtractionSheet:
    """A table of extracted results, its columns named as the rules name them.

    Attributes:
        frame: text, an empty cell as "".
        schema: of the frame.
        sources: the sheet's own column by the name of the rules; none for what is the same in every row.
        notes: what was assumed, and which cells were not read.
    """

    frame: pl.DataFrame
    schema: TableSchema
    sources: Mapping[str, str]
    notes: list[str] = field(default_factory=list)

    @property
    def measures(self) -> set[str]:
        """The measures of its rows."""
        return set(self.frame["measure"].unique()) if "measure" in self.frame.columns else set()


def read_extraction_sheet(
    text: pl.DataFrame, column_map: ColumnMap, lines: Sequence[int], name: str
) -> ExtractionSheet:
    """Bring a sheet into the form that the rules read.

    Args:
        text: its cells as written.
        column_map: which column is what.
        lines: of its rows, for notes.
        name: of the sheet, for notes.
    """
    columns: dict[str, list[str]] = {}
    sources: dict[str, str] = {}
    notes: list[str] = []
    for statistic, column in column_map.columns.items():
        cells = [cell or "" for cell in text[column].to_list()]
        names = COMBINED.get(statistic) or (("p_operator", "p_value") if statistic == "p_value" else (statistic,))
        parse = _parser_for(statistic)
        parsed = {cell: parse(cell) for cell in set(cells)}
        for part_index, part_name in enumerate(names):
            if part_name == "p_operator" and statistic != part_name and "p_operator" in column_map.columns:
                continue
            columns[part_name] = [parsed[cell][part_index] for cell in cells]
            sources[part_name] = column
        unreadable = [n for n, cell in enumerate(cells) if cell.strip().lower() not in _EMPTY and not any(parsed[cell])]
        if unreadable:
            first = unreadable[0]
            example_line = f"line {lines[first]}" if lines[first] else "one of them"
            notes.append(
                f"not checked: {len(unreadable):,} of {len(cells):,} cells of {column} in {name} "
                f"that can't be read as {statistic} ({example_line}: {cells[first]!r})"
            )
    _strip_padding_zeros(columns, notes, name)
    _add_constants(columns, column_map, text.height, notes, name)
    order = [c for c in (*COLUMNS, "hypothesis") if c in columns]
    fields = tuple(Field(c, COLUMNS[c][0] if c in COLUMNS else "string") for c in order)
    frame = pl.DataFrame({c: pl.Series(columns[c], dtype=pl.String) for c in order})
    return ExtractionSheet(frame, TableSchema(fields), sources, notes)


def _strip_padding_zeros(columns: dict[str, list[str]], notes: list[str], name: str) -> None:
    """Take off the zeros in which every number of estimates and intervals ends: software printed them, not the source.

    A workbook's format `0.000` shows 1.18 as 1.180, which would say that it is known to three decimals.
    """
    interval_columns = [statistic for statistic in ("estimate", "ci_low", "ci_high") if statistic in columns]
    numbers = [cell for statistic in interval_columns for cell in columns[statistic] if cell]
    if len(numbers) < _FEWEST_NUMBERS or not all("." in cell for cell in numbers):
        return
    # The first zero after the point may stay: 1.0 and 2.0 are rounded to one decimal as often as padded.
    zeros = min(len(cell) - len(cell.rstrip("0")) for cell in numbers)
    zeros = min(zeros, min(len(cell.partition(".")[2]) for cell in numbers) - 1)
    if zeros > 0:
        for statistic in interval_columns:
            columns[statistic] = [cell[:-zeros] if cell else cell for cell in columns[statistic]]
        word = "zero is" if zeros == 1 else f"{zeros} zeros are"
        notes.append(f"{name}: all estimates and limits end in 0, so their last {word} not taken for printed decimals")


def _parser_for(statistic: str) -> Callable[[str], tuple[str, ...]]:
    if statistic == "ci":
        return sheet_cells.interval
    if statistic == "estimate_ci":
        return sheet_cells.estimate_with_interval
    if statistic == "p_value":
        return sheet_cells.p_value
    if statistic == "measure":
        return lambda cell: (sheet_cells.measure(cell),)
    kind = COLUMNS[statistic][0]
    if kind == "boolean":
        return lambda cell: (sheet_cells.flag(cell),)
    if kind in ("number", "integer"):
        return lambda cell: (sheet_cells.number(cell, whole=kind == "integer"),)
    return lambda cell: (cell.strip(),)


def _add_constants(
    columns: dict[str, list[str]], column_map: ColumnMap, height: int, notes: list[str], name: str
) -> None:
    """Add what is the same in every row: measure, level, sides."""
    if "estimate" in columns and "measure" not in columns:
        measure_word = column_map.constants.get("measure")
        heading = column_map.columns.get("estimate") or column_map.columns.get("estimate_ci") or ""
        measure = measure_of(measure_word) if measure_word else measure_of(heading)
        if measure_word is None:
            reason = f"by the name of the column {heading}" if measure else "as no measure is named"
            measure_name = (measure or "ratio").replace("_", " ")
            article = "an" if measure_name[0] in "aeio" else "a"
            notes.append(f"{name}: estimates are taken for {article} {measure_name}, {reason}; --map measure=… says it")
        columns["measure"] = [measure or RATIO] * height
    if "ci_low" in columns and "ci_level" not in columns:
        level = column_map.constants.get("ci_level")
        if level is None:
            notes.append(f"{name}: intervals are taken for those of 95 %; --map ci_level=… says it")
        columns["ci_level"] = [level or "95"] * height
    if "p_value" in columns:
        columns.setdefault("p_sides", [column_map.constants.get("p_sides", "")] * height)
        columns.setdefault("hypothesis", [""] * height)
