"""CSV: a folder that is a data package, byte for byte the tables; or CSV made for Excel."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ...results_table import RESULTS_COLUMNS, RESULTS_TABLE
from ..content import ExportContent, ExportTable
from ..export import Progress
from ..single_package import single_package_descriptor

# What a spreadsheet takes for the start of a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMERIC = (pl.Float64, pl.Int64)


def write(content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one CSV per table and, in a folder, the datapackage.json that describes them."""
    files: dict[str, bytes] = {}
    for table in content.tables:
        progress(table.name)
        files[table.name] = excel_csv(table) if excel else table.raw
    if content.results is not None:
        progress(RESULTS_TABLE)
        files[RESULTS_TABLE] = results_csv(content.results, excel=excel)
    if not out.is_dir():
        out.write_bytes(next(iter(files.values())))
        return
    for name, data in files.items():
        (out / f"{name}.csv").write_bytes(data)
    if not content.tables:
        return
    descriptor = single_package_descriptor(content, files={table.name: files[table.name] for table in content.tables})
    if excel:
        for resource in descriptor["resources"]:
            resource["encoding"] = "utf-8-sig"
            resource["dialect"]["lineTerminator"] = "\r\n"
    (out / "datapackage.json").write_text(json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def results_csv(results: pl.DataFrame, *, excel: bool) -> bytes:
    """Return the flat table of results as CSV; for a spreadsheet with its titles, else with names for programs."""
    if not excel:
        return results.write_csv().encode()
    return spreadsheet_csv(results, [c.title for c in RESULTS_COLUMNS])


def spreadsheet_csv(frame: pl.DataFrame, titles: Sequence[str]) -> bytes:
    """Return a frame as CSV that opens right in a spreadsheet: a byte order mark, CR LF, no formulas."""
    numeric = [dtype.is_numeric() for dtype in frame.dtypes]
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(titles)
    for row in frame.iter_rows():
        cells = ["" if value is None else str(value) for value in row]
        writer.writerow(["'" + c if is_formula(c) and not n else c for c, n in zip(cells, numeric, strict=True)])
    return lines.getvalue().encode("utf-8-sig")


def excel_csv(table: ExportTable) -> bytes:
    """Return a table's CSV with a byte order mark, CR LF line ends, and an apostrophe before formulas.

    Raises nothing and changes no number: only text cells that start like a formula get a leading apostrophe.
    """
    numeric = [dtype in _NUMERIC for dtype in table.frame.schema.values()]
    text = table.text
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(text.columns)
    for row in text.iter_rows():
        writer.writerow(
            [
                "'" + cell if is_formula(cell) and not is_number else cell
                for cell, is_number in zip(row, numeric, strict=True)
            ]
        )
    return lines.getvalue().encode("utf-8-sig")


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet would take a text for a formula; a sign alone is none."""
    return len(cell) > 1 and cell.startswith(FORMULA_STARTS)
