"""Documents of what has a name: therapies, classes, trials, mechanisms, genes, endpoints, populations, sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from luminaldb.loaders import biomarkers

from .documents import Document, join_parts
from .tables import Row, Tables, receptors

_REGISTERED = re.compile(r"\bNCT(\d{8})\b")
# Text in brackets after an acronym is a second one if it looks like one.
_ACRONYM = re.compile(r"^(?=.{4,})(?=.*[A-Z0-9].*[A-Z0-9])[\w+/. -]+$")
_SHORTEST_PART = 4
_RECEPTORS = {
    "EGFR": ("HER1",), "ERBB2": ("HER2", "HER2/neu"), "ERBB3": ("HER3",), "ERBB4": ("HER4",),
    "ESR1": ("ER", "estrogen receptor"), "PGR": ("PR", "progesterone receptor"),
}  # fmt: skip


def entities(tables: Tables) -> Iterator[Document]:
    """Make a document for each row with a name."""
    yield from _therapies(tables)
    yield from (_class(tables, row) for row in tables["therapy_classes"])
    yield from (_trial(tables, row) for row in tables["trials"])
    yield from _mechanisms(tables)
    yield from _genes(tables)
    yield from (_endpoint(row) for row in tables["endpoints"])
    yield from (_population(tables, row) for row in tables["populations"] if row["analysis_set"] == "subgroup")
    yield from (_citation(tables, row) for row in tables["citations"])


def therapy_names(tables: Tables) -> dict[str, list[str]]:
    """Map each therapy to all of its names and identifiers."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in tables["therapies"]:
        names[row["therapy_id"]] += [row["name"], row["therapy_id"]]
    for row in tables["therapy_names"]:
        names[row["therapy_id"]].append(row["name"])
    for row in tables["therapy_identifiers"]:
        names[row["therapy_id"]].append(row["identifier"])
    return names


def trial_names(row: Row) -> list[str]:
    """Return every name and registration of a trial."""
    acronym = row["acronym"]
    without_brackets = re.sub(r"\s*\(.*?\)", "", acronym)
    names_in_brackets = [part for part in re.findall(r"\((.*?)\)", acronym) if _ACRONYM.match(part)]
    parts = re.split(r"\s*/\s*", without_brackets) if "+" not in without_brackets else []
    names_in_parts = [p for p in parts if len(p) >= _SHORTEST_PART and _ACRONYM.match(p)]
    without_suffix = without_brackets.removesuffix(" Breast Cancer")
    registry_ids = [row["registry_id"], *row.get("other_registry_ids", "").split(";")]
    numbers = [n for text in registry_ids for n in _REGISTERED.findall(text)]
    names = [
        acronym,
        without_brackets,
        without_suffix,
        *names_in_brackets,
        *names_in_parts,
        row["trial_id"],
        *(r.strip() for r in registry_ids),
        *numbers,
    ]
    return list(dict.fromkeys(n for n in names if n))


def gene_names(row: Row) -> list[str]:
    """Return every name and identifier of a gene."""
    names = [row["symbol"], row["name"], row["gene_id"], *_RECEPTORS.get(row["symbol"], ())]
    names += [row.get(c, "") for c in ("ensembl_gene_id", "uniprot_id", "ncbi_gene_id")]
    return [n for n in names if n]


def _therapies(tables: Tables) -> Iterator[Document]:
    names = therapy_names(tables)
    for row in tables["therapies"]:
        key = row["therapy_id"]
        class_name = tables.classes[row["class_id"]]["name"]
        text = join_parts(row.get("mechanism_of_action", ""))
        yield Document(
            "therapy", "therapies", key, row["name"], join_parts(class_name, text), 1.1,
            frozenset(tables.therapy_topics([key], classes=False)), frozenset(tables.class_topics(row["class_id"])),
            " ".join(names[key]), f"{class_name} {text}", tuple(names[key]),
        )  # fmt: skip


def _class(tables: Tables, row: Row) -> Document:
    key = row["class_id"]
    class_topic = {f"class:{key}"}
    return Document(
        "class", "therapy_classes", key, row["name"], row.get("definition", ""), 1.05,
        frozenset(class_topic), frozenset(tables.class_topics(key)), row["name"], row.get("definition", ""),
        (row["name"], key),
    )  # fmt: skip


