"""Ranks documents against a query: all its terms before most of them, most before any.

The portal's script, search.js, does the same.

A query is cut into terms, the longest phrases of the dictionary first. A term is met by any of its alternatives: topics
that the phrase means, or the word itself. A document scores the sum over its terms of how rare the term is, times how
well the document meets it; times the square of the share of the query that it meets; times its base weight.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .documents import Document
from .phrases import Phrases
from .synonyms import STOP_WORDS
from .text import bare_identifier, is_identifier, join_words, normalise_spelling, split_words

ABOUT_WEIGHT, COMPARED_WEIGHT, MENTION_WEIGHT = 1.0, 0.8, 0.4
WEIGHTS = (ABOUT_WEIGHT, COMPARED_WEIGHT, MENTION_WEIGHT)
WORD_WEIGHT = 0.7
MAX_PHRASE_WORDS = 8
MIN_PREFIX_LENGTH = 3
MIN_MISSPELT_LENGTH = 5
COMPLETION_WEIGHT = 0.9
MAX_COMPLETIONS = 40
NORMALISED_STOP_WORDS = frozenset(map(normalise_spelling, STOP_WORDS))
COVERAGE_POWER = 2
# What meets less of a query than this, by how rare its terms are, is no answer to it.
MIN_COVERAGE = 0.15
# A document whose whole name was typed counts for more than any number of matches.
EXACT_BONUS, BEGINNING_FACTOR = 1000.0, 1.6
# A result that compares the two drugs of a query comes before rows that mention both.
COMPARISON_FACTOR = 3.0

COMPARISON_WORDS = frozenset({"v", "vs", "versus", "against", "compared"})
PARTLY_NOTE = "No row is about all of this; these rows are about a part of it."
UNKNOWN_WORDS_NOTE = "No row has the words: {}. These rows are about the rest of the question."
NOT_COMPARED_NOTE = "No result compares the two directly; these rows are about both."
DRUG_TOPICS = ("therapy:", "class:")
OUTCOME_TOPICS = ("endpoint:", "event:")
SPECIFIC_TOPICS = (*DRUG_TOPICS, "trial:", *OUTCOME_TOPICS)
# A note is about the rows that a reader sees first.
FIRST_ROWS = 10

Term = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that meets a query.

    Attributes:
        document: its number in the index.
        score: higher is better.
        match: exact (a name of it was typed), all, most or any of the terms.
    """

    document: int
    score: float
    match: str


