"""The page of a trial: design, arms, analyses in time, results with their intervals, what changed between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ...labels import code_in_words
from ...results_table import RESULTS_TABLE
from ..cells import Cell, LabelledValue, Page, Section, TextPart, external_link, text
from ..columns import endpoint
from ..evidence import Evidence, Row
from ..page_kinds import KIND_BY_TABLE, page_address, trial_rows_address
from ..retired_pages import RetiredAddress, make_withdrawn_section
from ..sections import SectionBuilder, section_builder
from ..summary import make_summary
from .shared_sections import make_claims_section, without_empty_sections

_MAX_HEADLINES = 8
_TITLES = {"effects": "Results between arms", "outcomes": "Results by arm", "adverse_events": "Adverse events"}
_INTROS = {"effects": "All analyses. Left of the line (below 1) events are rarer with the experimental arm."}
# How many rows of a table that has a page of its own the trial's page shows all the same.
_MAX_ROWS_BESIDE_PAGE = 16
_ORDER = ("interim", "primary", "final", "updated", "exploratory")


def trial_page(evidence: Evidence, row: Row, withdrawn: Sequence[RetiredAddress]) -> Page:
    """Make the page of one trial; `withdrawn` are all retired ids."""
    key = row["trial_id"]
    kind = KIND_BY_TABLE["trials"]
    effects, outcomes, events = (_rows(evidence, table, key) for table in _TITLES)
    builder = section_builder(evidence, effects)

    def results(table: str, rows: Sequence[Row]) -> Section | None:
        has_own_page = table in evidence.separate_pages.get(key, ())
        rows_in_order = sorted(rows, key=_most_frequent) if has_own_page and table == "adverse_events" else rows
        return builder.section(
            table, _TITLES[table], table, rows_in_order, without_columns=["trial_id"], intro=_INTROS.get(table, ""),
            max_rows=_MAX_ROWS_BESIDE_PAGE if has_own_page else 0,
            all_rows_address=trial_rows_address(evidence, table, key), all_rows_text="on a page of their own",
        )  # fmt: skip

    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["acronym"],
        row["title"],
        _labelled_values(builder, row),
        without_empty_sections(
            results("effects", effects),
            results("outcomes", outcomes),
            results("adverse_events", events),
            builder.section("arms", "Arms", "arms", evidence["arms"].where("trial_id", key),
                            without_columns=["trial_id"]),
            builder.section("populations", "Populations", "populations", evidence["populations"].where("trial_id", key),
                          without_columns=["trial_id"]),
            make_withdrawn_section(key, withdrawn),
            make_claims_section(builder, {"trial_id": {key}}),
            _sources(builder, [row, *effects, *outcomes, *events]),
        ),
        timeline=_timeline(builder, [*effects, *outcomes]),
        summary=make_summary(evidence, effects, title="Results at a glance", max_lines=_MAX_HEADLINES, trial=key,
                        outcomes=outcomes,
                        note="The latest analysis of each endpoint in all patients, or in those the primary endpoint "
                        "is about; open a line of change for earlier ones."),
        actions=(("Compare with other trials", f"compare.html#trials={key}"),
                 ("These results as a table", f"browse/{RESULTS_TABLE}.html#trial_id={key}"))
                if effects or outcomes else (),
        without_results=() if effects or outcomes else _without_results(row, events),
    )  # fmt: skip


def make_rows_section(evidence: Evidence, trial: str, table: str) -> Section:
    """Return all rows of a trial in a table, for a page of their own."""
    rows = _rows(evidence, table, trial)
    builder = section_builder(evidence, rows if table == "effects" else ())
    section = builder.section(
        table, _TITLES[table], table, rows, without_columns=["trial_id"], intro=_INTROS.get(table, "")
    )
    assert section is not None  # noqa: S101 - there are many rows
    return section


def _rows(evidence: Evidence, table: str, trial: str) -> list[Row]:
    rows = evidence[table].where("trial_id", trial)
    if table == "adverse_events":
        return sorted(rows, key=lambda r: (r["term"], r["grade"], r["arm_id"]))
    return sorted(rows, key=lambda r: _result_order(evidence, r))


def _most_frequent(row: Row) -> tuple[bool, float]:
    """Sort what is graded 3 or worse before the rest, each by the share of patients."""
    return row["grade"] != "3_plus", -float(row["percent"] or 0)


def _registry(row: Row) -> Cell:
    """Link a trial's record where its registry's address is known."""
    registry = row["registry_id"]
    patterns = {"NCT": "https://clinicaltrials.gov/study/{}", "ISRCTN": "https://www.isrctn.com/{}"}
    pattern = next((p for prefix, p in patterns.items() if registry.startswith(prefix)), "")
    return external_link(pattern.format(registry), registry) if pattern else text(registry)


def _status(row: Row) -> str:
    return (
        f"{code_in_words(row['status'])}, as of {row['status_as_of']}"
        if row["status_as_of"]
        else code_in_words(row["status"])
    )


def _without_results(row: Row, events: Sequence[Row]) -> Cell:
    """Say what is known of a trial that no result is entered of: its status, its record."""
    status_text = (
        f"Status of the trial: {_status(row)}." if row["status"] != "unknown" else "The trial's status is not known."
    )
    record = (TextPart("Its registry record may have news:"), *_registry(row)) if row["registry_id"] else ()
    return (*text(status_text), *record, *text("Side effects are entered, below." if events else ""))


def _labelled_values(builder: SectionBuilder, row: Row) -> list[LabelledValue]:
    patients = [code_in_words(row[c]) for c in ("menopausal_status",) if row[c]]
    receptors = [f"HR {code_in_words(row['hr_status'])}"] if row["hr_status"] else []
    receptors += [f"HER2 {code_in_words(row['her2_status'])}"] if row["her2_status"] else []
    line = f", line: {code_in_words(row['line'])}" if row["line"] not in ("", "na") else ""
    design = f"{code_in_words(row['design'])}, {code_in_words(row['masking'])}" if row["masking"] else row["design"]
    return [
        LabelledValue("Registry", _registry(row)),
        LabelledValue("Other registrations", text(row["other_registry_ids"])),
        LabelledValue("Phase", text(code_in_words(row["phase"]))),
        LabelledValue("Design", text(design)),
        LabelledValue("Setting", text(f"{code_in_words(row['setting'])}{line}")),
        LabelledValue("Tumours", text(", ".join(receptors))),
        LabelledValue("Menopause", text(", ".join(patients))),
        LabelledValue("Patients", text(row["n_enrolled"])),
        LabelledValue("Began", text(row["start_year"])),
        LabelledValue("Completed", text(row["completed_year"])),
        LabelledValue("Status", text(_status(row))),
        LabelledValue("Sponsor", text(code_in_words(row["sponsor_type"]))),
        LabelledValue("Primary endpoint", _endpoint_name(builder.evidence, row["primary_endpoint_id"])),
        LabelledValue("Source of these", builder.source(row)),
        LabelledValue("Note", text(row["note"])),
    ]  # fmt: skip


def _endpoint_name(evidence: Evidence, key: str) -> Cell:
    return text(evidence["endpoints"].row(key)["name"]) if key else ()


def _year(evidence: Evidence, row: Row) -> str:
    return evidence["citations"].row(row["citation_id"])["year"]


def _result_order(evidence: Evidence, row: Row) -> tuple[str, ...]:
    primary_first = "0" if row.get("is_primary_endpoint") == "true" else "1"
    analysis_set = evidence["populations"].row(row["population_id"])["analysis_set"]
    population_order = "0" if analysis_set == "itt" else "1"
    analysis_order = str(_ORDER.index(row["analysis"])) if row["analysis"] in _ORDER else "9"
    return (
        primary_first,
        row["endpoint_id"],
        population_order,
        row["population_id"],
        _year(evidence, row),
        analysis_order,
    )


def _timeline(builder: SectionBuilder, rows: Sequence[Row]) -> list[tuple[str, Sequence[Cell]]]:
    """Return the analyses by the year they were reported in: each year, what was analysed, by which source."""
    evidence = builder.evidence
    result: dict[tuple[str, str, str, str], dict[str, TextPart]] = defaultdict(dict)
    for row in rows:
        follow = row.get("median_follow_up_months", "")
        analysis_key = (_year(evidence, row) or "year not known", row["citation_id"], row["analysis"], "")
        result[analysis_key][row["endpoint_id"]] = endpoint(evidence, row["endpoint_id"])
        if follow:
            result[analysis_key][f"~{follow}"] = TextPart(f"{follow} months of follow-up")
    years: dict[str, list[Cell]] = defaultdict(list)
    order = sorted(result, key=lambda w: (w[0], _ORDER.index(w[2]) if w[2] in _ORDER else len(_ORDER), w[1]))
    for analysis_key in order:
        year, citation, analysis, _ = analysis_key
        endpoints = [text_part for name, text_part in sorted(result[analysis_key].items()) if not name.startswith("~")]
        follow_up = [text_part.text for name, text_part in sorted(result[analysis_key].items()) if name.startswith("~")]
        names = ", ".join(text_part.text for text_part in endpoints)
        label = f"{code_in_words(analysis)} analysis: {names}"
        if follow_up:
            label += f"; {follow_up[-1]}"
        years[year].append((TextPart(f"{label} ·"), *builder.source({"citation_id": citation})))
    return [(year, cells) for year, cells in sorted(years.items())]


def _sources(builder: SectionBuilder, rows: Sequence[Row]) -> Section | None:
    keys = sorted({r["citation_id"] for r in rows if r["citation_id"]})
    citations = [builder.evidence["citations"].row(k) for k in keys]
    return builder.section("sources", "Sources", "citations", sorted(citations, key=lambda r: (r["year"], r["title"])))
