"""Rule on the words copied with numbers: they name the row's endpoint, measure and level, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, text_of
from ..checks import Check
from ..lookups import Frame, Frames, has_columns
from .rule import Example, Rule, has_fields

_KEYS = {"effects": "effect_id", "outcomes": "outcome_id"}
# Patterns of what sources call endpoints, each with the endpoints that it may mean.
_ENDPOINTS: Mapping[str, tuple[str, ...]] = {
    r"OS|[Oo]verall survival|HR (?:for|of) death|[Hh]azard ratio (?:for|of) death": ("os",),
    r"PFS|[Pp]rogression-free survival": ("pfs", "cns_pfs"),
    r"PFS2": ("pfs2",),
    r"CFS|[Cc]hemotherapy-free survival": ("cfs",),
    r"i?DFS|[Dd]isease-free survival": ("dfs", "idfs", "adfs"),
    r"DDFS|[Dd]istant disease-free survival": ("ddfs",),
    r"DRFS|[Dd]istant (?:relapse|recurrence)-free survival": ("drfs",),
    r"DRFI": ("drfi",),
    r"RFS|[Rr](?:elapse|ecurrence)-free survival": ("rfs", "drfs"),
    r"EFS|[Ee]vent-free survival": ("efs",),
    r"TTP|[Tt]ime to progression": ("ttp",),
    r"TTF|[Tt]ime to treatment failure": ("ttf",),
    r"CBR|[Cc]linical benefit": ("cbr",),
    r"(?:CNS-)?ORR|[Oo]bjective response|[Oo]verall response": (
        "orr", "cns_orr", "clinical_response", "mammographic_response", "mri_response", "ultrasound_response",
    ),
    r"[bt]?pCR|[Pp]athologic(?:al)? complete response": (
        "pcr_breast", "pcr_breast_nodes", "pcr_strict", "pcr_unspecified",
    ),
}  # fmt: skip
_MEASURES: Mapping[str, tuple[str, ...]] = {
    "HR|[Hh]azard ratio": ("hazard_ratio",),
    "OR|[Oo]dds ratio": ("odds_ratio",),
    # Overviews call the ratio of log-rank event rates RR, as they do risk and hazard ratios.
    "RR|[Rr]isk ratio|[Rr]elative risk|[Rr]ate ratio": ("risk_ratio", "rate_ratio", "hazard_ratio"),
}
_NAMES = {"endpoint_id": _ENDPOINTS, "measure": _MEASURES}
_LEVEL = "([0-9.]+) ?% ?(?:CI|confidence interval)"


def names_other_value(column: str, value: pl.Expr, text: pl.Expr) -> pl.Expr:
    """Return whether copies of printed numbers name values of a column, and not those of their rows.

    >>> rows = pl.DataFrame({"endpoint_id": ["pfs"], "copy": ["OS HR 0.74; 90% CI 0.56-0.98"]})
    >>> rows.select(names_other_value("endpoint_id", pl.col("endpoint_id"), pl.col("copy"))).item()
    True

    Args:
        column: `endpoint_id`, `measure` or `ci_level`.
        value: of the rows.
        text: what was copied for them.
    """
    if column == "ci_level":
        # `extract_all` returns complete matches: each begins with the number.
        levels = text.str.extract_all(_LEVEL).list.eval(pl.element().str.extract("^([0-9.]+)").str.strip_suffix(".0"))
        return (levels.list.len() > 0) & ~levels.list.contains(value.str.strip_suffix(".0"))
    names = [
        (text.str.contains(f"(?:^|[^A-Za-z-])(?:{pattern})(?:$|[^A-Za-z0-9-])"), value.is_in(values))
        for pattern, values in _NAMES[column].items()
    ]
    names_row_value = pl.any_horizontal(*(is_named & is_row_value for is_named, is_row_value in names))
    return ~names_row_value & pl.any_horizontal(*(is_named & ~is_row_value for is_named, is_row_value in names))


@dataclass(frozen=True, slots=True)
class CopyOfAnother:
    """Whether the numbers copied for a row name another value of a column than the row's.

    Attributes:
        alias: name of the column it adds.
        table: the row's table.
        column: `endpoint_id`, `measure` or `ci_level`.
    """

    alias: str
    table: str
    column: str

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("printed_numbers",)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        key = _KEYS[self.table] + TEXT
        row = (key, "citation_id" + TEXT, self.column + TEXT)
        entry = tuple(column + TEXT for column in ("table_name", "row_key", "citation_id", "printed"))
        if not has_columns(tables.get("printed_numbers"), *entry) or not has_columns(frame, *row):
            return frame
        _, row_key, source, printed = entry
        copies = _collect(tables["printed_numbers"].filter(text_of("table_name") == self.table), entry[1:])
        copies = copies.drop_nulls(printed).unique([row_key, source], keep="last", maintain_order=True)
        copies = copies.rename({row_key: row[0], source: row[1]})
        pairs = _collect(frame, row).drop_nulls(row[2]).join(copies, on=row[:2], nulls_equal=True)
        names_other = names_other_value(self.column, pl.col(row[2]), pl.col(printed))
        wrong_keys = pairs.filter(names_other)[key].unique().to_list()
        return frame.with_columns(nw.col(key).is_in(wrong_keys).alias(self.alias))


def _collect(frame: Frame, columns: Sequence[str]) -> pl.DataFrame:
    collected: pl.DataFrame = frame.select(*columns).collect(backend="polars").to_native()
    return collected


def _copy_names_row_values(table: str, schema: TableSchema) -> Iterator[Check]:
    key = _KEYS.get(table, "")
    if not has_fields(schema, key, "citation_id"):
        return
    # In a row of one arm, a ratio in the copy belongs to the comparison, not to the row.
    columns = ("endpoint_id", "measure", "ci_level") if table == "effects" else ("endpoint_id", "ci_level")
    for column in (c for c in columns if c in schema.names):
        lookup = CopyOfAnother(f"::another_{column}", table, column)
        yield Check(
            "LDB622",
            (column, key),
            ~nw.col(lookup.alias),
            f"the numbers copied from the source are of another {column} than {{{column}}}",
            "Read in the source what the numbers are of; correct the row or the copy.",
            joined_columns=(lookup.alias,),
            lookups=(lookup,),
        )


_ROW = {"effect_id": "tandem-pfs-itt-primary", "citation_id": "kaufman-2009-tandem", "endpoint_id": "pfs"}

RULES = (
    Rule(
        "LDB622",
        "Numbers that were copied are of the row's endpoint, measure and level",
        "What was copied from the source often names the endpoint: OS HR 0.74. In a row on progression-free survival "
        "that is a right number in the wrong row. The same holds for HR and odds ratio, and for a 90% CI.",
        _copy_names_row_values,
        passing=Example("effects", ({**_ROW, "::another_endpoint_id": False},)),
        failing=Example("effects", ({**_ROW, "::another_endpoint_id": True},)),
    ),
)
