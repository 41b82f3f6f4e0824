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


def write_title(evidence: Evidence, one: PlotQuestion) -> str:
    """Ask a question in a sentence: Does adding a CDK4/6 inhibitor change overall survival in metastatic disease?"""
    name = _with_article(label(evidence, KIND_BY_TABLE["therapy_classes"], one.therapy_class))
    what = evidence["endpoints"].row(one.endpoint)["name"]
    where = [f" {_SETTINGS.get(one.setting, one.setting)}"] if one.setting else []
    where += [f", {LINES.get(one.line, one.line)}"] if one.line else []
    where += [f", HER2 {code_in_words(one.her2)}"] if one.her2 else []
    where += [f", {population_name(evidence, one.population)}"] if one.population != "itt" else []
    where += [f", against {comparator_name(evidence, one).lower()}"] if one.comparator else []
    where += [f", {one.analysis} analyses"] if one.analysis != "latest" else []
    return f"{'Does adding' if one.add_on else 'Does therapy with'} {name} change {what}{''.join(where)}?"


def _with_article(name: str) -> str:
    """Write a class within a sentence: a CDK4/6 inhibitor, an oral SERD, chemotherapy."""
    text = within_sentence(name)
    if not text.endswith(_COUNTABLE):
        return text
    return f"{'an' if re.match(r'[aeiou]|AKT|mTOR|FGFR|HDAC', text) else 'a'} {text}"


def comparator_name(evidence: Evidence, one: PlotQuestion) -> str:
    """Name the class of the control arm that a question asks for."""
    return label(evidence, KIND_BY_TABLE["therapy_classes"], one.comparator) if one.comparator else "any comparator"


def population_name(evidence: Evidence, population: str) -> str:
    """Name the populations of several trials that share the end of their ids, as most of them are described."""
    if population == "itt":
        return "intention to treat"
    return evidence.shared_population_names.get(population) or population.replace("-", " ")
