"""A question of `comparisons()` in one line of words."""

from __future__ import annotations

from luminaldb.loaders.database import Database
from luminaldb.loaders.names import within_sentence

from .question import ENDPOINT_GROUPS, PRIMARY, Question

_GROUP_NAMES: dict[tuple[str, ...], str] = {ENDPOINT_GROUPS["pcr"]: "pathologic complete response by any definition"}
_POPULATIONS = {
    "itt": "intention to treat",
    "evaluable": "evaluable patients",
    PRIMARY: "the trial's own primary population",
}
_HEADINGS = {"her2_status": "HER2", "hr_status": "hormone receptors"}


def therapy_names(database: Database) -> dict[str, str]:
    """Map the ids of therapies and classes to their names within a sentence."""
    names = dict(database.frame("therapies").select("therapy_id", "name").iter_rows())
    classes = database.frame("therapy_classes").select("class_id", "name").iter_rows()
    return names | {class_id: within_sentence(name) for class_id, name in classes}


def write_title(question: Question, therapies: dict[str, str], database: Database) -> str:
    """Write a question in words: Overall survival, hazard ratio; CDK4/6 inhibitor against aromatase inhibitor."""
    endpoints = dict(database.frame("endpoints").select("endpoint_id", "name").iter_rows())
    names = [str(endpoints[endpoint]) for endpoint in question.endpoints]
    outcome = _GROUP_NAMES.get(question.endpoints) or " or ".join(names)
    if question.adverse_event:
        terms = dict(database.frame("adverse_event_terms").select("term_id", "name").iter_rows())
        outcome = f"{terms[question.adverse_event]}, grade {question.grade.replace('3_plus', '3 or worse')}"
    parts = [f"{outcome[:1].upper()}{outcome[1:]}, {question.measure.replace('_', ' ')}"]
    therapy = therapies.get(question.therapy or question.therapy_class or "")
    comparator = therapies.get(question.control or question.control_class or "")
    if therapy or comparator:
        parts.append(" ".join(filter(None, (therapy, comparator and f"against {comparator}"))))
    parts += [" or ".join(_POPULATIONS.get(p, p.replace("-", " ")) for p in question.populations)]
    parts += [question.biomarker or ""]
    parts += [
        f"{_HEADINGS.get(name, name.replace('_', ' '))} {' or '.join(value.replace('_', ' ') for value in values)}"
        for name, values in question.trial_values
    ]
    if question.trials:
        trials = dict(database.frame("trials").select("trial_id", "acronym").iter_rows())
        parts.append("only " + ", ".join(trials[trial_id] or trial_id for trial_id in question.trials))
    if question.chemotherapy is not None:
        parts.append("with chemotherapy" if question.chemotherapy else "without chemotherapy")
    if question.years is not None:
        first, last = question.years
        parts.append(" ".join(["published", *([f"from {first}"] if first else []), *([f"to {last}"] if last else [])]))
    return "; ".join(filter(None, parts))
