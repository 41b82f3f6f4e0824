"""Words of a text as the search compares them: in lower case, without accents, one kind of dash and one spelling."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Hyphens and dashes that word processors, PDFs and keyboards write: U+2010 to U+2015, minus, small and wide forms.
_DASHES = re.compile("[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_NEGATIVE_RECEPTOR = re.compile(r"\b(her2|hr|er|pr|pgr)\s?-(?=$|[\s/,;)])")
_WORD = re.compile(r"[^\W_]+\+?")
# British and American spellings become one spelling, on both sides of a comparison.
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("z", "s"))
_SHORTEST_PLURAL = 4
# What is in front of an identifier: a prefix such as `doi:`, or the address that resolves it.
IDENTIFIER_PREFIX = (
    r"^(?:https?://)?(?:(?:dx\.)?doi\.org/|(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:pubmed|pmc/articles)/"
    r"|pmc\.ncbi\.nlm\.nih\.gov/articles/|clinicaltrials\.gov/(?:ct2/show|study)/))"
    r"|^(?:doi|pmid|pmcid)(?:\s*:\s*|\s+|(?=\d))"
)
IDENTIFIER = r"^(?:10\.\d{4,}/\S+|\d{6,}|pmc\d+|nct\d+|isrctn\d+|ensg\d+)$"
_IDENTIFIER_PREFIX = re.compile(IDENTIFIER_PREFIX, re.IGNORECASE)
_IDENTIFIER = re.compile(IDENTIFIER)


def normalise_letters(text: str) -> str:
    """Write a text in lower case, with plain letters and one kind of hyphen."""
    if text.isascii():
        letters = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", _DASHES.sub("-", text))
        letters = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
    return _NEGATIVE_RECEPTOR.sub(r"\1 negative", letters)


@cache
def normalise_spelling(word: str) -> str:
    """Write a word in American spelling and in the singular, near enough for a comparison."""
    for british, american in _SPELLINGS:
        word = word.replace(british, american)
    if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "is", "us")):
        word = word[:-1]
    return word


def split_words(text: str) -> list[str]:
    """Return the words of a text, as they are compared.

    Example:
        >>> split_words("HR+ tumours, T\u2011DXd")
        ['hr+', 'tumor', 't', 'dxd']
    """
    return ["no" if word == "without" else normalise_spelling(word) for word in _WORD.findall(normalise_letters(text))]


def join_words(text: str) -> str:
    """Join the words of a text, so that `T-DM1`, `TDM1` and `T DM1` are one name."""
    return "".join(split_words(text))


def bare_identifier(text: str) -> str:
    """Take an identifier out of the address or the words it is printed in: `PMID 27717303` is 27717303."""
    unwrapped = _IDENTIFIER_PREFIX.sub("", text.strip())
    return text.strip() if unwrapped == text.strip() else unwrapped.rstrip("/?#").strip()


def is_identifier(text: str) -> bool:
    """Return whether a text has the form of a DOI, a PMID or a registry number: which names one row or none."""
    return bool(_IDENTIFIER.match(text.strip().lower()))
