"""JSON Lines and Parquet that a Spark session reads by address, as the cells a CSV would have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from luminaldb.issue_codes import MALFORMED_FILE, WRONG_ENCODING, WRONG_TYPE
from luminaldb.issues import Issue, Place
from luminaldb.loaders.datapackage.descriptor import MAX_COLUMNS, Field, Resource
from luminaldb.loaders.datapackage.field_types import boolean_words, false_values, true_values
from luminaldb.loaders.datapackage.json_rows import column_order
from luminaldb.loaders.datapackage.text_reader import MAX_ISSUES

from .engine_files import EngineFile
from .hadoop_store import SparkFiles
from .spark_records import lines_of
from .spark_table import NotSplittableError, SparkTable
from .sql_columns import SPARK

_MAX_CHARACTERS_SHOWN = 60


def read_parquet(files: SparkFiles) -> SparkTable:
    """Open Parquet files, all columns as text; the columns are those of all parts."""
    frame = files.open("parquet", mergeSchema="true")
    header = tuple(frame.columns)
    native = frame.selectExpr(*(f"{_parquet_text(f)} AS {SPARK.quote_name(f.name)}" for f in frame.schema.fields))
    count = native.count()
    return SparkTable(native, EngineFile(None, header=header, rows=count, columns=header))


def _parquet_text(field: Any) -> str:
    cell, kind = SPARK.quote_name(field.name), field.dataType.typeName()
    text = f"CAST({cell} AS STRING)"
    if kind in ("float", "double"):
        # A whole number has no point: nobody knows how many zeros were printed.
        text = f"replace(regexp_replace({text}, '\\\\.0$', ''), 'Infinity', 'INF')"
    elif kind == "timestamp":
        text = f"replace(CAST(to_utc_timestamp({cell}, current_timezone()) AS STRING), ' ', 'T')"
    elif kind == "timestamp_ntz":
        text = f"replace({text}, ' ', 'T')"
    elif kind in ("struct", "array", "map"):
        text = f"to_json({cell})"
    elif kind == "binary":
        text = f"base64({cell})"
    return text


def read_json_lines(files: SparkFiles, resource: Resource) -> SparkTable:
    """Open JSON Lines whose rows are objects, each value as text, and list values of another JSON type.

    Raises:
        NotSplittableError: rows are lists, or a key has quotes of both kinds.
    """
    lines = lines_of(files).where("trim(replace(CAST(line AS STRING), '\\r', '')) <> ''")
    parsed = lines.selectExpr("line", "try_parse_json(line) AS json", "is_valid_utf8(line) AS decodable")
    parsed = parsed.selectExpr("*", "schema_of_variant(json) AS kind")
    faults = {
        "NOT decodable": Issue(WRONG_ENCODING, "a line is not UTF-8", "Fix the line."),
        "decodable AND json IS NULL": Issue(MALFORMED_FILE, "a line is not JSON", "Fix the line."),
        "decodable AND kind NOT LIKE 'OBJECT%'": Issue(
            MALFORMED_FILE, "a row is no object, unlike others", "Write all rows as objects, or all as lists."
        ),
    }
    sums = ("decodable AND kind LIKE 'ARRAY%'", "decodable AND kind LIKE 'OBJECT%'", *faults)
    lists, objects, *broken = parsed.selectExpr(*(f"count_if({c}) AS n{n}" for n, c in enumerate(sums))).first()
    if lists or (broken[-1] and not objects):
        raise NotSplittableError("has rows that are lists or single values")
    issues, omitted = _list_by_count(list(zip(faults.values(), broken, strict=True)))
    parsed = parsed.where("decodable AND kind LIKE 'OBJECT%'")
    names = parsed.selectExpr("explode(json_object_keys(line)) AS name").distinct().limit(MAX_COLUMNS + 1).collect()
    keys = tuple(sorted(row["name"] for row in names))
    if len(keys) > MAX_COLUMNS:
        return _unreadable(MALFORMED_FILE, f"over {MAX_COLUMNS:,} columns", "Keep such data as rows.")
    header = column_order(keys, resource) if objects else resource.schema.names
    fields = {f.name: f for f in resource.schema.fields}
    cells = parsed.selectExpr(*(f"{_json_text(name, fields.get(name))} AS {SPARK.quote_name(name)}" for name in header))
    type_errors, more = _mistyped(parsed, [fields[name] for name in header if name in fields])
    file = EngineFile(None, ",", header, objects, [*issues, *type_errors], {**omitted, **more}, header)
    return SparkTable(cells, file)


def _list_by_count(counts: Sequence[tuple[Issue, int]]) -> tuple[list[Issue], dict[str, int]]:
    """List issues that occur several times and have no line, up to a limit; return how many more there are, by code."""
    issues: list[Issue] = []
    omitted: dict[str, int] = {}
    for issue, count in counts:
        issues += [issue] * min(count, MAX_ISSUES)
        if count > MAX_ISSUES:
            omitted[issue.code] = omitted.get(issue.code, 0) + count - MAX_ISSUES
    return issues, omitted


def _unreadable(code: str, message: str, hint: str) -> SparkTable:
    return SparkTable(None, EngineFile(None, issues=[Issue(code, message, hint)]))


def _value(name: str, kind: str) -> str:
    """Return the SQL that takes the value of a key out of a row."""
    quote = '"' if "'" in name else "'"
    if quote in name or "\\" in name:
        raise NotSplittableError(f"has the key {name!r}")
    path = SPARK.literal(f"$[{quote}{name}{quote}]")
    return f"try_variant_get(json, {path}, {SPARK.literal(kind)})"


def _json_type(name: str) -> str:
    return f"schema_of_variant({_value(name, 'variant')})"


def _json_text(name: str, field: Field | None) -> str:
    """Write a JSON value as the cell that a column's field would read it from; see `json_rows.writer`."""
    text = _value(name, "string")
    if field is None:
        return text
    cases = []
    if field.type == "boolean":
        yes, no = map(SPARK.literal, boolean_words(field))
        cases.append(f"WHEN {_json_type(name)} = 'BOOLEAN' THEN IF({_value(name, 'boolean')}, {yes}, {no})")
    elif field.type in ("integer", "year"):
        is_decimal = f"({_json_type(name)} LIKE 'DECIMAL%' OR {_json_type(name)} = 'DOUBLE')"
        cases.append(f"WHEN {is_decimal} THEN regexp_replace({text}, '\\\\.0+$', '')")
    elif field.type == "number" and field.properties.get("decimalChar"):
        point = SPARK.literal(str(field.properties["decimalChar"]))
        cases.append(f"WHEN {_json_type(name)} <> 'STRING' THEN replace({text}, '.', {point})")
    elif field.type in ("list", "geopoint") and not (field.type == "geopoint" and field.format != "default"):
        separator = ", " if field.type == "geopoint" else str(field.properties.get("delimiter") or ",")
        items = _value(name, "array<string>")
        cases.append(f"WHEN {_json_type(name)} LIKE 'ARRAY%' THEN array_join({items}, {SPARK.literal(separator)})")
    return f"CASE {' '.join(cases)} ELSE {text} END" if cases else text


