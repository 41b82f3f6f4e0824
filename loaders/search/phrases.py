"""The dictionary of the search: every phrase that means a topic, from the names in the tables and the synonyms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from luminaldb.loaders.biomarkers import BIOMARKERS

from .entities import gene_names, therapy_names, trial_names
from .synonyms import SYNONYMS
from .tables import Row, Tables
from .text import join_words, split_words

Phrases = Mapping[str, Mapping[str, float]]
# A gene's name also means the biomarker of that gene.
_GENE_AS_BIOMARKER = 0.9
_BIOMARKER_AS_GENE = 0.6
# HER2 alone means the receptor; only HER2-low and HER2-mutated are biomarkers of their own.
_RECEPTOR_GENES = ("ERBB2",)
_MIN_PHRASE_LENGTH = 2
_MONTHS_OF_A_YEAR = 12


def collect_phrases(tables: Tables) -> Phrases:
    """Map each phrase, its words joined, to the topics it means with their weights."""
    result: dict[str, dict[str, float]] = defaultdict(dict)
    for phrase, topic, weight in _meanings(tables):
        key = join_words(phrase)
        if len(key) >= _MIN_PHRASE_LENGTH:
            result[key][topic] = max(weight, result[key].get(topic, 0.0))
    return result


def phrase_lengths(tables: Tables) -> dict[str, int]:
    """Map the first word of each phrase to the most words that a phrase beginning with it has."""
    result: dict[str, int] = {}
    for phrase, _, _ in _meanings(tables):
        words = split_words(phrase)
        if words:
            result[words[0]] = max(len(words), result.get(words[0], 0))
    return result


def _meanings(tables: Tables) -> Iterator[tuple[str, str, float]]:
    """Yield each phrase with a topic it means, and the weight of that meaning."""
    for topic, names in _names_by_topic(tables):
        yield from ((name, topic, 1.0) for name in names)
    for marker in BIOMARKERS:
        only_gene = marker.genes[0] if len(marker.genes) == 1 else ""
        for name in (marker.name, *marker.names):
            yield name, f"biomarker:{marker.key}", 1.0
            if only_gene:
                yield name, f"gene:{only_gene}", _BIOMARKER_AS_GENE
        if only_gene and only_gene not in _RECEPTOR_GENES:
            yield only_gene, f"biomarker:{marker.key}", _GENE_AS_BIOMARKER
    for phrases, topics in SYNONYMS.items():
        yield from ((phrase, topic, weight) for phrase in phrases.split("|") for topic, weight in topics)


def _names_by_topic(tables: Tables) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each topic that the tables name, with its names."""
    yield from ((f"therapy:{key}", names) for key, names in therapy_names(tables).items())
    yield from ((f"class:{row['class_id']}", (row["name"], row["class_id"])) for row in tables["therapy_classes"])
    yield from ((f"trial:{row['trial_id']}", trial_names(row)) for row in tables["trials"])
    yield from ((f"gene:{row['symbol']}", gene_names(row)) for row in tables["genes"])
    yield from ((f"endpoint:{row['endpoint_id']}", (row["name"], row["abbreviation"])) for row in tables["endpoints"])
    for row in tables["adverse_event_terms"]:
        yield f"event:{row['term_id']}", (row["name"], *row["synonyms"].split("; "))
    yield from ((f"mechanism:{row['mechanism_id']}", (row["name"],)) for row in tables["mechanisms"])
    yield from ((topic_of_time(months), _names_of_time(months)) for months in times_of(tables["outcomes"]))


def times_of(outcomes: Iterable[Row]) -> list[str]:
    """Return the times, in months, at which outcomes are reported, each once."""
    return sorted({row["at_months"] for row in outcomes if row.get("at_months")}, key=float)


def topic_of_time(months: str) -> str:
    """Return the topic of results at a time."""
    return f"time:{months}"


def _names_of_time(months: str) -> tuple[str, ...]:
    years, extra_months = divmod(float(months), _MONTHS_OF_A_YEAR)
    return (f"{months} months", *((f"{years:.0f} years", f"{years:.0f} yr") if not extra_months else ()))
