"""Approvals, guidance, claims, evidence for mechanisms and interactions, crossover: statements with a source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from luminaldb.loaders import biomarkers

from .documents import Document, join_parts
from .tables import Row, Tables

_CONTEXTS = {
    "er_positive": {"hr:positive"},
    "er_positive_her2_negative": {"hr:positive", "her2:negative"},
    "her2_positive": {"her2:positive"},
    "er_positive_her2_positive": {"hr:positive", "her2:positive"},
    "her2_negative": {"her2:negative"},
    "er_positive_her2_low": {"hr:positive", "her2:negative", "biomarker:her2-low"},
    "er_negative_her2_positive": {"hr:negative", "her2:positive"},
}
_SHOWN_DOSES, _SHOWN_TRIALS = 4, 3
_SUBJECTS = ("therapy_id", "class_id", "mechanism_id", "trial_id", "gene_id")


def statements(tables: Tables) -> Iterator[Document]:
    """Yield a document for each statement."""
    yield from (_approval(tables, row) for row in tables["approvals"])
    yield from (_event(tables, row) for row in tables["regulatory_events"])
    subjects: dict[str, set[str]] = defaultdict(set)
    for row in tables["claim_subjects"]:
        subjects[row["claim_id"]] |= _subject_topics(tables, row)
    yield from (_claim(tables, row, subjects[row["claim_id"]]) for row in tables["claims"])
    yield from (_evidence(tables, row) for row in tables["mechanism_evidence"])
    yield from (_interaction(tables, row) for row in tables["interactions"])
    yield from _doses(tables)
    yield from (_arm(tables, row) for row in tables["arms"] if row["crossover_note"] or row["crossover_percent"])


def _subject_topics(tables: Tables, row: Row) -> set[str]:
    if row.get("class_id"):
        return tables.class_topics(row["class_id"])
    if row.get("therapy_id"):
        return tables.therapy_topics([row["therapy_id"]])
    if row.get("gene_id"):
        return {f"gene:{tables.genes[row['gene_id']]['symbol']}"}
    column = next((c for c in _SUBJECTS if row.get(c)), "")
    return {f"{column.removesuffix('_id')}:{row[column]}"} if column else set()


def _biomarker_topics(text: str) -> set[str]:
    return {f"biomarker:{b}" for b in biomarkers.text_biomarkers(text)}


def _setting_topics(text: str) -> set[str]:
    words_by_topic = {
        "setting:adjuvant": ("adjuvant", "after surgery", "early"),
        "setting:neoadjuvant": ("neoadjuvant", "before surgery", "preoperative", "early"),
        "setting:metastatic": ("metastatic", "advanced"),
        "topic:residual": ("residual",),
    }
    lower_text = text.lower()
    return {topic for topic, words in words_by_topic.items() if any(w in lower_text for w in words)}


def _approval(tables: Tables, row: Row) -> Document:
    name = tables.therapies[row["therapy_id"]]["name"]
    topics = tables.therapy_topics([row["therapy_id"]]) | {"kind:approval", f"agency:{row['agency'].lower()}"}
    topics |= _biomarker_topics(row["indication"]) | {f"setting:{row['setting']}"}
    if row["setting"] in ("neoadjuvant", "adjuvant", "several"):
        topics |= _setting_topics(row["indication"])
    status = "" if row["status"] == "regular" else row["status"]
    return Document(
        "approval",
        "approvals",
        row["approval_id"],
        f"{name}, {row['agency']} {row['approved_on']}: {row['indication']}",
        join_parts(status, tables.source_names[row["citation_id"]]),
        1.0 + (int(row["approved_on"][:4]) - 2000) / 200 if row["approved_on"] else 1.0,
        frozenset(topics),
        frozenset(_setting_topics(row["indication"])),
        f"{name} {row['agency']} {row['approved_on']}",
        row["indication"],
    )


def _event(tables: Tables, row: Row) -> Document:
    name = tables.therapies[row["therapy_id"]]["name"]
    topics = tables.therapy_topics([row["therapy_id"]]) | {"kind:approval", f"agency:{row['agency'].lower()}"}
    return Document(
        "approval",
        "regulatory_events",
        row["event_id"],
        f"{name}, {row['agency']} {row['event_on']}, {row['event'].replace('_', ' ')}: {row['indication']}",
        tables.source_names[row["citation_id"]],
        0.95,
        frozenset(topics | _biomarker_topics(row["indication"])),
        frozenset(
            _setting_topics(row["indication"]) | ({f"trial:{row['trial_id']}"} if row.get("trial_id") else set())
        ),
        f"{name} {row['agency']}",
        f"{row['indication']} {row.get('note', '')}",
    )


def _claim(tables: Tables, row: Row, subjects: set[str]) -> Document:
    body, topic = row.get("issuing_body", ""), row.get("guideline_topic", "")
    topics = subjects | _CONTEXTS.get(row["disease_context"], set()) | _biomarker_topics(f"{row['statement']} {topic}")
    line = row.get("line", "")
    topics |= {f"line:{line}"} if line not in ("", "na", "any") else set()
    guidance = bool(body) or row["claim_type"] in ("recommendation", "standard_of_care")
    topics |= {"kind:guidance"} if guidance else set()
    topics |= {"kind:adverse_event"} if row["claim_type"] == "safety" else set()
    year = row["as_of_year"]
    return Document(
        "guidance" if guidance else "claim",
        "claims",
        row["claim_id"],
        row["statement"],
        join_parts(body, year, topic, tables.source_names[row["citation_id"]]),
        0.95 + (int(year) - 2015) / 200 if year else 0.93,
        frozenset(topics),
        frozenset(_setting_topics(f"{row['statement']} {topic}")),
        f"{body} {topic}",
        f"{row['statement']} {tables.source_names[row['citation_id']]}",
    )


def _evidence(tables: Tables, row: Row) -> Document:
    mechanism = tables.mechanisms[row["mechanism_id"]]["name"]
    kind = "resistance" if row["significance"] == "resistance" else "sensitivity"
    topics = _subject_topics(tables, {k: row.get(k, "") for k in ("therapy_id", "class_id")})
    topics |= {f"kind:{kind}", f"mechanism:{row['mechanism_id']}", *_CONTEXTS.get(row["disease_context"], ())}
    return Document(
        "evidence",
        "mechanism_evidence",
        row["evidence_id"],
        row["statement"],
        join_parts(mechanism, kind, f"level {row['evidence_level']}", tables.source_names[row["citation_id"]]),
        0.9 - "ABCDE".find(row["evidence_level"] or "E") / 100,
        frozenset(topics | _biomarker_topics(mechanism)),
        frozenset(_biomarker_topics(row["statement"])),
        mechanism,
        f"{row['statement']} {tables.source_names[row['citation_id']]}",
    )


def _interaction(tables: Tables, row: Row) -> Document:
    genes = [tables.genes[row[c]]["symbol"] for c in ("source_gene_id", "target_gene_id")]
    topics = {f"gene:{g}" for g in genes} | {"kind:interaction"}
    topics |= {f"mechanism:{row['mechanism_id']}"} if row["mechanism_id"] else set()
    verb = row["interaction_type"].replace("_", " ")
    return Document(
        "interaction",
        "interactions",
        row["interaction_id"],
        f"{genes[0]} {verb} {genes[1]}: {row['description']}",
        tables.source_names[row["citation_id"]],
        1.0,
        frozenset(topics),
        frozenset(_biomarker_topics(row["description"])),
        f"{' '.join(genes)} {verb} {row['crosstalk'].replace('_', ' ')}",
        f"{row['description']} {tables.source_names[row['citation_id']]}",
    )


def _arm(tables: Tables, row: Row) -> Document:
    trial = tables.trials[row["trial_id"]]
    share = f"{row['crossover_percent']} % crossed over. " if row["crossover_percent"] else ""
    return Document(
        "crossover",
        "arms",
        row["arm_id"],
        f"{trial['acronym']}, {row['label']}: {share}{row['crossover_note']}",
        "",
        1.0,
        frozenset({"kind:crossover", f"trial:{row['trial_id']}"}),
        frozenset(tables.therapy_topics(tables.arm_therapies.get(row["arm_id"], []))),
        f"{trial['acronym']} {row['label']}",
        row["crossover_note"],
    )


def _doses(tables: Tables) -> Iterator[Document]:
    """Give a document for each therapy: the doses at which trials gave it, the most used first."""
    arms_by_dose: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in tables["arm_therapies"]:
        if row.get("dose"):
            trial = tables.trials[tables.arms[row["arm_id"]]["trial_id"]]["acronym"]
            dose = join_parts(row["dose"], row.get("schedule", ""))
            arms_by_dose[row["therapy_id"]][dose].setdefault(trial, f"{row['arm_id']}|{row['therapy_id']}")
    for therapy, doses in arms_by_dose.items():
        name = tables.therapies[therapy]["name"]
        most_used = sorted(doses.items(), key=lambda item: (-len(item[1]), item[0]))
        doses_in_words = []
        for dose, trials in most_used[:_SHOWN_DOSES]:
            more = " and others" if len(trials) > _SHOWN_TRIALS else ""
            doses_in_words.append(f"{dose} ({', '.join(list(trials)[:_SHOWN_TRIALS])}{more})")
        yield Document(
            "dose",
            "arm_therapies",
            next(iter(most_used[0][1].values())),
            f"{name}, doses in trials: {'; '.join(doses_in_words)}",
            "as trials planned it; the drug label has the dose to give",
            1.0,
            frozenset(tables.therapy_topics([therapy], classes=False) | {"kind:dose"}),
            frozenset(),
            name,
        )
