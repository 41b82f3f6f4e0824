"""Pages of mechanisms and genes."""

from __future__ import annotations

from ...labels import code_in_words
from ..cells import LabelledValue, Page, Section, external_link, text
from ..evidence import Evidence, Row
from ..page_kinds import KIND_BY_TABLE, page_address
from ..sections import SectionBuilder, section_builder
from .biomarker import biomarker_address, biomarkers_of_genes
from .shared_sections import MAX_ROWS, make_claims_section, sort_newest_first, without_empty_sections

_ONSETS = {"intrinsic": "before therapy", "acquired": "under therapy", "both": "before and under therapy"}
_GENE_LINKS = {
    "gene_id": ("HGNC", "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/{}"),
    "ensembl_gene_id": ("Ensembl", "https://www.ensembl.org/id/{}"),
    "ncbi_gene_id": ("NCBI Gene", "https://www.ncbi.nlm.nih.gov/gene/{}"),
    "uniprot_id": ("UniProt", "https://www.uniprot.org/uniprotkb/{}"),
}


def mechanism_page(evidence: Evidence, row: Row) -> Page:
    """Make the page of one mechanism: its genes, the evidence for it, the interactions it works by."""
    key = row["mechanism_id"]
    builder = section_builder(evidence, ())
    evidence_rows = evidence["mechanism_evidence"].where("mechanism_id", key)
    onset = _ONSETS.get(row["onset"], code_in_words(row["onset"]))
    kind = KIND_BY_TABLE["mechanisms"]
    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["name"],
        row["summary"],
        [LabelledValue("Category", text(code_in_words(row["category"]))), LabelledValue("Onset", text(onset))],
        without_empty_sections(
            builder.section("genes", "Genes", "mechanism_genes", evidence["mechanism_genes"].where("mechanism_id", key),
                            without_columns=["mechanism_id"]),
            builder.section("evidence", "Evidence", "mechanism_evidence",
                            sorted(evidence_rows, key=lambda r: r["evidence_level"]), without_columns=["mechanism_id"],
                            intro="Levels after CIViC: A validated, B clinical, C case, D preclinical, E inferential."),
            builder.section("interactions", "Interactions", "interactions",
                            evidence["interactions"].where("mechanism_id", key), without_columns=["mechanism_id"]),
            _trials_of(builder, {g["gene_id"] for g in evidence["mechanism_genes"].where("mechanism_id", key)}),
            make_claims_section(builder, {"mechanism_id": {key}}),
        ),
        actions=tuple((f"Biomarker: {b.name}", biomarker_address(b)) for b in biomarkers_of_genes(evidence, {
            g["gene_id"] for g in evidence["mechanism_genes"].where("mechanism_id", key)})),
    )  # fmt: skip


def _trials_of(builder: SectionBuilder, genes: set[str]) -> Section | None:
    """List the trials whose populations are defined by some genes."""
    evidence = builder.evidence
    populations = [r for r in evidence["populations"].rows if r["biomarker_gene_id"] in genes]
    trials = dict.fromkeys(r["trial_id"] for r in populations)
    return builder.section(
        "trials", "Trials whose populations are defined by its genes", "trials",
        sort_newest_first([evidence["trials"].row(t) for t in trials]), max_rows=MAX_ROWS,
        all_rows_address="trials/index.html",
    )  # fmt: skip


def gene_page(evidence: Evidence, row: Row) -> Page:
    """Make the page of one gene: what targets it, which mechanisms it has part in, what it does to others."""
    key = row["gene_id"]
    population_ids = {r["population_id"] for r in evidence["populations"].where("biomarker_gene_id", key)}
    effects = [
        r
        for r in evidence["effects"].rows
        if r["population_id"] in population_ids and r["effect_id"] in evidence.latest
    ]
    builder = section_builder(evidence, effects)
    kind = KIND_BY_TABLE["genes"]
    links = [
        LabelledValue(name, external_link(pattern.format(row[column]), row[column]))
        for column, (name, pattern) in _GENE_LINKS.items()
        if row[column]
    ]
    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["symbol"],
        row["name"],
        links,
        without_empty_sections(
            builder.section("targets", "Therapies that target it", "therapy_targets",
                            evidence["therapy_targets"].where("gene_id", key), without_columns=["gene_id"]),
            builder.section("mechanisms", "Mechanisms", "mechanism_genes",
                            evidence["mechanism_genes"].where("gene_id", key), without_columns=["gene_id"]),
            builder.section("out", "What it does to others", "interactions",
                            evidence["interactions"].where("source_gene_id", key)),
            builder.section("in", "What others do to it", "interactions",
                            evidence["interactions"].where("target_gene_id", key)),
            builder.section("effects", "Latest results in populations defined by it", "effects", effects,
                            max_rows=MAX_ROWS, all_rows_address="browse/trial_results.html"),
            _trials_of(builder, {key}),
            make_claims_section(builder, {"gene_id": {key}}),
        ),
        actions=tuple((f"Biomarker: {b.name}", biomarker_address(b)) for b in biomarkers_of_genes(evidence, {key})),
    )  # fmt: skip
