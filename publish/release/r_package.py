"""The source package for R: typed tables that load when they are used, help from the codebook, two demonstrations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import polars as pl

from luminaldb.loaders.views import join_results

from ..export.content import ExportContent
from ..export.dataset_metadata import read_metadata
from ..export.formats import r
from .reproducible_tar import build_tar

_JOINED = {
    "trial_results": "Every result with its trial, arms, population, endpoint and source; without superseded results",
    "trial_results_latest": "The latest result of each trial, population, endpoint, measure and pair of arms",
}
# What a joined column is, where no table describes it under that name.
_COMPUTED = {
    "result_id": "Id of the row of effects or outcomes.",
    "result_type": "effect (a comparison of two arms) or outcome (of one arm).",
    "log_estimate": "Natural logarithm of a ratio.",
    "standard_error": "Standard error of log_estimate, or of the estimate of a difference.",
    "standard_error_from": "What the standard error comes from: interval, printed, o_minus_e.",
    "ci_level_assumed": "Whether the source prints limits without a level, which then counts as 95 %.",
    "source": "First author, publisher or journal, and year.",
    "second_read": "Result of an independent second reading of the source.",
}
_SPECIAL = re.compile(r"([\\%{}])")


def r_package(content: ExportContent) -> bytes:
    """Return the package as `R CMD INSTALL` reads it, a tar.gz; the same bytes for the same tables.

    Args:
        content: all tables.
    """
    dataset = read_metadata(content)
    template_values = {"dataset": dataset}
    joined = _joined_results(content)
    package = {
        "DESCRIPTION": _render("DESCRIPTION", template_values).encode(),
        "NAMESPACE": _source("NAMESPACE"),
        "LICENSE": _source("LICENSE"),
        "R/luminaldb.R": _source("package.R"),
        "data/luminaldb.R": _source("data.R"),
        "data/load.script": r.load_script(),
        "demo/00Index": _source("demo-index"),
        "demo/metafor.R": _source("metafor.R"),
        "demo/netmeta.R": _source("netmeta.R"),
        "man/luminaldb-package.Rd": _render("luminaldb-package.Rd", template_values).encode(),
        "man/network_contrasts.Rd": _source("network_contrasts.Rd"),
    }
    columns = []
    for table in (*_tables(content), *_joined_tables(joined, content)):
        name = table["name"]
        package[f"data/{name}.values"] = table["data"]
        package[f"man/{name}.Rd"] = _render("table.Rd", {**template_values, "table": table}).encode()
        columns += [
            r.column_row(name, c["name"], table["schema"][c["name"]], "", c["description"]) for c in table["columns"]
        ]
    package["data/columns.values"] = r.columns_csv(columns).encode()
    return build_tar({f"luminaldb/{path}": data for path, data in package.items()}, dataset.epoch)


def _tables(content: ExportContent) -> Iterator[dict[str, Any]]:
    for table in content.tables:
        yield {
            "name": table.name,
            "title": table.resource.title or table.name,
            "description": table.resource.description or table.name,
            "rows": table.frame.height,
            "schema": table.frame.schema,
            "data": table.raw,
            "columns": [
                {"name": field.name, "description": _with_unit(field.description, field.unit)}
                for field in table.resource.schema.fields
            ],
        }


def _joined_results(content: ExportContent) -> dict[str, pl.DataFrame]:
    read = {table.name: table.frame for table in content.tables}.__getitem__
    return {"trial_results": join_results(read), "trial_results_latest": join_results(read, analysis="latest")}


def _joined_tables(joined: dict[str, pl.DataFrame], content: ExportContent) -> Iterator[dict[str, Any]]:
    described = {
        field.name: _with_unit(field.description, field.unit)
        for table in reversed(content.tables)
        for field in table.resource.schema.fields
        if table.name in ("effects", "outcomes", "trials", "citations")
    }
    for name, frame in joined.items():
        yield {
            "name": name,
            "title": "Joined trial results",
            "description": _JOINED[name],
            "rows": frame.height,
            "schema": frame.schema,
            "data": frame.write_csv(quote_style="necessary").encode(),
            "columns": [
                {"name": c, "description": _COMPUTED.get(c) or described.get(c) or _describe_joined_column(c)}
                for c in frame.columns
            ],
        }


def _describe_joined_column(column: str) -> str:
    """Describe a column by the table that it is joined from: `population_name` is the name of the population."""
    table, _, column_name = column.partition("_")
    return (
        f"{column_name.replace('_', ' ').capitalize()} of the {table}."
        if column_name
        else f"{column.capitalize()} of the result."
    )


def _with_unit(description: str, unit: str) -> str:
    return f"{description} Unit: {unit}." if unit else description


def _source(name: str) -> bytes:
    return files(__package__).joinpath("r_sources", name).read_bytes()


def _render(name: str, values: dict[str, Any]) -> str:
    """Fill a template; those of help pages have other marks, since braces are part of their language."""
    from jinja2 import Environment, StrictUndefined

    options: dict[str, Any] = {"keep_trailing_newline": True, "trim_blocks": True, "lstrip_blocks": True}
    if name.endswith(".Rd"):
        options |= {"variable_start_string": "<<", "variable_end_string": ">>", "block_start_string": "<%",
                 "block_end_string": "%>", "comment_start_string": "<#", "comment_end_string": "#>"}  # fmt: skip
    environment = Environment(undefined=StrictUndefined, **options)  # noqa: S701 - no HTML; help pages escape with text()
    return environment.from_string(_source(name).decode()).render(values, text=_rd_text)


def _rd_text(text: str) -> str:
    """Escape what means something in a help page of R."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
