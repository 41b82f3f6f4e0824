"""The page of a trial: design, arms, analyses in time, results with their intervals, what changed between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ...labels import words
from ...results_table import NAME as FLAT
from ..cells import Cell, Fact, Page, Part, Section, external_link, text
from ..columns import endpoint
from ..evidence import Evidence, Row
from ..page_kinds import BY_TABLE, address, trial_rows_address
from ..retired_pages import RetiredAddress, withdrawn_section
from ..sections import SectionBuilder, section_builder
from ..summary import summary
from .shared_sections import claims_about, drop_empty

_HEADLINES = 8
_TITLES = {"effects": "Results between arms", "outcomes": "Results by arm", "adverse_events": "Adverse events"}
_INTROS = {"effects": "All analyses. Left of the line (below 1) events are rarer with the experimental arm."}
# Rows of a table that has a page of its own which the trial's page shows all the same.
_SHOWN = 16
_ORDER = ("interim", "primary", "final", "updated", "exploratory")


def trial_page(evidence: Evidence, row: Row, withdrawn: Sequence[RetiredAddress]) -> Page:
    """Make the page of one trial; `withdrawn` are all retired ids."""
    key = row["trial_id"]
    kind = BY_TABLE["trials"]
    effects, outcomes, events = (_rows(evidence, table, key) for table in _TITLES)
    builder = section_builder(evidence, effects)

    def results(table: str, rows: Sequence[Row]) -> Section | None:
        own = table in evidence.separate_pages.get(key, ())
        shown = sorted(rows, key=_most_frequent) if own and table == "adverse_events" else rows
        return builder.section(
            table, _TITLES[table], table, shown, without=["trial_id"], intro=_INTROS.get(table, ""),
            most=_SHOWN if own else 0, more=trial_rows_address(evidence, table, key), where="on a page of their own",
        )  # fmt: skip

    return Page(
        kind.name,
        key,
        address(kind, key),
        row["acronym"],
        row["title"],
        _page_facts(builder, row),
        drop_empty(
            results("effects", effects),
            results("outcomes", outcomes),
            results("adverse_events", events),
            builder.section("arms", "Arms", "arms", evidence["arms"].where("trial_id", key), without=["trial_id"]),
            builder.section("populations", "Populations", "populations", evidence["populations"].where("trial_id", key),
                          without=["trial_id"]),
            withdrawn_section(key, withdrawn),
            claims_about(builder, {"trial_id": {key}}),
            _sources(builder, [row, *effects, *outcomes, *events]),
        ),
        timeline=_timeline(builder, [*effects, *outcomes]),
        summary=summary(evidence, effects, title="Results at a glance", most=_HEADLINES, trial=key,
                        outcomes=outcomes,
                        note="The latest analysis of each endpoint in all patients, or in those the primary endpoint "
                        "is about; open a line of change for earlier ones."),
        actions=(("Compare with other trials", f"compare.html#trials={key}"),
                 ("These results as a table", f"browse/{FLAT}.html#trial_id={key}")) if effects or outcomes else (),
        without_results=() if effects or outcomes else _without_results(row, events),
    )  # fmt: skip


def rows_section(evidence: Evidence, trial: str, table: str) -> Section:
    """Return all rows of a trial in a table, for a page of their own."""
    rows = _rows(evidence, table, trial)
    builder = section_builder(evidence, rows if table == "effects" else ())
    section = builder.section(table, _TITLES[table], table, rows, without=["trial_id"], intro=_INTROS.get(table, ""))
    assert section is not None  # noqa: S101 - there are many rows
    return section


def _rows(evidence: Evidence, table: str, trial: str) -> list[Row]:
    rows = evidence[table].where("trial_id", trial)
    if table == "adverse_events":
        return sorted(rows, key=lambda r: (r["term"], r["grade"], r["arm_id"]))
    return sorted(rows, key=lambda r: _place(evidence, r))


def _most_frequent(row: Row) -> tuple[bool, float]:
    """Sort what is graded 3 or worse before the rest, each by the share of patients."""
    return row["grade"] != "3_plus", -float(row["percent"] or 0)


def _registry(row: Row) -> Cell:
    """Link a trial's record where its registry's address is known."""
    registry = row["registry_id"]
    place = {"NCT": "https://clinicaltrials.gov/study/{}", "ISRCTN": "https://www.isrctn.com/{}"}
    pattern = next((p for prefix, p in place.items() if registry.startswith(prefix)), "")
    return external_link(pattern.format(registry), registry) if pattern else text(registry)


def _status(row: Row) -> str:
    return f"{words(row['status'])}, as of {row['status_as_of']}" if row["status_as_of"] else words(row["status"])


def _without_results(row: Row, events: Sequence[Row]) -> Cell:
    """Say what is known of a trial that no result is entered of: its status, its record."""
    known = (
        f"Status of the trial: {_status(row)}." if row["status"] != "unknown" else "The trial's status is not known."
    )
    record = (Part("Its registry record may have news:"), *_registry(row)) if row["registry_id"] else ()
    return (*text(known), *record, *text("Side effects are entered, below." if events else ""))


def _page_facts(builder: SectionBuilder, row: Row) -> list[Fact]:
    patients = [words(row[c]) for c in ("menopausal_status",) if row[c]]
    receptors = [f"HR {words(row['hr_status'])}"] if row["hr_status"] else []
    receptors += [f"HER2 {words(row['her2_status'])}"] if row["her2_status"] else []
    line = f", line: {words(row['line'])}" if row["line"] not in ("", "na") else ""
    return [
        Fact("Registry", _registry(row)),
        Fact("Other registrations", text(row["other_registry_ids"])),
        Fact("Phase", text(words(row["phase"]))),
        Fact("Design", text(f"{words(row['design'])}, {words(row['masking'])}" if row["masking"] else row["design"])),
        Fact("Setting", text(f"{words(row['setting'])}{line}")),
        Fact("Tumours", text(", ".join(receptors))),
        Fact("Menopause", text(", ".join(patients))),
        Fact("Patients", text(row["n_enrolled"])),
        Fact("Began", text(row["start_year"])),
        Fact("Completed", text(row["completed_year"])),
        Fact("Status", text(_status(row))),
        Fact("Sponsor", text(words(row["sponsor_type"]))),
        Fact("Primary endpoint", _endpoint_name(builder.evidence, row["primary_endpoint_id"])),
        Fact("Source of these", builder.source(row)),
        Fact("Note", text(row["note"])),
    ]  # fmt: skip


def _endpoint_name(evidence: Evidence, key: str) -> Cell:
    return text(evidence["endpoints"].row(key)["name"]) if key else ()


def _year(evidence: Evidence, row: Row) -> str:
    return evidence["citations"].row(row["citation_id"])["year"]


def _place(evidence: Evidence, row: Row) -> tuple[str, ...]:
    primary = "0" if row.get("is_primary_endpoint") == "true" else "1"
    analysis_set = evidence["populations"].row(row["population_id"])["analysis_set"]
    whole = "0" if analysis_set == "itt" else "1"
    when = str(_ORDER.index(row["analysis"])) if row["analysis"] in _ORDER else "9"
    return (primary, row["endpoint_id"], whole, row["population_id"], _year(evidence, row), when)


def _timeline(builder: SectionBuilder, rows: Sequence[Row]) -> list[tuple[str, Sequence[Cell]]]:
    """Return the analyses by the year they were reported in: each year, what was analysed, by which source."""
    evidence = builder.evidence
    result: dict[tuple[str, str, str, str], dict[str, Part]] = defaultdict(dict)
    for row in rows:
        follow = row.get("median_follow_up_months", "")
        when = (_year(evidence, row) or "year not known", row["citation_id"], row["analysis"], "")
        result[when][row["endpoint_id"]] = endpoint(evidence, row["endpoint_id"])
        if follow:
            result[when][f"~{follow}"] = Part(f"{follow} months of follow-up")
    years: dict[str, list[Cell]] = defaultdict(list)
    order = sorted(result, key=lambda w: (w[0], _ORDER.index(w[2]) if w[2] in _ORDER else len(_ORDER), w[1]))
    for when in order:
        year, citation, analysis, _ = when
        shown = [part for name, part in sorted(result[when].items()) if not name.startswith("~")]
        follow_up = [part.text for name, part in sorted(result[when].items()) if name.startswith("~")]
        names = ", ".join(part.text for part in shown)
        label = f"{words(analysis)} analysis: {names}"
        if follow_up:
            label += f"; {follow_up[-1]}"
        years[year].append((Part(f"{label} ·"), *builder.source({"citation_id": citation})))
    return [(year, cells) for year, cells in sorted(years.items())]


def _sources(builder: SectionBuilder, rows: Sequence[Row]) -> Section | None:
    keys = sorted({r["citation_id"] for r in rows if r["citation_id"]})
    citations = [builder.evidence["citations"].row(k) for k in keys]
    return builder.section("sources", "Sources", "citations", sorted(citations, key=lambda r: (r["year"], r["title"])))