@dataclass
class Index:
    """Documents by their topics and words.

    Attributes:
        documents: what can be found.
        phrases: what phrases mean.
        lengths: the most words of a phrase by its first word.
        tokens: the topics and words of each document, with their weights.
    """

    documents: Sequence[Document]
    phrases: Phrases
    lengths: Mapping[str, int]
    tokens: list[dict[str, float]] = field(default_factory=list)
    postings: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Read every document."""
        for number, document in enumerate(self.documents):
            document_tokens = self._tokens(document)
            self.tokens.append(document_tokens)
            for token, weight in document_tokens.items():
                self.postings[token].append((number, weight))
            for name in {join_words(n) for n in document.names}:
                self.names[name].append(number)

    def _tokens(self, document: Document) -> dict[str, float]:
        weights: dict[str, float] = {}
        for text, weight in ((document.text, MENTION_WEIGHT), (document.words, ABOUT_WEIGHT)):
            words = split_words(text)
            weights.update(dict.fromkeys((t for t in self._phrase_topics(words) if t not in weights), MENTION_WEIGHT))
            weights.update((word, weight) for word in words if word not in NORMALISED_STOP_WORDS)
        # Sorted, as the order of a set changes from one process to the next and the portal writes it down.
        weights.update(
            dict.fromkeys((t for t in sorted(document.mentions) if weights.get(t, 0) < MENTION_WEIGHT), MENTION_WEIGHT)
        )
        weights.update(dict.fromkeys(sorted(document.compared), COMPARED_WEIGHT))
        weights.update(dict.fromkeys(sorted(document.topics), ABOUT_WEIGHT))
        return weights

    def _phrase_topics(self, words: Sequence[str]) -> Iterable[str]:
        """Yield the topics of the phrases in a text, the longest phrases first."""
        position = 0
        while position < len(words):
            step = 1
            for length in range(min(self.lengths.get(words[position], 0), len(words) - position), 0, -1):
                topics = self.phrases.get("".join(words[position : position + length]))
                if topics:
                    yield from (topic for topic, weight in topics.items() if weight >= WORD_WEIGHT)
                    step = length
                    break
            position += step

    def terms(self, words: Sequence[str]) -> list[Term]:
        """Cut the words of a query into terms, each with its alternatives and their weights."""
        result: list[Term] = []
        position = 0
        while position < len(words):
            for length in range(min(MAX_PHRASE_WORDS, len(words) - position), 0, -1):
                span = words[position : position + length]
                topics = self.phrases.get("".join(span))
                if topics and not (length == 1 and span[0] in NORMALISED_STOP_WORDS):
                    result.append({**topics, **({span[0]: WORD_WEIGHT} if length == 1 else {})})
                    position += length
                    break
            else:
                is_last = position == len(words) - 1
                if words[position] not in NORMALISED_STOP_WORDS:
                    result.append(self._word_alternatives(words[position], last=is_last))
                position += 1
        return result

    def _word_alternatives(self, word: str, *, last: bool) -> Term:
        """Return the alternatives of a word that no phrase begins with: itself, and what it is the beginning of."""
        term: dict[str, float] = {word: 1.0} if word in self.postings else {}
        if (last or not term) and len(word) >= MIN_PREFIX_LENGTH and not word.isdigit():
            completions = sorted(t for t in self.postings if ":" not in t and t.startswith(word) and t != word)
            for completion in completions[:MAX_COMPLETIONS]:
                term[completion] = max(COMPLETION_WEIGHT * WORD_WEIGHT, term.get(completion, 0.0))
                for topic, weight in self.phrases.get(completion, {}).items():
                    term[topic] = max(COMPLETION_WEIGHT * weight, term.get(topic, 0.0))
        return term

    def _correct_spelling(self, word: str) -> str:
        """Return the known word that a misspelt one is nearest to; the word itself where it is known or begins one."""
        if len(word) < MIN_MISSPELT_LENGTH or any(c.isdigit() for c in word) or word in NORMALISED_STOP_WORDS:
            return word
        if word in self.postings or word in self.phrases or any(t.startswith(word) for t in self.postings):
            return word
        limit = max(1, len(word) // 4)
        nearest = [
            (distance, other)
            for other in self.postings
            if ":" not in other and other.isalpha() and (distance := edit_distance(word, other, limit)) <= limit
        ]
        return min(nearest)[1] if nearest else word

    def find(self, query: str) -> list[Hit]:
        """Rank the documents that meet a query, best first."""
        return self.find_with_note(query)[0]

    def find_with_note(self, query: str) -> tuple[list[Hit], str]:
        """Rank the documents that meet a query, and say where they don't answer it; empty where they do."""
        query_text = bare_identifier(query)
        exact = self.names.get(join_words(query_text), []) if query_text else []
        if is_identifier(query_text) and not self.phrases.get(join_words(query_text)):
            return [Hit(n, EXACT_BONUS, "exact") for n in exact], ""
        words = [self._correct_spelling(word) for word in split_words(query_text)]
        exact = exact or self.names.get("".join(words), [])
        terms = self.terms(words)
        hits = self._put_names_first(self._rank(words, terms), exact, query_text)
        return hits, self._note(words, terms, hits)

    def _rank(self, words: Sequence[str], terms: Sequence[Term]) -> list[Hit]:
        """Score the documents that meet the terms of a query."""
        if not all(terms) and not any(":" in token for term in terms for token in term):
            # An unknown word, and no other word names a row: matches by chance are no answers.
            return []
        weights_met: dict[int, list[float]] = defaultdict(list)
        rarity: dict[int, float] = defaultdict(float)
        rarity_met: dict[int, float] = defaultdict(float)
        total_rarity = 0.0
        for term in terms:
            best_weights: dict[int, float] = {}
            for token, weight in term.items():
                for number, token_weight in self.postings.get(token, ()):
                    best_weights[number] = max(best_weights.get(number, 0.0), weight * token_weight)
            term_rarity = math.log(1 + len(self.documents) / max(1, len(best_weights)))
            total_rarity += term_rarity
            for number, token_weight in best_weights.items():
                weights_met[number].append(token_weight)
                rarity[number] += term_rarity * token_weight
                rarity_met[number] += term_rarity
        drugs = _compared_drugs(words, terms)
        hits = []
        for number, document_weights in weights_met.items():
            share = rarity_met[number] / total_rarity
            if share < MIN_COVERAGE:
                continue
            score = rarity[number] * share**COVERAGE_POWER * self.documents[number].base_weight
            if drugs and len(document_weights) == len(terms) and self._compares(number, drugs):
                score *= COMPARISON_FACTOR
            match = (
                "all"
                if len(document_weights) == len(terms)
                else "most"
                if 2 * len(document_weights) > len(terms)
                else "any"
            )
            hits.append(Hit(number, score, match))
        return hits

    def _note(self, words: Sequence[str], terms: Sequence[Term], hits: Sequence[Hit]) -> str:
        """Say where the documents found don't answer a query."""
        if not hits or hits[0].match == "exact":
            return ""
        if unknown := [word for word in words if not all(self.terms([word]))]:
            return UNKNOWN_WORDS_NOTE.format(", ".join(unknown))
        specific_terms = [term for term in terms if _has_only_topics(term, SPECIFIC_TOPICS)]
        first_hits = [hits[0], *(hit for hit in hits[1:FIRST_ROWS] if hit.match != "any")]
        if not any(self._meets(hit.document, specific_terms) for hit in first_hits):
            return PARTLY_NOTE
        drugs = _compared_drugs(words, terms)
        return NOT_COMPARED_NOTE if drugs and not any(self._compares(hit.document, drugs) for hit in hits) else ""

    def _meets(self, number: int, specific_terms: Sequence[Term]) -> bool:
        """Whether a document is about each drug and trial of a query, and one of its endpoints or side effects."""
        document_tokens = self.tokens[number].keys()
        outcome_terms = [term for term in specific_terms if _has_only_topics(term, OUTCOME_TOPICS)]
        other_terms = [term for term in specific_terms if term not in outcome_terms]
        return all(document_tokens & t.keys() for t in other_terms) and (
            not outcome_terms or any(document_tokens & t.keys() for t in outcome_terms)
        )

    def _compares(self, number: int, drugs: Sequence[Term]) -> bool:
        """Whether a result is about one drug against what has the other, or of two classes about both."""
        document_tokens = self.tokens[number]
        weights = [max(document_tokens.get(topic, 0.0) for topic in term if ":" in topic) for term in drugs]
        # A drug may belong to the class it is compared with: both are then what the result is about.
        are_distinct = weights[0] != weights[1] or any(_has_only_topics(term, ("class:",)) for term in drugs)
        return (
            " against " in self.documents[number].title
            and are_distinct
            and max(weights) == ABOUT_WEIGHT
            and min(weights) > 0
        )

    def _put_names_first(self, hits: list[Hit], exact: Sequence[int], query_text: str) -> list[Hit]:
        """Put the documents whose name was typed first, then those whose name begins with it."""
        joined_query = join_words(query_text)
        hit_documents = {h.document for h in hits}
        hits += [Hit(n, 0.0, "exact") for n in exact if n not in hit_documents]
        reranked = []
        for hit in hits:
            document = self.documents[hit.document]
            if hit.document in exact:
                reranked.append(Hit(hit.document, hit.score + EXACT_BONUS * document.base_weight, "exact"))
            elif (
                document.names
                and len(joined_query) > MIN_PREFIX_LENGTH
                and join_words(document.title).startswith(joined_query)
            ):
                reranked.append(Hit(hit.document, hit.score * BEGINNING_FACTOR, hit.match))
            else:
                reranked.append(hit)
        return sorted(reranked, key=lambda h: (-round(h.score, 6), h.document))


def _has_only_topics(term: Term, prefixes: tuple[str, ...]) -> bool:
    """Whether all that a term means is of some kinds: HER2 is a gene and a status as well as a class of drugs."""
    topics = [token for token in term if ":" in token]
    return bool(topics) and all(topic.startswith(prefixes) for topic in topics)


def _compared_drugs(words: Sequence[str], terms: Sequence[Term]) -> Sequence[Term]:
    """Return the two drugs or classes that a query compares; none where it compares no two."""
    drugs = [term for term in terms if _has_only_topics(term, DRUG_TOPICS)]
    return drugs if len(drugs) == 2 and COMPARISON_WORDS.intersection(words) else ()  # noqa: PLR2004 - two are compared


def edit_distance(a: str, b: str, limit: int) -> int:
    """Count the letters that part two words (Levenshtein distance), given up beyond a limit."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    line = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        following = [i]
        for j, y in enumerate(b, start=1):
            following.append(min(line[j] + 1, following[j - 1] + 1, line[j - 1] + (x != y)))
        if min(following) > limit:
            return limit + 1
        line = following
    return min(line[-1], limit + 1)