def _trial(tables: Tables, row: Row) -> Document:
    arms = tables.arms_by_trial.get(row["trial_id"], [])
    therapies_by_arm = [tables.arm_therapies.get(a, []) for a in arms]
    all_therapies = {t for therapies in therapies_by_arm for t in therapies}
    topics = tables.trial_topics(row) | tables.therapy_topics(sorted(all_therapies)) | {"kind:trial"}
    if any(_endocrine_and_anti_her2(tables.therapy_topics(tables.required_therapies.get(a, []))) for a in arms):
        topics.add("no:chemotherapy")
    names = trial_names(row)
    labels = " ".join(tables.arms[a]["label"] for a in arms)
    setting = join_parts(
        row["setting"].replace("_", " "), f"phase {row['phase']}" if row["phase"] not in ("", "na") else ""
    )
    return Document(
        "trial", "trials", row["trial_id"], row["acronym"], join_parts(row["title"], setting), _trial_weight(row),
        frozenset(topics), frozenset(), " ".join(names), f"{row['title']} {labels}", tuple(names),
    )  # fmt: skip


def _endocrine_and_anti_her2(topics: set[str]) -> bool:
    """Return whether an arm gives endocrine and anti-HER2 therapy, and no chemotherapy."""
    return {"class:endocrine-therapy", "class:her2-targeted"} <= topics and "class:chemotherapy" not in topics


def _trial_weight(row: Row) -> float:
    """Return what a trial counts for: phase 3 and randomised ones more."""
    return 1.1 + (0.06 if row["phase"] == "3" else 0.0) + (0.05 if row["design"].startswith("randomised") else 0.0)


def _mechanisms(tables: Tables) -> Iterator[Document]:
    topics_by_mechanism: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, set[str]] = defaultdict(set)
    for row in tables["mechanism_genes"]:
        topics_by_mechanism[row["mechanism_id"]].add(f"gene:{tables.genes[row['gene_id']]['symbol']}")
    for row in tables["mechanism_evidence"]:
        kinds[row["mechanism_id"]].add("resistance" if row["significance"] == "resistance" else "sensitivity")
        if row["class_id"]:
            topics_by_mechanism[row["mechanism_id"]] |= tables.class_topics(row["class_id"])
        if row["therapy_id"]:
            topics_by_mechanism[row["mechanism_id"]] |= tables.therapy_topics([row["therapy_id"]])
    for row in tables["mechanisms"]:
        key = row["mechanism_id"]
        topics = topics_by_mechanism[key] | {f"mechanism:{key}", "kind:mechanism", *(f"kind:{k}" for k in kinds[key])}
        topics |= {f"biomarker:{b}" for b in biomarkers.text_biomarkers(row["name"])}
        topics |= {"her2:positive"} if "class:her2-targeted" in topics_by_mechanism[key] else set()
        yield Document(
            "mechanism", "mechanisms", key, row["name"], row["summary"], 1.3, frozenset(topics), frozenset(),
            f"{row['name']} {row['category'].replace('_', ' ')}", row["summary"], (row["name"], key),
        )  # fmt: skip


def _genes(tables: Tables) -> Iterator[Document]:
    for row in tables["genes"]:
        names = gene_names(row)
        yield Document(
            "gene", "genes", row["gene_id"], row["symbol"], row["name"], 0.95, frozenset({f"gene:{row['symbol']}"}),
            frozenset(), " ".join(names), "", tuple(names),
        )  # fmt: skip


def _endpoint(row: Row) -> Document:
    key = row["endpoint_id"]
    names = [n for n in (row["name"], row["abbreviation"], key) if n]
    return Document(
        "endpoint", "endpoints", key, row["name"], row["definition"], 0.6, frozenset({f"endpoint:{key}"}), frozenset(),
        " ".join(names), row["definition"], tuple(names),
    )  # fmt: skip


def _population(tables: Tables, row: Row) -> Document:
    trial = tables.trials[row["trial_id"]]
    n = f"{row['n']} patients" if row["n"] else ""
    return Document(
        "patients", "populations", row["population_id"], f"{row['name']} in {trial['acronym']}", n, 0.55,
        frozenset(tables.population_topics(row) | {f"trial:{row['trial_id']}"}), frozenset(receptors(trial)),
        f"{row['name']} {trial['acronym']}", trial["title"], (row["population_id"],),
    )  # fmt: skip


def _citation(tables: Tables, row: Row) -> Document:
    key = row["citation_id"]
    names = [row[c] for c in ("pmid", "pmcid", "doi", "url") if row[c]] + [key, row["title"]]
    status = row["publication_status"]
    topics = {"status:retracted"} if status.startswith("retracted") else set()
    status_in_words = "" if status == "published" else status.replace("_", " ")
    source_name = tables.source_names[key] or row["title"]
    return Document(
        "source", "citations", key, source_name, join_parts(row["title"], status_in_words), 0.9 if topics else 0.7,
        frozenset(topics), frozenset(), f"{source_name} {row['authors'].replace(';', ' ')} {row['title']}",
        join_parts(row["journal"], row["year"]), tuple(names),
    )  # fmt: skip
