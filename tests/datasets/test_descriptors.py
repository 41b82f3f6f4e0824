"""Policy of the descriptors: what each must say, and that the world's clients accept them."""

from __future__ import annotations

import json
import re
from typing import Any

import frictionless
import polars as pl
import pytest
from helpers import REPOSITORY

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.loaders.datapackage.package import Package
from luminaldb.schemas.check_frame import check_frame
from luminaldb.schemas.check_results import evaluate_checks
from luminaldb.schemas.constraints import field_checks

PACKAGES = list(installed.packages().items())
TABLES = [(p, r) for _, p in PACKAGES for r in p.descriptor.resources]
FIELDS = [(r.name, f) for _, r in TABLES for f in r.schema.fields]
# What not every client of the standard understands (measured on seven of them).
UNPORTABLE = {"jsonSchema", "fieldsMatch", "groupChar", "bareNumber"}

# The contract of the data model: downstream code reads these names. Columns may be added, never renamed.
CONTRACT = {
    "citations": "citation_id citation_type title authors journal publisher year volume issue pages pmid pmcid "
    "doi url accessed_on language publication_status notice superseded_by",
    "genes": "gene_id symbol name ensembl_gene_id ncbi_gene_id uniprot_id",
    "endpoints": "endpoint_id name abbreviation definition better family",
    "adverse_event_terms": "term_id name ctcae_code ncit_id system_organ_class synonyms",
    "review_questions": "question_id name definition",
    "therapy_classes": "class_id name parent_class_id definition",
    "therapies": "therapy_id name class_id modality route mechanism_of_action development_status citation_id "
    "locator source_level",
    "therapy_names": "therapy_id name name_type citation_id",
    "therapy_identifiers": "therapy_id registry identifier citation_id source_level",
    "therapy_targets": "therapy_id gene_id action citation_id locator source_level",
    "approvals": "approval_id therapy_id agency approved_on status setting indication citation_id locator source_level",
    "regulatory_events": "event_id therapy_id agency event event_on indication trial_id citation_id locator "
    "source_level note",
    "mechanisms": "mechanism_id name category onset summary",
    "mechanism_genes": "mechanism_id gene_id alteration citation_id locator source_level",
    "mechanism_evidence": "evidence_id mechanism_id therapy_id class_id significance direction evidence_level "
    "disease_context statement citation_id locator source_level",
    "interactions": "interaction_id source_gene_id target_gene_id interaction_type crosstalk mechanism_id "
    "description citation_id locator source_level",
    "trials": "trial_id acronym title registry_id other_registry_ids phase design masking setting line "
    "menopausal_status hr_status her2_status n_enrolled start_year completed_year status status_as_of "
    "sponsor_type primary_endpoint_id citation_id note",
    "arms": "arm_id trial_id label role n_assigned crossover_percent crossover_note",
    "arm_therapies": "arm_id therapy_id optional dose schedule",
    "populations": "population_id trial_id name analysis_set hr_status her2_status menopausal_status biomarker "
    "biomarker_gene_id biomarker_alteration n",
    "effects": "effect_id trial_id population_id experimental_arm_id control_arm_id randomised endpoint_id "
    "analysis assessor period adjustment is_primary_endpoint measure estimate ci_low ci_high ci_level "
    "p_operator p_value p_sides significance significance_boundary hypothesis margin standard_error o_minus_e "
    "variance n_experimental n_control events_experimental events_control median_follow_up_months "
    "follow_up_printed data_cutoff citation_id numbers_citation_id locator source_level note",
    "outcomes": "outcome_id trial_id population_id arm_id endpoint_id analysis assessor period measure at_months "
    "estimate ci_low ci_high ci_level n events median_follow_up_months follow_up_printed data_cutoff "
    "citation_id numbers_citation_id derived_from locator source_level note",
    "adverse_events": "adverse_event_id trial_id arm_id population_id term term_id term_printed grade attribution "
    "percent n events citation_id numbers_citation_id locator source_level note",
    "review_trials": "citation_id question_id trial_printed endpoint_id trial_id why_not",
    "claims": "claim_id statement claim_type certainty disease_context as_of_year issuing_body guideline_topic "
    "line superseded_by citation_id locator source_level",
    "claim_subjects": "claim_id position therapy_id class_id mechanism_id trial_id gene_id stance",
    "second_reads": "table_name row_key citation_id method read_on result fields_corrected fields_added note",
    "waivers": "rule_code table_name row_key reason citation_id",
    "retired_ids": "table_name old_id successor_id retired_in reason",
    "printed_numbers": "table_name row_key citation_id printed url seen_on",
}


