"""Count the quality of the tables from the tables themselves: docs/quality.md is this report."""

from __future__ import annotations

import math
from statistics import NormalDist

import polars as pl

from luminaldb.loaders.database import Database

RESULTS = {"effects": "effect_id", "outcomes": "outcome_id", "adverse_events": "adverse_event_id"}
_TABLES_WITH_PRINTED_NUMBERS = {**RESULTS, "approvals": "approval_id", "regulatory_events": "event_id"}
_TABLES_WITH_SOURCE_LEVEL = (
    "effects", "outcomes", "adverse_events", "approvals", "therapy_targets", "mechanism_genes", "mechanism_evidence",
    "interactions", "claims",
)  # fmt: skip
_SOURCE_LEVELS = ("full_text", "abstract", "registry", "label", "secondary")
_PHASE_3 = ("2/3", "3")


def wilson_interval(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Return the confidence interval of a share, in percent.

    Source of the formula: Wilson EB, J Am Stat Assoc 1927;22:209-212 (the score interval).

    Args:
        count: the numerator of the share.
        total: its denominator, above zero.
        level: of the interval, between 0 and 1.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = count / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 100 / (1 + z * z / total)
    return max(0.0, (middle - half) * scale), min(100.0, (middle + half) * scale)


def sections(database: Database | None = None) -> dict[str, pl.DataFrame]:
    """Return the report's tables by title.

    Args:
        database: the tables to count; the installed ones where omitted.

    Raises:
        UnknownTableError: the database lacks a table that every release has.
    """
    database = database or Database.installed()
    # Releases before 3.0 lack these tables.
    copies, reviews = {}, {}
    if "printed_numbers" in database.tables:
        copies = {"Rows whose numbers were copied from their source": printed_numbers(database)}
    if "review_trials" in database.tables:
        reviews = {"Coverage by question": coverage(database)}
    return {
        "Rows": _rows(database),
        "Second reads": second_reads(database),
        "Corrections found by second reads": corrections(database),
        "Corrections by field": corrected_fields(database),
        **copies,
        **reviews,
        "Source levels (percent of rows)": source_levels(database),
        "Effects with an interval": intervals(database),
        "Publication status of citations": publication_status_counts(database),
        "Identifiers of articles": identifiers(database),
        "Findings waived": _frame(database, "waivers").select("rule_code", "table_name", "row_key", "reason"),
    }


def _rows(database: Database) -> pl.DataFrame:
    rows = [
        (name, table, database.text(table).height) for name, p in database.packages.items() for table in p.table_names
    ]
    return pl.DataFrame(rows, schema=["package", "table", "rows"], orient="row")


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "-"


def _frame(database: Database | None, table: str) -> pl.DataFrame:
    return (database or Database.installed()).frame(table)


def _reads_of_cited_source(database: Database | None, table: str, key: str) -> pl.DataFrame:
    """Return the independent second reads of a table's rows, made from the source that the row now cites."""
    reads = _frame(database, "second_reads").filter(
        pl.col("table_name") == table, pl.col("method").cast(pl.String) == "independent_read"
    )
    rows = _frame(database, table).select(row_key=key, citation_id="citation_id")
    # The column citation_id of second_reads exists since 3.0.
    return reads.join(rows, on=["row_key", "citation_id"] if "citation_id" in reads.columns else "row_key")


def _without_digitized_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows computed from digitized curves: no source prints their numbers."""
    return frame.filter(pl.col("derived_from").is_null()) if "derived_from" in frame.columns else frame


def _results(database: Database | None, table: str, key: str) -> pl.DataFrame:
    """Return the results that a source prints, with `phase_3` (a phase 3 trial) and `read` (read twice)."""
    phase = pl.col("phase").cast(pl.String).is_in(_PHASE_3).alias("phase_3")
    phases = _frame(database, "trials").select("trial_id", phase)
    read_keys = _reads_of_cited_source(database, table, key)["row_key"].implode()
    return (
        _without_digitized_rows(_frame(database, table))
        .join(phases, on="trial_id")
        .with_columns(pl.col(key).is_in(read_keys).alias("read"))
    )


def results_without_second_read(database: Database, table: str, *, phase_3: bool) -> pl.DataFrame:
    """Return the results of a table without a valid second read.

    Args:
        database: the tables.
        table: effects, outcomes or adverse_events.
        phase_3: those of phase 3 trials; all others where false.
    """
    return _results(database, table, RESULTS[table]).filter(~pl.col("read") & (pl.col("phase_3") == phase_3))


def second_reads(database: Database | None = None) -> pl.DataFrame:
    """Count the results read twice from the source that the row cites, for phase 3 trials and for all others."""
    rows = []
    for table, key in RESULTS.items():
        frame = _results(database, table, key)
        for name, results in (("phase 3", frame.filter("phase_3")), ("other", frame.filter(~pl.col("phase_3")))):
            read_twice = int(results["read"].sum())
            rows.append((table, name, results.height, read_twice, _percent(read_twice, results.height)))
    return pl.DataFrame(rows, schema=["table", "trials", "rows", "read twice", "share"], orient="row")


def corrections(database: Database | None = None) -> pl.DataFrame:
    """Count what second reads found, with the 95 percent interval of the share corrected."""
    rows = []
    for table, key in RESULTS.items():
        read_results = _reads_of_cited_source(database, table, key)["result"].cast(pl.String)
        results = [int((read_results == r).sum()) for r in ("agreed", "corrected", "incomplete", "source_conflict")]
        low, high = wilson_interval(results[1], read_results.len()) if read_results.len() else (0.0, 100.0)
        rows.append(
            (
                table,
                read_results.len(),
                *results,
                _percent(results[1], read_results.len()),
                f"{low:.1f} to {high:.1f} %",
            )
        )
    names = [
        "table", "read twice", "agreed", "corrected", "incomplete", "sources differ", "share corrected",
        "95 % interval",
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def corrected_fields(database: Database | None = None) -> pl.DataFrame:
    """Count by field the cells that second reads corrected, and those that they filled."""
    frames = []
    for table, key in RESULTS.items():
        reads = _reads_of_cited_source(database, table, key)
        for name, column in (("corrected", "fields_corrected"), ("filled", "fields_added")):
            if column not in reads.columns:
                continue
            fields = reads.select(table=pl.lit(table), field=pl.col(column).str.split("; ")).explode("field")
            frames.append(fields.drop_nulls("field").with_columns(change=pl.lit(name)))
    fields_of_reads = pl.concat(frames)
    counts = [(pl.col("change") == name).sum().alias(name) for name in ("corrected", "filled")]
    return fields_of_reads.group_by("table", "field").agg(counts).sort("table", "field")


def printed_numbers(database: Database | None = None) -> pl.DataFrame:
    """Count the rows whose numbers were copied from their source, so that a program can compare them."""
    rows = []
    for table, key in _TABLES_WITH_PRINTED_NUMBERS.items():
        copies = _frame(database, "printed_numbers").filter(pl.col("table_name") == table)
        table_rows = _frame(database, table).select(row_key=key, citation_id="citation_id")
        copied_rows = table_rows.join(copies, on=["row_key", "citation_id"], how="semi").height
        rows.append((table, table_rows.height, copied_rows, _percent(copied_rows, table_rows.height)))
    return pl.DataFrame(rows, schema=["table", "rows", "copied", "share"], orient="row")


def coverage(database: Database | None = None) -> pl.DataFrame:
    """Count by question the trials that published reviews name, those entered, and the results that can be pooled.

    A pair of trial and endpoint is usable where `comparisons()` can use it: an effect with a standard error, or two
    arms with the numbers of patients and of events, or of patients and a percentage.
    """
    from luminaldb.analysis.usable_results import usable_pairs

    usable = usable_pairs(database or Database.installed())
    review_trials = _frame(database, "review_trials").with_columns(name=pl.coalesce("trial_id", "trial_printed"))
    rows = []
    questions = _frame(database, "review_questions").select("question_id", "name").iter_rows()
    for question, title in [*questions, (None, "all questions")]:
        trials_of_question = (
            review_trials if question is None else review_trials.filter(pl.col("question_id") == question)
        )
        trials = trials_of_question.select("name", "trial_id").unique()
        pairs = trials_of_question.select("name", "trial_id", "endpoint_id").unique()
        entered = int(trials["trial_id"].is_not_null().sum())
        pairs_usable = pairs.join(usable, on=["trial_id", "endpoint_id"], how="semi").height
        reviews = trials_of_question["citation_id"].n_unique()
        shares = (_percent(entered, trials.height), pairs.height, pairs_usable, _percent(pairs_usable, pairs.height))
        rows.append((title, reviews, trials.height, entered, *shares))
    names = [
        "question", "reviews", "trials named", "entered", "share entered", "trial-endpoint pairs", "usable",
        "share usable",
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def source_levels(database: Database | None = None) -> pl.DataFrame:
    """Return the share of rows by source level (what the curator read), for each table."""
    rows = []
    for table in _TABLES_WITH_SOURCE_LEVEL:
        levels = _frame(database, table)["source_level"].cast(pl.String)
        rows.append((table, len(levels), *(_percent(int((levels == x).sum()), len(levels)) for x in _SOURCE_LEVELS)))
    return pl.DataFrame(rows, schema=["table", "rows", *_SOURCE_LEVELS], orient="row")


def intervals(database: Database | None = None) -> pl.DataFrame:
    """Count the effects with an estimate, and with its interval."""
    effects = _frame(database, "effects")
    estimates = int(effects["estimate"].is_not_null().sum())
    with_interval = effects.filter(pl.col("estimate").is_not_null() & pl.col("ci_low").is_not_null()).height
    rows = [
        ("with an estimate", estimates, effects.height),
        ("with estimate and interval", with_interval, effects.height),
    ]
    return pl.DataFrame([(n, a, _percent(a, b)) for n, a, b in rows], schema=["effects", "rows", "share"], orient="row")


def publication_status_counts(database: Database | None = None) -> pl.DataFrame:
    """Count the citations by publication status: unchanged, corrected, retracted and so on."""
    citations = _frame(database, "citations").with_columns(pl.col("publication_status").cast(pl.String))
    return (
        citations.group_by("publication_status")
        .agg(pl.len().alias("citations"), pl.col("superseded_by").is_not_null().sum().alias("superseded"))
        .sort("publication_status")
    )


def identifiers(database: Database | None = None) -> pl.DataFrame:
    """Count the articles with a PMID, with a DOI, and with either."""
    articles = _frame(database, "citations").filter(pl.col("citation_type").cast(pl.String) == "article")
    pmid, doi = articles["pmid"].is_not_null(), articles["doi"].is_not_null()
    counts = (("PMID", pmid), ("DOI", doi), ("PMID or DOI", pmid | doi))
    rows = [
        (name, int(has_identifier.sum()), _percent(int(has_identifier.sum()), articles.height))
        for name, has_identifier in counts
    ]
    return pl.DataFrame(rows, schema=["identifier", "articles", "share"], orient="row")


def markdown(database: Database | None = None) -> str:
    """Write the report as Markdown."""
    parts = [
        "# Quality\n\nCounted from the tables by `luminaldb quality --markdown`; CI fails if this copy differs. "
        "A second read is made from the source without seeing the row. It counts only if the row still cites that "
        "source. The numbers that were copied from a source are compared with the row (LDB612). Coverage counts the "
        "trials that published reviews of a question name."
    ]
    for title, frame in sections(database).items():
        parts.append(f"## {title}\n\n{_table(frame)}" if frame.height else f"## {title}\n\nNone.")
    return "\n\n".join(parts) + "\n"


def _table(frame: pl.DataFrame) -> str:
    lines = ["| " + " | ".join(frame.columns) + " |", "|" + "---|" * frame.width]
    lines += ["| " + " | ".join(str(v).replace("|", "\\|") for v in row) + " |" for row in frame.iter_rows()]
    return "\n".join(lines)
