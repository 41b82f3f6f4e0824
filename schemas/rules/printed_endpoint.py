"""Rule on what copied numbers are said to be: of the row's endpoint, measure and level, where the copy names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from ..lookups import Value
from .rule import Example, Rule, has_fields

_KEYS = {"effects": "effect_id", "outcomes": "outcome_id"}
# What a source calls endpoints, each kind with the endpoints that may stand behind its words.
_NAMES: Mapping[str, tuple[str, ...]] = {
    r"OS|[Oo]verall survival|HR (?:for|of) death|[Hh]azard ratio (?:for|of) death": ("os",),
    r"PFS|[Pp]rogression-free survival": ("pfs", "cns_pfs"),
    r"PFS2": ("pfs2",),
    r"i?DFS|[Dd]isease-free survival": ("dfs", "idfs", "adfs"),
    r"DDFS|[Dd]istant disease-free survival": ("ddfs",),
    r"DRFS|[Dd]istant (?:relapse|recurrence)-free survival": ("drfs",),
    r"DRFI": ("drfi",),
    r"RFS|[Rr](?:elapse|ecurrence)-free survival": ("rfs", "drfs"),
    r"EFS|[Ee]vent-free survival": ("efs",),
    r"CFS|[Cc]hemotherapy-free survival": ("cfs",),
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
_LEVEL = "[0-9] ?% ?(?:CI|confidence interval)"


def _named(text: nw.Expr, pattern: str) -> nw.Expr:
    return text.str.contains(f"(?:^|[^A-Za-z-])(?:{pattern})(?:[^A-Za-z0-9-]|$)")


def _names_its_endpoint(table: str, schema: TableSchema) -> Iterator[Check]:
    key = _KEYS.get(table, "")
    if not has_fields(schema, key, "citation_id", "endpoint_id"):
        return
    on = ((key, "row_key"), ("citation_id", "citation_id"))
    copy = Value("::printed_text", "printed_numbers", on, "printed", (("table_name", table),))
    text = nw.col(copy.alias)
    named = [_named(text, pattern) for pattern in _NAMES]
    own = [_named(text, pattern) & text_of("endpoint_id").is_in(endpoints) for pattern, endpoints in _NAMES.items()]
    other = nw.any_horizontal(*named, ignore_nulls=False) & ~nw.any_horizontal(*own, ignore_nulls=False)
    yield Check(
        "LDB622",
        ("endpoint_id", key),
        ~other,
        "the numbers copied from the source are of another endpoint than {endpoint_id}",
        "Read in the source which endpoint the numbers are of; correct the row or the copy.",
        joined_columns=(copy.alias,),
        lookups=(copy,),
    )
    if has_fields(schema, "measure") and table == "effects":
        stated = [_named(text, pattern) for pattern in _MEASURES]
        of_row = [_named(text, p) & text_of("measure").is_in(measures) for p, measures in _MEASURES.items()]
        yield Check(
            "LDB622",
            ("measure", key),
            ~nw.any_horizontal(*stated, ignore_nulls=False) | nw.any_horizontal(*of_row, ignore_nulls=False),
            "the numbers copied from the source are of another measure than {measure}",
            "Read in the source what the number is; correct the row or the copy.",
            joined_columns=(copy.alias,),
            lookups=(copy,),
        )
    if has_fields(schema, "ci_level"):
        level = nw.concat_str(text_of("ci_level").str.replace_all(r"\.0*$", ""), nw.lit("%"))
        yield Check(
            "LDB622",
            ("ci_level", key),
            ~text.str.contains(_LEVEL)
            | text.str.replace_all(" %", "%", literal=True).str.contains(level, literal=True),
            "the interval copied from the source is of another level than {ci_level}",
            "Read the level in the source; correct the row or the copy.",
            joined_columns=(copy.alias,),
            lookups=(copy,),
        )


_ROW = {"effect_id": "tandem-pfs-itt-primary", "citation_id": "kaufman-2009-tandem", "endpoint_id": "pfs"}

RULES = (
    Rule(
        "LDB622",
        "Numbers that were copied are of the row's endpoint, measure and level",
        "What was copied from the source often names the endpoint: OS HR 0.74. In a row on progression-free survival "
        "that is a right number in the wrong row. The same holds for HR and odds ratio, and for a 90% CI.",
        _names_its_endpoint,
        passing=Example("effects", ({**_ROW, "::printed_text": "PFS HR 0.63; 95% CI 0.47-0.84"},)),
        failing=Example("effects", ({**_ROW, "::printed_text": "OS HR 0.84; 95% CI 0.59-1.20"},)),
    ),
)
