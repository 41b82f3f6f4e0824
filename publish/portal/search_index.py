"""The data that the search boxes read: the documents, dictionary and weights of `luminaldb search`."""

from __future__ import annotations

from typing import Any

from luminaldb.loaders.search import index_of, ranking, text
from luminaldb.loaders.search.documents import Document
from luminaldb.loaders.search.ranking import Index

from .evidence import Evidence
from .page_kinds import KIND_BY_TABLE, KINDS, OWNER_COLUMNS, anchor_from_key, page_address, row_address
from .retired_pages import find_retired_addresses
from .site import Site

_LONGEST_DETAIL = 170


def write_search_page(site: Site) -> None:
    """Write the search page and its data."""
    index = index_of(site.evidence.database)
    site.write_script("data/search.js", ("search",), search_data(site.evidence, index))
    lists = [(kind.plural, f"{kind.folder}/index.html") for kind in KINDS]
    site.write_page("search.html", "search", "Search", lists=lists)


def search_data(evidence: Evidence, index: Index) -> dict[str, Any]:
    """Return the index as the script reads it: tokens by number, what phrases mean, and documents by column."""
    numbers = {token: n for n, token in enumerate(index.postings)}
    kinds = sorted({d.kind for d in index.documents})
    rows = []
    for document, tokens in zip(index.documents, index.tokens, strict=True):
        by_weight = [
            [numbers[t] for t, token_weight in tokens.items() if token_weight == weight] for weight in ranking.WEIGHTS
        ]
        rows.append(
            [
                kinds.index(document.kind),
                document.title,
                _shorten(document.detail),
                document_address(evidence, document),
                round(document.base_weight, 4),
                *map(_deltas, by_weight),
                sorted({text.join_words(n) for n in document.names}),
            ]
        )
    return {
        "kinds": kinds,
        "tokens": list(index.postings),
        "phrases": {phrase: list(topics.items()) for phrase, topics in index.phrases.items()},
        "skipped": sorted(ranking.NORMALISED_STOP_WORDS),
        "wrapped": text.IDENTIFIER_PREFIX,
        "identifier": text.IDENTIFIER,
        "weights": {
            "tokens": ranking.WEIGHTS, "word": ranking.WORD_WEIGHT, "span": ranking.MAX_PHRASE_WORDS,
            "prefix": ranking.MIN_PREFIX_LENGTH, "misspelt": ranking.MIN_MISSPELT_LENGTH,
            "completed": ranking.COMPLETION_WEIGHT, "completions": ranking.MAX_COMPLETIONS,
            "coverage": ranking.COVERAGE_POWER, "exact": ranking.EXACT_BONUS, "least": ranking.MIN_COVERAGE,
            "beginning": ranking.BEGINNING_FACTOR, "direct": ranking.COMPARISON_FACTOR, "shown": ranking.FIRST_ROWS,
        },
        "named": ranking.SPECIFIC_TOPICS,
        "drugs": ranking.DRUG_TOPICS,
        "measured": ranking.OUTCOME_TOPICS,
        "comparing": sorted(ranking.COMPARISON_WORDS),
        "notes": {
            "unknown": ranking.UNKNOWN_WORDS_NOTE, "partly": ranking.PARTLY_NOTE,
            "compared": ranking.NOT_COMPARED_NOTE,
        },
        "documents": rows,
        "retired": [
            [r.key, r.address, f"retired; see {r.successor}" if r.successor_address else "retired"]
            for r in find_retired_addresses(evidence)
        ],
    }  # fmt: skip


def document_address(evidence: Evidence, document: Document) -> str:
    """Return the address of a document, from the site's root: its page, or its row on one."""
    table, key = document.table, document.key
    if table in KIND_BY_TABLE:
        return page_address(KIND_BY_TABLE[table], key)
    if table in OWNER_COLUMNS:
        return row_address(evidence, table, evidence[table].row(key))
    if table == "regulatory_events":
        therapy = evidence[table].row(key)["therapy_id"]
        return f"{page_address(KIND_BY_TABLE['therapies'], therapy)}#{anchor_from_key(table, key)}"
    if table == "arm_therapies":
        return f"browse/{table}.html#therapy_id=%3D{key.partition('|')[2]}"
    return f"browse/{table}.html#{evidence[table].key[0]}=%3D{key}"


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_DETAIL else text[:_LONGEST_DETAIL].rsplit(" ", 1)[0] + " …"


def _deltas(numbers: list[int]) -> list[int]:
    """Write rising numbers as steps from one to the next, which are shorter."""
    steps, previous = [], 0
    for number in sorted(numbers):
        steps.append(number - previous)
        previous = number
    return steps