def _mistyped(parsed: Any, fields: list[Field]) -> tuple[list[Issue], dict[str, int]]:
    """List the values whose type the text would hide; see `json_rows`."""
    wrong = [(f.name, condition) for f in fields for condition in _wrong_type(f)]
    if not wrong:
        return [], {}
    counted = (f"count_if({condition}) AS {SPARK.quote_name(name)}" for name, condition in wrong)
    counts = parsed.selectExpr(*counted).first().asDict()
    issues: list[Issue] = []
    omitted = 0
    for name, condition in wrong:
        if counts[name]:
            cells = parsed.where(condition).selectExpr(
                f"left({_value(name, 'string')}, {_MAX_CHARACTERS_SHOWN}) AS cell"
            )
            rows = sorted(row["cell"] or "" for row in cells.limit(MAX_ISSUES).collect())
            message, hint = f"{name} is of another JSON type than its field", "Write it as a value of the field's type."
            issues += [Issue(WRONG_TYPE, message, hint, place=Place(column=name, value=cell)) for cell in rows]
            omitted += counts[name] - len(rows)
    return issues, {WRONG_TYPE: omitted} if omitted else {}


def _wrong_type(field: Field) -> Iterator[str]:
    kind = _json_type(field.name)
    has_value = f"{_value(field.name, 'variant')} IS NOT NULL AND {kind} <> 'VOID'"
    if field.type == "string":
        yield f"{has_value} AND {kind} <> 'STRING'"
    elif field.type == "boolean":
        words = ", ".join(SPARK.literal(v) for v in (*true_values(field), *false_values(field)))
        is_boolean_text = f"{_value(field.name, 'string')} IN ({words})" if words else "false"
        yield f"{has_value} AND {kind} NOT IN ('STRING', 'BOOLEAN') AND NOT ({is_boolean_text})"
    elif field.type == "list":
        yield f"{has_value} AND {kind} <> 'STRING' AND {kind} NOT LIKE 'ARRAY%'"
