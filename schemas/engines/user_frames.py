"""Anybody's data frame, judged as a table that a descriptor describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import Field, Resource, TableSchema
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.text_reader import TextTable

from ..check_frame import float_text, judged
from ..table_in_memory import Table
from ..waivers import Waivers
from .engine import DuckDB, Engine, Spark
from .engine_table import EngineTable

_ROUNDED = "numbers that came as floats have lost their trailing zeros: rules that count decimals allow a little more"


def validate_frame(frame: Any, table: str, *, package: Package | None = None, references: bool = False) -> Report:
    """Validate a data frame by the checks of a table: types, constraints, keys within it, consistency rules.

    Args:
        frame: a polars DataFrame or LazyFrame, a pandas DataFrame, an Arrow table, a DuckDB relation or a PySpark
            DataFrame. A column of text is judged as a CSV's would be, cell by cell.
        table: name of the table that says what the frame must be.
        package: the package whose descriptor says so; the shipped ones where omitted.
        references: whether keys to other tables are checked, against the tables shipped or of the package.

    Returns:
        A report. `line` of a finding is the number of the row, counting from 1; 0 for DuckDB and Spark, whose rows
        have no order: there `row_key` says which row it is. The shipped waivers hold.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
        LuminaldbError: the frame is of no known kind, or a column holds what is no cell.
    """
    holder = package or installed.owner(table)
    resource = holder.resource(table)
    try:
        own = nw.from_native(frame)
    except TypeError:
        kind = type(frame).__name__
        raise LuminaldbError(f"{kind} is no data frame; give polars, pandas, Arrow, DuckDB or PySpark") from None
    judge = _lazy(own, holder, resource) if _is_engine(own) else _eager(own, holder, resource)
    findings = list(judge.form_findings())
    targets = _targets(holder, resource, table) if references else {}
    findings += judge.findings(targets, {})
    if package is None:
        held = Waivers([Table("curation", installed.owner("waivers"), installed.owner("waivers").resource("waivers"))])
        findings = held.accepted(findings)
    return Report(
        findings, 1, judge.rows, [*_notes(own, resource, references=references), *getattr(judge, "notes", [])]
    )


def _is_engine(own: Any) -> bool:
    return isinstance(own, nw.LazyFrame) and own.implementation != nw.Implementation.POLARS


def _notes(own: Any, resource: Resource, *, references: bool) -> Iterator[str]:
    kinds = own.collect_schema()
    if any(f.type == "number" and f.name in kinds.names() and kinds[f.name].is_float() for f in resource.schema.fields):
        yield _ROUNDED
    if not references and (keys := resource.schema.all_references()):
        columns = ", ".join(dict.fromkeys(c for key in keys for c in key.columns))
        yield f"not checked: keys to other tables ({columns}), and rules that need their columns; say references=True"


def _targets(holder: Package, resource: Resource, table: str) -> dict[int, pl.DataFrame]:
    targets: dict[int, pl.DataFrame] = {}
    for number, key in enumerate(resource.schema.all_references()):
        if not key.reference.table or key.reference.table == table:
            continue
        other = installed.packages().get(key.reference.package) if key.reference.package else holder
        if other is not None:
            schema = other.resource(key.reference.table).schema
            targets[number] = judged(other.text(key.reference.table).frame, schema)
    return targets


def _described(own: Any, resource: Resource) -> Resource:
    """Say how the frame's columns are written once they are text: as the standard has it, unless they were text."""
    kinds = own.collect_schema()
    schema = resource.schema
    fields = []
    for f in schema.fields:
        missing = tuple(dict.fromkeys(("", *schema.missing_of(f))))
        if f.name in kinds.names() and not isinstance(kinds[f.name], (nw.String, nw.Categorical, nw.Enum)):
            plain = f.format if f.type not in ("date", "time", "datetime") else "default"
            fields.append(replace(f, options={}, format=plain, missing_values=("",)))
        else:
            fields.append(replace(f, missing_values=missing))
    match = "equal" if schema.fields_match == "exact" else schema.fields_match
    whole = replace(schema, fields=tuple(fields), fields_match=match)
    return replace(resource, schema=whole, path=None, data=[], dialect=Dialect())