def test_every_table_and_column_of_the_contract_is_there() -> None:
    have = {r.name: set(r.schema.names) for _, r in TABLES}
    for table, columns in CONTRACT.items():
        missing = set(columns.split()) - have.get(table, set())
        assert not missing, f"{table} lacks {missing}; a column of the contract is never renamed or removed"


@pytest.mark.parametrize(("name", "package"), PACKAGES, ids=[n for n, _ in PACKAGES])
def test_a_descriptor_says_version_licence_sources_and_contributors(name: str, package: Package) -> None:
    raw = package.descriptor.properties
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)
    assert version
    assert raw["version"] == version[1], "the version stands in pyproject.toml; repeat it in every descriptor"
    assert raw["licenses"][0]["name"] == "CC0-1.0", "data are under CC0-1.0"
    assert raw["name"] == f"luminaldb-{name}"
    assert raw["contributors"][0]["roles"]
    assert raw["sources"][0]["title"]
    assert raw["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"


def test_a_field_explains_itself() -> None:
    for table, field in FIELDS:
        where = f"{table}.{field.name}"
        assert field.description.endswith("."), f"{where}: describe the column in a sentence"
        assert field.example is not None, f"{where}: give a good example"
        assert field.bad_example, f"{where}: give a bad example"


def test_descriptors_keep_to_the_portable_subset() -> None:
    for table, field in FIELDS:
        used = UNPORTABLE & {*field.constraints, *field.properties}
        assert not used, f"{table}.{field.name}: {used} is not understood by every client"
        assert field.type != "list", f"{table}.{field.name}: the published profile knows no list"
        pattern = field.constraints.get("pattern", "")
        depth = 0
        for character in re.sub(r"\\.|\[[^\]]*\]", "", pattern):
            depth += {"(": 1, ")": -1}.get(character, 0)
            assert character != "|" or depth, f"{table}.{field.name}: clients anchor only one alternative; use ( )"
        if field.categories:
            assert list(field.categories) == field.constraints["enum"], "repeat categories in enum"


def validate_descriptor(field: Field, value: Any) -> bool:
    text = value if isinstance(value, str) else json.dumps(value)
    schema = TableSchema((field,))
    frame = check_frame(pl.DataFrame({field.name: [text]}), schema)
    checks = list(field_checks(field))
    return not checks or all(evaluate_checks(frame, checks).row(0))


def test_a_good_example_passes_its_own_field() -> None:
    for table, field in FIELDS:
        assert validate_descriptor(field, field.example), (
            f"{table}.{field.name}: the example {field.example!r} breaks a constraint"
        )


def test_a_bad_example_fails_where_the_field_has_a_form() -> None:
    for table, field in FIELDS:
        formed = field.type != "string" or field.choices or "pattern" in field.constraints
        if formed:
            assert not validate_descriptor(field, field.bad_example), (
                f"{table}.{field.name}: {field.bad_example!r} passes"
            )


# What happened to a drug names the trial it rests on, and trials name their drugs: the one reference upward.
UPWARD = {("regulatory_events", "trial_id")}


def test_references_point_down_the_order_of_packages() -> None:
    order = {name: n for n, name in enumerate(installed.PACKAGE_ORDER)}
    for name, package in PACKAGES:
        for resource in package.descriptor.resources:
            for field in resource.schema.fields:
                if field.reference:
                    target = field.reference
                    assert target.package is not None
                    if (resource.name, field.name) not in UPWARD:
                        assert order[target.package] < order[name], f"{resource.name}.{field.name} points upward"
                    there = installed.packages()[target.package].resource(target.table).schema
                    assert there.primary_key == target.columns


def test_a_curated_table_names_its_source() -> None:
    for _, resource in TABLES:
        if "source_level" in resource.schema.names:
            assert "citation_id" in resource.schema.names, f"{resource.name}: a fact without a source is not entered"


@pytest.mark.parametrize("name", installed.PACKAGE_ORDER)
def test_frictionless_accepts_every_package(name: str) -> None:
    report = frictionless.validate(str(installed.datasets_folder() / name / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note", "rowNumber", "fieldName"])[:5]
