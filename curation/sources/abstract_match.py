"""Whether every number of a row that was read in an abstract occurs in that abstract."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from luminaldb.atomic_write import replace_file
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import read_input_text
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import Field

from .numbers_in_text import NumbersInText

LOG = "second_reads"
_NEEDED_COLUMNS = ("citation_id", "source_level")
# Printed as one-sided and two-sided, or the number of a year.
_COLUMNS_NOT_PRINTED = ("p_sides", "start_year", "year", "position")


@dataclass(frozen=True, slots=True)
class AbstractRow:
    """A row that was read in an abstract.

    Attributes:
        table: its table.
        key: its primary key, parts joined by a bar.
        citation_id: its source.
        numbers: its filled cells that hold numbers, by column, each with whether it counts months.
    """

    table: str
    key: str
    citation_id: str
    numbers: Mapping[str, tuple[str, bool]]

    def missing(self, text: NumbersInText) -> dict[str, str]:
        """Return the numbers that don't occur in a text, by column."""
        return {c: cell for c, (cell, months) in self.numbers.items() if not text.contains(cell, months=months)}


def rows(state: Database) -> Iterator[AbstractRow]:
    """Yield every row that was read in an abstract and holds a number."""
    for table in state.packages_by_table:
        schema = state.resource(table).schema
        fields = [f for f in schema.fields if f.type in ("number", "integer") and f.name not in _COLUMNS_NOT_PRINTED]
        if not fields or not set(_NEEDED_COLUMNS) <= set(schema.names):
            continue
        for cells in state.text(table).filter(pl.col("source_level") == "abstract").iter_rows(named=True):
            numbers = {f.name: (cells[f.name], _months(f, cells)) for f in fields if cells[f.name]}
            if numbers:
                key = "|".join(cells[c] for c in schema.primary_key)
                yield AbstractRow(table, key, cells["citation_id"], numbers)


def _months(field: Field, cells: Mapping[str, str]) -> bool:
    is_in_months = field.unit == "months" or field.name.endswith("_months")
    return is_in_months or (cells.get("measure") == "median_months" and field.name in ("estimate", "ci_low", "ci_high"))


def log(datasets: Path, matched: Iterable[AbstractRow], day: datetime.date) -> int:
    """Add a text match to curation/second_reads for each row that has none yet.

    Args:
        datasets: the folder of the packages, or a checkout.
        matched: rows whose every number occurs in the abstract.
        day: of the match.

    Returns:
        How many were added.

    Raises:
        LuminaldbError: the table isn't there or can't be written.
    """
    file = next((p for p in datasets.glob(f"**/curation/{LOG}.csv")), None)
    if file is None:
        raise LuminaldbError(f"{datasets}: holds no curation/{LOG}.csv; name the folder datasets of a checkout")
    header, *old_rows = csv.reader(io.StringIO(read_input_text(file), newline=""))
    positions = {name: n for n, name in enumerate(header)}
    logged_keys = {(r[positions["table_name"]], r[positions["row_key"]], r[positions["method"]]) for r in old_rows}
    new_rows = []
    for row in matched:
        key = {"table_name": row.table, "row_key": row.key, "method": "text_match"}
        if tuple(key.values()) not in logged_keys:
            cells = {**key, "citation_id": row.citation_id, "read_on": day.isoformat(), "result": "agreed"}
            new_rows.append([cells.get(name, "") for name in header])
    if new_rows:
        order = [positions[c] for c in ("table_name", "row_key", "method")]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([header, *sorted([*old_rows, *new_rows], key=lambda r: [r[n] for n in order])])
        with replace_file(file, force=True) as target:
            target.write_text(text.getvalue(), encoding="utf-8", newline="")
    return len(new_rows)
