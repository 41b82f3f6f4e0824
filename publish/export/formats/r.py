"""For R: the CSVs, a script of base R that gives each column its type, and what it needs to know."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from importlib.resources import files

import polars as pl

from ..content import ExportContent, ExportTable
from ..dataset_metadata import read_metadata

RColumn = tuple[str, str, str, str, str, str]
_CLASSES = {pl.Int64: "integer", pl.Float64: "numeric", pl.Boolean: "logical", pl.Date: "Date", pl.Enum: "factor"}


def r_files(content: ExportContent) -> dict[str, bytes]:
    """Return the files for R by name."""
    return {
        **{f"{table.name}.csv": table.raw for table in content.tables},
        "columns.csv": _columns(content).encode(),
        "load.R": load_script(),
        "README.txt": _readme(content).encode(),
    }


def load_script() -> bytes:
    """Return the script of base R that reads the tables with their types."""
    return files(__package__).joinpath("load.R").read_bytes()


def _columns(content: ExportContent) -> str:
    return columns_csv(row for table in content.tables for row in _rows(table))


def columns_csv(rows: Iterable[RColumn]) -> str:
    """Write columns.csv, from which the script takes the type of each column."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("table", "column", "class", "levels", "unit", "description"))
    writer.writerows(rows)
    return lines.getvalue()


def _rows(table: ExportTable) -> Iterator[RColumn]:
    for field in table.resource.schema.fields:
        yield column_row(table.name, field.name, table.frame.schema[field.name], field.unit, field.description)


def column_row(table: str, name: str, dtype: pl.DataType, unit: str, description: str) -> RColumn:
    """Return the row of columns.csv for one column."""
    levels = "|".join(dtype.categories) if isinstance(dtype, pl.Enum) else ""
    return table, name, _CLASSES.get(type(dtype), "character"), levels, unit, description


def _readme(content: ExportContent) -> str:
    dataset = read_metadata(content)
    sources = "\n".join(f"  {s.title} {s.path}".rstrip() for s in dataset.sources)
    return f"""{dataset.title}
Version {dataset.version}, {dataset.date}

{dataset.description}

In R, with this folder as the working directory:

  source("load.R")
  luminaldb <- read_luminaldb()
  str(luminaldb$effects)

Licence: data {dataset.data_licence.name} ({dataset.data_licence.url}), code {dataset.code_licence.name}
How to cite: {dataset.citation}
Sources:
{sources}
"""
