"""Which columns a page shows of each table, and their headings; a name with = is made by `columns.MAKERS`."""

from __future__ import annotations

TITLES = {
    "=own": "Name",
    "=source": "Source",
    "=second_read": "Second read",
    "=comparison": "Comparison",
    "=effect": "Result",
    "=drawing": "Drawn, log scale",
    "=outcome": "Result",
    "=counts": "Events of patients",
    "=percent": "Patients with it",
    "=of": "Therapy or class",
    "=subject": "Subject",
    "=significance": "Shows",
    "=analysis": "Analysis",
    "=p": "P",
    "=crossover": "Crossed over",
    "=term": "Term",
    "event_on": "On",
    "=follow_up": "Follow-up",
    "=registry": "Identifier",
    "=doses": "Therapies",
    "=standing": "Publication status",
    "n": "Patients",
    "n_assigned": "Assigned",
    "n_enrolled": "Patients",
    "evidence_level": "Level",
    "source_gene_id": "From",
    "target_gene_id": "To",
    "interaction_type": "Does",
}
COLUMNS: dict[str, tuple[str, ...]] = {
    "effects": (
        "trial_id", "endpoint_id", "population_id", "=comparison", "=analysis", "=effect", "=drawing", "=p",
        "=counts", "=follow_up", "=second_read", "=source", "note",
    ),
    "outcomes": (
        "trial_id", "arm_id", "endpoint_id", "population_id", "=analysis", "=outcome", "=counts", "=follow_up",
        "=second_read", "=source", "note",
    ),
    "adverse_events": (
        "trial_id", "=term", "grade", "attribution", "arm_id", "=percent", "=counts", "=source", "note",
    ),
    "arms": ("label", "trial_id", "role", "n_assigned", "=doses", "=crossover"),
    "populations": (
        "name", "trial_id", "analysis_set", "hr_status", "her2_status", "menopausal_status", "biomarker",
        "biomarker_gene_id", "biomarker_alteration", "n",
    ),
    "trials": ("=own", "title", "phase", "setting", "line", "design", "n_enrolled", "start_year", "status"),
    "therapies": ("=own", "class_id", "modality", "route", "mechanism_of_action", "development_status", "=source"),
    "therapy_classes": ("=own", "definition"),
    "therapy_names": ("name", "therapy_id", "name_type", "=source"),
    "therapy_identifiers": ("therapy_id", "registry", "=registry", "=source"),
    "therapy_targets": ("therapy_id", "gene_id", "action", "=source"),
    "approvals": ("therapy_id", "agency", "approved_on", "status", "setting", "indication", "=source"),
    "regulatory_events": ("therapy_id", "agency", "event", "event_on", "indication", "trial_id", "=source", "note"),
    "mechanisms": ("=own", "category", "onset", "summary"),
    "mechanism_genes": ("mechanism_id", "gene_id", "alteration", "=source"),
    "mechanism_evidence": (
        "mechanism_id", "=of", "=significance", "evidence_level", "disease_context", "statement", "=source",
    ),
    "interactions": (
        "source_gene_id", "interaction_type", "target_gene_id", "crosstalk", "mechanism_id", "description", "=source",
    ),
    "claims": (
        "=own", "claim_type", "certainty", "disease_context", "issuing_body", "guideline_topic", "line", "as_of_year",
        "=source",
    ),
    "claim_subjects": ("=subject", "stance"),
    "citations": ("=own", "title", "journal", "year", "citation_type", "=standing"),
    "genes": ("=own", "name"),
    "waivers": ("rule_code", "table_name", "row_key", "reason", "=source"),
}  # fmt: skip
