"""How good the tables are, counted from the tables themselves: docs/quality.md is this report."""

from __future__ import annotations

import math
from statistics import NormalDist

import polars as pl

from luminaldb.loaders.catalogue import tables
from luminaldb.loaders.database import Database

_RESULTS = {"effects": "effect_id", "outcomes": "outcome_id"}
_SOURCED = (
    "effects", "outcomes", "adverse_events", "approvals", "therapy_targets", "mechanism_genes", "mechanism_evidence",
    "interactions", "claims",
)  # fmt: skip
_LEVELS = ("full_text", "abstract", "registry", "label", "secondary")
_PHASE_3 = ("2/3", "3")


def wilson(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Give the interval of a share, in percent.

    Source of the formula: Wilson EB, J Am Stat Assoc 1927;22:209-212 (the score interval).

    Args:
        count: how many of the total.
        total: above zero.
        level: of the interval.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = count / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 100 / (1 + z * z / total)
    return max(0.0, (middle - half) * scale), min(100.0, (middle + half) * scale)


def sections() -> dict[str, pl.DataFrame]:
    """Give the report's tables by title."""
    return {
        "Rows": tables().select("package", "table", "rows"),
        "Second reads": second_reads(),
        "Corrections found by second reads": corrections(),
        "Corrections by field": corrected_fields(),
        "Source levels (percent of rows)": source_levels(),
        "Effects with an interval": intervals(),
        "Standing of citations": standing(),
        "Identifiers of articles": identifiers(),
        "Findings waived": Database.installed().frame("waivers").select("rule_code", "table_name", "row_key", "reason"),
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _read_rows() -> pl.DataFrame:
    return Database.installed().frame("second_reads").filter(pl.col("method").cast(pl.String) == "independent_read")


def second_reads() -> pl.DataFrame:
    """Count the results read twice, those of phase 3 trials and all others apart."""
    phase = (
        Database.installed()
        .frame("trials")
        .select("trial_id", pl.col("phase").cast(pl.String).is_in(_PHASE_3).alias("late"))
    )
    rows = []
    for table, key in _RESULTS.items():
        read = _read_rows().filter(pl.col("table_name") == table)["row_key"].implode()
        frame = (
            Database.installed()
            .frame(table)
            .join(phase, on="trial_id")
            .with_columns(pl.col(key).is_in(read).alias("read"))
        )
        for name, part in (("phase 3", frame.filter("late")), ("other", frame.filter(~pl.col("late")))):
            twice = int(part["read"].sum())
            rows.append((table, name, part.height, twice, _percent(twice, part.height)))
    return pl.DataFrame(rows, schema=["table", "trials", "rows", "read twice", "share"], orient="row")


def corrections() -> pl.DataFrame:
    """Count what second reads found, with the 95 percent interval of the share corrected."""
    rows = []
    for table in _RESULTS:
        found = _read_rows().filter(pl.col("table_name") == table)
        results = [
            found.filter(pl.col("result").cast(pl.String) == r).height
            for r in ("agreed", "corrected", "source_conflict")
        ]
        low, high = wilson(results[1], found.height) if found.height else (0.0, 100.0)
        share = _percent(results[1], found.height)
        rows.append((table, found.height, *results, share, f"{low:.1f} to {high:.1f} %"))
    names = ["table", "read twice", "agreed", "corrected", "sources differ", "share corrected", "95 % interval"]
    return pl.DataFrame(rows, schema=names, orient="row")


def corrected_fields() -> pl.DataFrame:
    """Count the corrections by field."""
    fields = _read_rows().select("table_name", pl.col("fields_corrected").str.split("; ").alias("field"))
    return (
        fields.explode("field")
        .drop_nulls("field")
        .group_by("table_name", "field")
        .len("corrections")
        .sort("table_name", "field")
    )


def source_levels() -> pl.DataFrame:
    """Give the share of rows by what was opened, table by table."""
    rows = []
    for table in _SOURCED:
        levels = Database.installed().frame(table)["source_level"].cast(pl.String)
        rows.append((table, len(levels), *(_percent(int((levels == x).sum()), len(levels)) for x in _LEVELS)))
    return pl.DataFrame(rows, schema=["table", "rows", *_LEVELS], orient="row")


def intervals() -> pl.DataFrame:
    """Count the effects with an estimate, and with its interval."""
    effects = Database.installed().frame("effects")
    estimates = int(effects["estimate"].is_not_null().sum())
    both = effects.filter(pl.col("estimate").is_not_null() & pl.col("ci_low").is_not_null()).height
    rows = [("with an estimate", estimates, effects.height), ("with estimate and interval", both, effects.height)]
    return pl.DataFrame([(n, a, _percent(a, b)) for n, a, b in rows], schema=["effects", "rows", "share"], orient="row")


def standing() -> pl.DataFrame:
    """Count the citations by standing."""
    citations = Database.installed().frame("citations").with_columns(pl.col("publication_status").cast(pl.String))
    return (
        citations.group_by("publication_status")
        .agg(pl.len().alias("citations"), pl.col("superseded_by").is_not_null().sum().alias("superseded"))
        .sort("publication_status")
    )


def identifiers() -> pl.DataFrame:
    """Count the articles that have a PMID, a DOI, either."""
    articles = Database.installed().frame("citations").filter(pl.col("citation_type").cast(pl.String) == "article")
    pmid, doi = articles["pmid"].is_not_null(), articles["doi"].is_not_null()
    counts = (("PMID", pmid), ("DOI", doi), ("PMID or DOI", pmid | doi))
    rows = [(name, int(has.sum()), _percent(int(has.sum()), articles.height)) for name, has in counts]
    return pl.DataFrame(rows, schema=["identifier", "articles", "share"], orient="row")


def markdown() -> str:
    """Write the report as Markdown."""
    parts = [
        "# Quality\n\nCounted from the tables by `luminaldb quality --markdown`; CI refuses a copy that differs. "
        "A second read is made from the source without sight of the row."
    ]
    for title, frame in sections().items():
        parts.append(f"## {title}\n\n{_table(frame)}" if frame.height else f"## {title}\n\nNone.")
    return "\n\n".join(parts) + "\n"


def _table(frame: pl.DataFrame) -> str:
    lines = ["| " + " | ".join(frame.columns) + " |", "|" + "---|" * frame.width]
    lines += ["| " + " | ".join(str(v).replace("|", "\\|") for v in row) + " |" for row in frame.iter_rows()]
    return "\n".join(lines)
