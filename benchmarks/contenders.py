"""One validator over the generated table in a process of its own: `python contenders.py NAME FOLDER [SMALL]` prints what it found.

With a third argument, a small table is validated first, and the seconds printed are those of a warm process.

Each contender prints one JSON object: which planted columns it found wrong, and whether it says in which row.
A reader that stops at the first cell it can't parse reports that cell alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated_table import FIELDS

ErrorRows = dict[str, list[int] | None]
_DATE = r"\A[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\z"
_INTEGER = r"\A[+-]?[0-9]+\z"
_NUMBER = r"\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"


def ours(folder: Path, engine: str | None = None) -> ErrorRows:
    """Run luminaldb on the package."""
    from luminaldb.schemas.validate import validate

    report = validate(folder) if engine is None else validate(folder, engine=engine)
    return {f"{f.code} {f.column}": [f.line - 2] for f in report.findings}


def read_only(folder: Path) -> ErrorRows:
    """Read the table as text by polars, and check nothing."""
    import polars as pl

    pl.read_csv(folder / "samples.csv", infer_schema=False)
    return {}


def polars_expressions(folder: Path) -> ErrorRows:
    """Validate by plain polars expressions over columns read as text, every rule in one query."""
    import polars as pl

    genes = pl.read_csv(folder / "genes.csv", infer_schema=False)["gene_id"]
    text = pl.read_csv(folder / "samples.csv", infer_schema=False)
    wrong: dict[str, pl.Expr] = {"LDB031 sample_id": pl.col("sample_id").is_duplicated()}
    wrong["LDB033 gene_id"] = ~pl.col("gene_id").is_in(genes.implode())
    for field in FIELDS:
        name, limits = str(field["name"]), dict(field["constraints"])  # type: ignore[call-overload]
        cell = pl.col(name)
        if limits.get("required"):
            wrong[f"LDB021 {name}"] = cell.is_null()
        if "pattern" in limits:
            wrong[f"LDB024 {name}"] = ~cell.str.contains(rf"\A(?:{limits['pattern']})\z")
        if "enum" in limits:
            wrong[f"LDB023 {name}"] = cell.is_not_null() & ~cell.is_in(limits["enum"])
        pattern = {"integer": _INTEGER, "number": _NUMBER, "date": _DATE}.get(str(field["type"]))
        if pattern is None:
            continue
        target = {"integer": pl.Int64, "number": pl.Float64, "date": pl.Date}[str(field["type"])]
        well_formed = pl.when(cell.str.contains(pattern)).then(cell)
        value = (
            well_formed.str.to_date("%Y-%m-%d", strict=False)
            if target == pl.Date
            else well_formed.cast(target, strict=False)
        )
        wrong[f"LDB020 {name}"] = cell.is_not_null() & value.is_null()
        if "minimum" in limits:
            wrong[f"LDB025 {name}"] = value < limits["minimum"]
            wrong[f"LDB026 {name}"] = value > limits["maximum"]
    checked = text.lazy().select(e.fill_null(value=False).alias(n) for n, e in wrong.items()).collect()
    return {n: checked[n].arg_true().to_list() for n in wrong if checked[n].any()}


def _dtypes() -> Any:
    import polars as pl

    dtypes = {"integer": pl.Int64, "number": pl.Float64, "date": pl.Date, "string": pl.String}
    return {str(f["name"]): dtypes[str(f["type"])] for f in FIELDS}


def _read_typed(folder: Path) -> Any:
    import polars as pl

    return pl.read_csv(folder / "samples.csv", schema=_dtypes())


def pandera_polars(folder: Path) -> ErrorRows:
    """Validate by a pandera.polars schema over a typed read."""
    import pandera.errors
    import pandera.polars as pa
    import polars as pl

    genes = pl.read_csv(folder / "genes.csv", infer_schema=False)["gene_id"].to_list()
    columns = {}
    for field in FIELDS:
        limits = dict(field["constraints"])  # type: ignore[call-overload]
        checks = [pa.Check.str_matches(f"^(?:{limits['pattern']})$")] if "pattern" in limits else []
        checks += [pa.Check.isin(limits["enum"])] if "enum" in limits else []
        checks += [pa.Check.in_range(limits["minimum"], limits["maximum"])] if "minimum" in limits else []
        checks += [pa.Check.isin(genes)] if field["name"] == "gene_id" else []
        name = str(field["name"])
        columns[name] = pa.Column(
            _dtypes()[name], checks, nullable=not limits.get("required"), unique=name == "sample_id"
        )
    try:
        pa.DataFrameSchema(columns).validate(_read_typed(folder), lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        return {
            c: cases.filter(pl.col("column") == c)["index"].drop_nulls().to_list() for c in cases["column"].unique()
        }
    return {}


def dataframely(folder: Path) -> ErrorRows:
    """Validate by a dataframely schema over a typed read; the foreign key by a semi join."""
    import dataframely as dy
    import polars as pl

    def column(field: dict[str, Any]) -> Any:
        limits = field["constraints"]
        common: dict[str, Any] = {"nullable": not limits.get("required"), "primary_key": field["name"] == "sample_id"}
        if field["name"] == "sample_id":
            common["nullable"] = False
        if "enum" in limits:
            return dy.String(check=lambda e, v=limits["enum"]: e.is_in(v), **common)
        if field["type"] == "string":
            return dy.String(regex=rf"^(?:{limits['pattern']})$" if "pattern" in limits else None, **common)
        if field["type"] == "date":
            return dy.Date(**common)
        kind = dy.Integer if field["type"] == "integer" else dy.Float
        return kind(min=limits["minimum"], max=limits["maximum"], **common)

    schema = type("Samples", (dy.Schema,), {str(f["name"]): column(f) for f in FIELDS})
    frame = _read_typed(folder)
    _, failure = schema.filter(frame, cast=True)  # type: ignore[attr-defined]
    error_rows: ErrorRows = {name.split("|")[0]: None for name in failure.counts()}
    genes = pl.read_csv(folder / "genes.csv", infer_schema=False)
    if frame.join(genes, on="gene_id", how="anti").height:
        error_rows["gene_id"] = None
    return error_rows


def pointblank(folder: Path) -> ErrorRows:
    """Validate by pointblank over a typed read."""
    import pointblank as pb
    import polars as pl

    genes = pl.read_csv(folder / "genes.csv", infer_schema=False)["gene_id"].to_list()
    plan = (
        pb.Validate(_read_typed(folder)).rows_distinct(columns_subset=["sample_id"]).col_vals_in_set("gene_id", genes)
    )
    for field in FIELDS:
        name, limits = str(field["name"]), dict(field["constraints"])  # type: ignore[call-overload]
        if limits.get("required"):
            plan = plan.col_vals_not_null(name)
        if "pattern" in limits:
            plan = plan.col_vals_regex(name, f"^(?:{limits['pattern']})$", na_pass=True)
        if "enum" in limits:
            plan = plan.col_vals_in_set(name, [*limits["enum"], None])
        if "minimum" in limits:
            plan = plan.col_vals_between(name, limits["minimum"], limits["maximum"], na_pass=True)
    validation = plan.interrogate(collect_extracts=False)
    return {str(step.column): None for step in validation.validation_info if not step.all_passed}


def duckdb_sql(folder: Path) -> ErrorRows:
    """Validate by SQL in DuckDB over columns read as text, counting the wrong rows of each rule."""
    import duckdb

    samples = f"read_csv('{folder / 'samples.csv'}', all_varchar=true)"
    wrong = {
        "LDB033 gene_id": f"gene_id NOT IN (SELECT gene_id FROM read_csv('{folder / 'genes.csv'}', all_varchar=true))"
    }
    for field in FIELDS:
        name, limits = str(field["name"]), dict(field["constraints"])  # type: ignore[call-overload]
        if limits.get("required"):
            wrong[f"LDB021 {name}"] = f"{name} IS NULL"
        if "pattern" in limits:
            wrong[f"LDB024 {name}"] = f"NOT regexp_full_match({name}, '{limits['pattern']}')"
        if "enum" in limits:
            wrong[f"LDB023 {name}"] = f"{name} NOT IN ({', '.join(repr(v) for v in limits['enum'])})"
        pattern = {"integer": _INTEGER, "number": _NUMBER, "date": _DATE}.get(str(field["type"]))
        if pattern is None:
            continue
        kind = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE"}[str(field["type"])]
        value = f"CASE WHEN regexp_matches({name}, '{pattern}') THEN TRY_CAST({name} AS {kind}) END"
        wrong[f"LDB020 {name}"] = f"{name} IS NOT NULL AND ({value}) IS NULL"
        if "minimum" in limits:
            wrong[f"LDB025 {name}"] = f"({value}) < {limits['minimum']}"
            wrong[f"LDB026 {name}"] = f"({value}) > {limits['maximum']}"
    counts = ", ".join(f"count(*) FILTER (WHERE {sql})" for sql in wrong.values())
    sql = f"SELECT count(*) - count(DISTINCT sample_id), {counts} FROM {samples}"
    row = duckdb.execute(sql).fetchall()[0]
    return {name: None for name, count in zip(["LDB031 sample_id", *wrong], row, strict=True) if count}


def frictionless(folder: Path) -> ErrorRows:
    """Validate by frictionless, keys included."""
    from frictionless import Checklist, Package

    report = Package(str(folder / "datapackage.json")).validate(Checklist(), limit_errors=1000)
    errors = [e.to_dict() for task in report.tasks for e in task.errors]
    error_rows: ErrorRows = {}
    for e in errors:
        names = e.get("fieldNames") or ["sample_id" if e["type"] == "primary-key" else e["type"]]
        row, name = int(e["rowNumber"]) - 2, str(e.get("fieldName") or names[0])
        rows = error_rows.setdefault(name, [])
        if rows is not None:
            rows.append(row)
    return error_rows


CONTENDERS: dict[str, Callable[[Path], ErrorRows]] = {
    "reading alone (polars, all text)": read_only,
    "polars expressions, all text": polars_expressions,
    "luminaldb": ours,
    "luminaldb, engine duckdb": lambda folder: ours(folder, "duckdb"),
    "dataframely": dataframely,
    "pointblank": pointblank,
    "DuckDB SQL": duckdb_sql,
    "pandera.polars": pandera_polars,
    "frictionless": frictionless,
}


def run_contender(name: str, folder: Path) -> dict[str, Any]:
    """Run a contender: what it found, or why it stopped."""
    try:
        return {"found": CONTENDERS[name](folder)}
    except Exception as error:
        # A typed reader stops at the first cell that it can't parse: that is a result, too.
        return {"stopped": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}


if __name__ == "__main__":
    if len(sys.argv) > 3:
        run_contender(sys.argv[1], Path(sys.argv[3]))
    start = time.perf_counter()
    result = run_contender(sys.argv[1], Path(sys.argv[2]))
    seconds = time.perf_counter() - start
    # The peak of this process alone: what its parent holds doesn't count, as it would in getrusage.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    print(json.dumps({**result, "seconds": seconds, "peak_mb": int(status["VmHWM"].split()[0]) / 1024}))
