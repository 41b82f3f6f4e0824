"""The questions of the forest plots as sentences."""

from __future__ import annotations

import re

from luminaldb.loaders.names import within_sentence

from ..labels import code_in_words
from .evidence import Evidence
from .forest_questions import PlotQuestion
from .page_kinds import KIND_BY_TABLE, label

LINES = {"first": "first line", "second_plus": "second and later lines", "first_or_second": "first or second line"}
_SETTINGS = {
    "metastatic": "in metastatic disease", "adjuvant": "as adjuvant therapy", "neoadjuvant": "before surgery",
    "extended_adjuvant": "as extended adjuvant therapy", "prevention": "in prevention",
}  # fmt: skip
_COUNTABLE = (
    "inhibitor", "agent", "antibody", "conjugate", "degrader", "SERD", "modulator", "agonist", "antagonist", "PROTAC",
    "antimetabolite", "anthracycline", "taxane", "progestin", "androgen", "estrogen",
)  # fmt: skip


def write_title(evidence: Evidence, question: PlotQuestion) -> str:
    """Ask a question in a sentence: Does adding a CDK4/6 inhibitor change overall survival in metastatic disease?"""
    name = _with_article(label(evidence, KIND_BY_TABLE["therapy_classes"], question.therapy_class))
    endpoint = evidence["endpoints"].row(question.endpoint)["name"]
    qualifiers = [f" {_SETTINGS.get(question.setting, question.setting)}"] if question.setting else []
    qualifiers += [f", {LINES.get(question.line, question.line)}"] if question.line else []
    qualifiers += [f", HER2 {code_in_words(question.her2)}"] if question.her2 else []
    qualifiers += [f", {population_name(evidence, question.population)}"] if question.population != "itt" else []
    qualifiers += [f", against {comparator_name(evidence, question).lower()}"] if question.comparator else []
    qualifiers += [f", {question.analysis} analyses"] if question.analysis != "latest" else []
    return f"{'Does adding' if question.add_on else 'Does therapy with'} {name} change {endpoint}{''.join(qualifiers)}?"


def _with_article(name: str) -> str:
    """Write a class within a sentence: a CDK4/6 inhibitor, an oral SERD, chemotherapy."""
    text = within_sentence(name)
    if not text.endswith(_COUNTABLE):
        return text
    return f"{'an' if re.match(r'[aeiou]|AKT|mTOR|FGFR|HDAC', text) else 'a'} {text}"


def comparator_name(evidence: Evidence, question: PlotQuestion) -> str:
    """Name the class of the control arm that a question asks for."""
    return (
        label(evidence, KIND_BY_TABLE["therapy_classes"], question.comparator)
        if question.comparator
        else "any comparator"
    )


def population_name(evidence: Evidence, population: str) -> str:
    """Name the populations of several trials that share the end of their ids, as most of them are described."""
    if population == "itt":
        return "intention to treat"
    return evidence.shared_population_names.get(population) or population.replace("-", " ")
