"""Pages of biomarkers: results in patients who have one, mechanisms of its genes, approvals and claims that name it."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.loaders.biomarkers import BIOMARKERS, Biomarker, population_biomarkers

from ..cells import LabelledValue, Page, text
from ..evidence import Evidence
from ..page_kinds import KIND_BY_TABLE, page_address
from ..sections import section_builder
from ..summary import make_summary
from ..summary_parts import Link
from .shared_sections import MAX_ROWS, is_randomised, make_claims_section, without_empty_sections

_MAX_HEADLINES = 12


def biomarker_address(marker: Biomarker) -> str:
    """Return the address of the page of a biomarker."""
    return f"biomarkers/{marker.key}.html"


def biomarkers_of_genes(evidence: Evidence, genes: set[str]) -> Iterator[Biomarker]:
    """Yield the biomarkers of some genes."""
    symbols = {evidence["genes"].row(g)["symbol"] for g in genes}
    yield from (b for b in BIOMARKERS if symbols & set(b.genes))


def biomarker_page(evidence: Evidence, marker: Biomarker) -> Page:
    """Make the page of one biomarker."""
    populations = {
        r["population_id"]
        for r in evidence["populations"].rows
        if marker.key in population_biomarkers(r["name"], r["biomarker"], r["her2_status"])
    }
    effects = [r for r in evidence["effects"].rows if r["population_id"] in populations]
    latest = [r for r in effects if r["effect_id"] in evidence.latest]
    genes = {g["gene_id"] for symbol in marker.genes for g in evidence["genes"].where("symbol", symbol)}
    mechanism_ids = {r["mechanism_id"] for r in evidence["mechanism_genes"].rows if r["gene_id"] in genes}
    mechanisms = [m for m in evidence["mechanisms"].rows if m["mechanism_id"] in mechanism_ids]
    approvals = [r for r in evidence["approvals"].rows if marker.describes(r["indication"])]
    claims = {
        r["claim_id"] for r in evidence["claims"].rows if marker.describes(f"{r['statement']} {r['guideline_topic']}")
    }
    builder = section_builder(evidence, latest)
    table = f"browse/trial_results.html#biomarker={marker.name}"
    kind = KIND_BY_TABLE["genes"]
    return Page(
        "biomarker",
        marker.key,
        biomarker_address(marker),
        marker.name,
        "What is known of populations defined by it: results of trials, how tumours escape, what is approved, what "
        "guidelines say.",
        [
            LabelledValue("Genes", tuple(builder.link("genes", g) for g in sorted(genes))),
            LabelledValue("Also called", text(", ".join(marker.names))),
            LabelledValue("Populations in trials", text(str(len(populations)))),
        ],
        without_empty_sections(
            builder.section("effects", "Latest results in patients with it", "effects",
                            sorted(latest, key=lambda r: (r["trial_id"], r["endpoint_id"])), max_rows=2 * MAX_ROWS,
                            all_rows_address=table),
            builder.section("approvals", "Approvals that name it", "approvals",
                            sorted(approvals, key=lambda r: r["approved_on"], reverse=True)),
            make_claims_section(builder, {}, "Guidance and claims that name it", more_claim_ids=claims),
            builder.section("mechanisms", "Mechanisms of resistance and sensitivity", "mechanisms", mechanisms),
            builder.section("mechanism_evidence", "Evidence for these mechanisms", "mechanism_evidence",
                            sorted((r for r in evidence["mechanism_evidence"].rows
                                    if r["mechanism_id"] in mechanism_ids),
                                 key=lambda r: r["evidence_level"]), max_rows=MAX_ROWS,
                            all_rows_address="browse/mechanism_evidence.html"),
            builder.section("populations", "Populations with it", "populations",
                            (evidence["populations"].row(p) for p in sorted(populations)), max_rows=2 * MAX_ROWS,
                            all_rows_address="browse/populations.html"),
        ),
        summary=make_summary(
            evidence, [e for e in effects if is_randomised(e)], title=f"What works in {marker.name} disease",
            max_lines=_MAX_HEADLINES, main_populations_only=False,
            note="The latest randomised results in patients with it, largest phase 3 trials first.",
            all_results=Link("All of them as a table: filter, pool, download", table),
        ),
        actions=tuple((evidence["genes"].row(g)["symbol"], page_address(kind, g)) for g in sorted(genes)),
    )  # fmt: skip