class _FrameTable(Table):
    """A frame in memory under validation."""

    def __init__(self, source: Package, resource: Resource, frame: pl.DataFrame) -> None:
        super().__init__("", source, resource)
        self._frame = frame

    @cached_property
    def text(self) -> TextTable:
        """The frame as text; rows count from 1."""
        return TextTable(self._frame, range(1, self._frame.height + 1), tuple(self._frame.columns))

    @property
    def file(self) -> str:
        """The table's name stands for a file."""
        return self.name


class _EngineFrame(EngineTable):
    """A frame of an engine under validation."""

    @property
    def file(self) -> str:
        """The table's name stands for a file."""
        return self.name


def _eager(own: Any, holder: Package, resource: Resource) -> _FrameTable:
    described = _described(own, resource)
    try:
        frame = (own.collect() if isinstance(own, nw.LazyFrame) else own).to_polars()
        text = frame.select(_as_text(name, kind, described.schema) for name, kind in frame.schema.items())
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise LuminaldbError(f"the frame can't be read as a table ({why}); give each column one type") from None
    return _FrameTable(holder, described, text)


def _as_text(name: str, kind: pl.DataType, schema: TableSchema) -> pl.Expr:
    cell = pl.col(name)
    field: Field | None = next((f for f in schema.fields if f.name == name), None)
    if isinstance(kind, pl.List) and field is not None:
        text = cell.cast(pl.List(pl.String)).list.join(str(field.options.get("delimiter", ",")))
    elif isinstance(kind, pl.Struct):
        text = cell.struct.json_encode()
    elif isinstance(kind, pl.Datetime):
        day = cell.dt.strftime("%Y-%m-%d")
        moment = cell.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
        midnight = cell == cell.dt.truncate("1d")
        text = pl.when(midnight).then(day).otherwise(moment) if field and field.type == "date" else moment
    elif kind.is_float():
        text = float_text(cell)
    else:
        text = cell.cast(pl.String)
    return text.fill_null("").alias(name)


def _lazy(own: Any, holder: Package, resource: Resource) -> EngineTable:
    engine: Engine = DuckDB() if own.implementation == nw.Implementation.DUCKDB else Spark()
    kinds = own.collect_schema()
    described = _described(own, resource)
    dates = {f.name for f in described.schema.fields if f.type == "date"}
    selected = [_sql_text(engine, n, k, date=n in dates) for n, k in kinds.items()]
    rows = engine.project(own.to_native(), selected)
    count = int(own.select(nw.len()).collect(backend="polars").item())
    return _EngineFrame("", holder, described, engine).adopt(rows, kinds.names(), count, [])


def _sql_text(engine: Engine, name: str, kind: Any, *, date: bool) -> str:
    cell = engine.sql.name(name)
    text = f"CAST({cell} AS {'STRING' if engine.name == 'spark' else 'VARCHAR'})"
    if kind.is_float():
        whole = text.replace(cell, f"CAST({cell} AS BIGINT)")
        exact = text.replace(cell, f"CAST({cell} AS DECIMAL(38, 18))")
        digits = f"rtrim('0', {exact})" if engine.name == "spark" else text
        text = (
            f"CASE WHEN isnan({cell}) THEN 'NaN' WHEN abs({cell}) > 1e15 THEN {text} "
            f"WHEN {cell} = floor({cell}) THEN {whole} WHEN abs({cell}) < 1e-9 THEN {text} ELSE {digits} END"
        )
        text = f"replace(replace({text}, 'Infinity', 'INF'), 'inf', 'INF')"
    elif isinstance(kind, nw.Datetime) and date:
        text = f"regexp_replace({text}, ' 00:00:00$', '')"
    elif isinstance(kind, nw.Datetime):
        text = f"replace({text}, ' ', 'T')"
    return f"coalesce({text}, '') AS {cell}"
