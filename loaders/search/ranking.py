"""Ranks documents against a query: all its terms before most of them, most before any.

The portal's script, search.js, does the same.

A query is cut into terms, the longest phrases of the dictionary first. A term is met by any of its alternatives: topics
that the phrase means, or the word itself. A document scores the sum over its terms of how rare the term is, times how
well the document meets it; times the square of the share of the query that it meets; times its own prior.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .documents import Document
from .phrases import Phrases
from .synonyms import LEFT_OUT
from .text import bare_identifier, is_identifier, spell, split, squeeze

ABOUT, COMPARED, MENTION = 1.0, 0.8, 0.4
WEIGHTS = (ABOUT, COMPARED, MENTION)
WORD = 0.7
LONGEST_SPAN = 8
SHORTEST_PREFIX = 3
SHORTEST_MISSPELT = 5
COMPLETED = 0.9
MOST_COMPLETIONS = 40
SKIPPED = frozenset(map(spell, LEFT_OUT))
COVERAGE_POWER = 2
# What meets less of a query than this, by how rare its terms are, is no answer to it.
LEAST = 0.15
# A document whose whole name was typed counts for more than any number of matches.
EXACT, BEGINNING = 1000.0, 1.6
# A result that compares the two drugs asked for comes before rows that touch both.
DIRECT = 3.0

COMPARING = frozenset({"v", "vs", "versus", "against", "compared"})
PARTLY = "No row is about all of this; these rows are about a part of it."
UNKNOWN = "No row has the words: {}. These rows are about the rest of the question."
NOT_COMPARED = "No result compares the two directly; these rows are about both."
DRUGS = ("therapy:", "class:")
MEASURED = ("endpoint:", "event:")
NAMED = (*DRUGS, "trial:", *MEASURED)
# A note is about the rows that a reader sees first.
SHOWN = 10

Term = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found.

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
    """Documents by the topics and words they hold.

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
            for name in {squeeze(n) for n in document.names}:
                self.names[name].append(number)

    def _tokens(self, document: Document) -> dict[str, float]:
        own: dict[str, float] = {}
        for text, weight in ((document.text, MENTION), (document.words, ABOUT)):
            words = split(text)
            own.update(dict.fromkeys((t for t in self._topics_in(words) if t not in own), MENTION))
            own.update((word, weight) for word in words if word not in SKIPPED)
        # Sorted, as the order of a set changes from one process to the next and the portal writes it down.
        own.update(dict.fromkeys((t for t in sorted(document.mentions) if own.get(t, 0) < MENTION), MENTION))
        own.update(dict.fromkeys(sorted(document.compared), COMPARED))
        own.update(dict.fromkeys(sorted(document.topics), ABOUT))
        return own

    def _topics_in(self, words: Sequence[str]) -> Iterable[str]:
        """Yield the topics of the phrases in a text, the longest phrases first."""
        at = 0
        while at < len(words):
            step = 1
            for length in range(min(self.lengths.get(words[at], 0), len(words) - at), 0, -1):
                found = self.phrases.get("".join(words[at : at + length]))
                if found:
                    yield from (topic for topic, weight in found.items() if weight >= WORD)
                    step = length
                    break
            at += step

    def terms(self, words: Sequence[str]) -> list[Term]:
        """Cut the words of a query into terms, each with its alternatives and their weights."""
        result: list[Term] = []
        at = 0
        while at < len(words):
            for length in range(min(LONGEST_SPAN, len(words) - at), 0, -1):
                span = words[at : at + length]
                found = self.phrases.get("".join(span))
                if found and not (length == 1 and span[0] in SKIPPED):
                    result.append({**found, **({span[0]: WORD} if length == 1 else {})})
                    at += length
                    break
            else:
                last = at == len(words) - 1
                if words[at] not in SKIPPED:
                    result.append(self._word(words[at], last=last))
                at += 1
        return result

    def _word(self, word: str, *, last: bool) -> Term:
        """Return the alternatives of a word that no phrase begins with: itself, and what it is the beginning of."""
        term: dict[str, float] = {word: 1.0} if word in self.postings else {}
        if (last or not term) and len(word) >= SHORTEST_PREFIX and not word.isdigit():
            longer = sorted(t for t in self.postings if ":" not in t and t.startswith(word) and t != word)
            for other in longer[:MOST_COMPLETIONS]:
                term[other] = max(COMPLETED * WORD, term.get(other, 0.0))
                for topic, weight in self.phrases.get(other, {}).items():
                    term[topic] = max(COMPLETED * weight, term.get(topic, 0.0))
        return term

    def _correct_spelling(self, word: str) -> str:
        """Return the known word that a misspelt one is nearest to; the word itself where it is known or begins one."""
        if len(word) < SHORTEST_MISSPELT or any(c.isdigit() for c in word) or word in SKIPPED:
            return word
        if word in self.postings or word in self.phrases or any(t.startswith(word) for t in self.postings):
            return word
        limit = max(1, len(word) // 4)
        near = [
            (distance, other)
            for other in self.postings
            if ":" not in other and other.isalpha() and (distance := edit_distance(word, other, limit)) <= limit
        ]
        return min(near)[1] if near else word

    def find(self, query: str) -> list[Hit]:
        """Rank the documents that meet a query, best first."""
        return self.find_with_note(query)[0]

    def find_with_note(self, query: str) -> tuple[list[Hit], str]:
        """Rank the documents that meet a query, and say where they don't answer it; empty where they do."""
        asked = bare_identifier(query)
        exact = self.names.get(squeeze(asked), []) if asked else []
        if is_identifier(asked) and not self.phrases.get(squeeze(asked)):
            return [Hit(n, EXACT, "exact") for n in exact], ""
        words = [self._correct_spelling(word) for word in split(asked)]
        exact = exact or self.names.get("".join(words), [])
        terms = self.terms(words)
        hits = self._by_name(self._rank(words, terms), exact, asked)
        return hits, self._note(words, terms, hits)

    def _rank(self, words: Sequence[str], terms: Sequence[Term]) -> list[Hit]:
        """Score the documents that meet the terms of a query."""
        if not all(terms) and not any(":" in token for term in terms for token in term):
            # An unknown word, and no other word names a row: matches by chance are no answers.
            return []
        met: dict[int, list[float]] = defaultdict(list)
        rarity: dict[int, float] = defaultdict(float)
        shares: dict[int, float] = defaultdict(float)
        whole = 0.0
        for term in terms:
            best: dict[int, float] = {}
            for token, weight in term.items():
                for number, own in self.postings.get(token, ()):
                    best[number] = max(best.get(number, 0.0), weight * own)
            common = math.log(1 + len(self.documents) / max(1, len(best)))
            whole += common
            for number, own in best.items():
                met[number].append(own)
                rarity[number] += common * own
                shares[number] += common
        drugs = _compared_drugs(words, terms)
        hits = []
        for number, fits in met.items():
            share = shares[number] / whole
            if share < LEAST:
                continue
            score = rarity[number] * share**COVERAGE_POWER * self.documents[number].prior
            if drugs and len(fits) == len(terms) and self._compares(number, drugs):
                score *= DIRECT
            match = "all" if len(fits) == len(terms) else "most" if 2 * len(fits) > len(terms) else "any"
            hits.append(Hit(number, score, match))
        return hits

    def _note(self, words: Sequence[str], terms: Sequence[Term], hits: Sequence[Hit]) -> str:
        """Say where the documents found don't answer a query."""
        if not hits or hits[0].match == "exact":
            return ""
        if unknown := [word for word in words if not all(self.terms([word]))]:
            return UNKNOWN.format(", ".join(unknown))
        named = [term for term in terms if _is_of(term, NAMED)]
        better = [hits[0], *(hit for hit in hits[1:SHOWN] if hit.match != "any")]
        if not any(self._meets(hit.document, named) for hit in better):
            return PARTLY
        drugs = _compared_drugs(words, terms)
        return NOT_COMPARED if drugs and not any(self._compares(hit.document, drugs) for hit in hits) else ""

    def _meets(self, number: int, named: Sequence[Term]) -> bool:
        """Whether a document is about each drug and trial asked for, and one of the endpoints or side effects."""
        own = self.tokens[number].keys()
        measured = [term for term in named if _is_of(term, MEASURED)]
        others = [term for term in named if term not in measured]
        return all(own & t.keys() for t in others) and (not measured or any(own & t.keys() for t in measured))

    def _compares(self, number: int, drugs: Sequence[Term]) -> bool:
        """Whether a result is about one drug against what has the other, or of two classes about both."""
        own = self.tokens[number]
        weights = [max(own.get(topic, 0.0) for topic in term if ":" in topic) for term in drugs]
        # A drug may belong to the class it is compared with: both are then what the result is about.
        apart = weights[0] != weights[1] or any(_is_of(term, ("class:",)) for term in drugs)
        return " against " in self.documents[number].title and apart and max(weights) == ABOUT and min(weights) > 0

    def _by_name(self, hits: list[Hit], exact: Sequence[int], asked: str) -> list[Hit]:
        """Put the documents whose name was typed first, then those whose name begins with it."""
        beginning = squeeze(asked)
        known = {h.document for h in hits}
        hits += [Hit(n, 0.0, "exact") for n in exact if n not in known]
        raised = []
        for hit in hits:
            document = self.documents[hit.document]
            if hit.document in exact:
                raised.append(Hit(hit.document, hit.score + EXACT * document.prior, "exact"))
            elif document.names and len(beginning) > SHORTEST_PREFIX and squeeze(document.title).startswith(beginning):
                raised.append(Hit(hit.document, hit.score * BEGINNING, hit.match))
            else:
                raised.append(hit)
        return sorted(raised, key=lambda h: (-round(h.score, 6), h.document))


def _is_of(term: Term, kinds: tuple[str, ...]) -> bool:
    """Whether all that a term means is of some kinds: HER2 is a gene and a status as well as a class of drugs."""
    topics = [token for token in term if ":" in token]
    return bool(topics) and all(topic.startswith(kinds) for topic in topics)


def _compared_drugs(words: Sequence[str], terms: Sequence[Term]) -> Sequence[Term]:
    """Return the two drugs or classes that a query compares; none where it compares no two."""
    drugs = [term for term in terms if _is_of(term, DRUGS)]
    return drugs if len(drugs) == 2 and COMPARING.intersection(words) else ()  # noqa: PLR2004 - two are compared


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
