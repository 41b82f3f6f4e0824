"""Codes and column names of the tables in words: `er_positive_her2_low` as "ER-positive, HER2-low"."""

from __future__ import annotations

import re

# By code; for codes whose words aren't the code with spaces.
_WORDS_BY_CODE = {
    "na": "not applicable",
    "itt": "intention to treat",
    "3_plus": "grade 3 or worse",
    "any": "any",
    "er_to_her2": "ER to HER2",
    "her2_to_er": "HER2 to ER",
    "er_pathway": "ER pathway",
    "her2_pathway": "HER2 pathway",
    "pi3k_akt_mtor": "PI3K/AKT/mTOR",
    "mapk": "MAPK",
    "dna_repair": "DNA repair",
    "full_text": "full text",
    "1_2": "grade 1 or 2",
    "non_inferiority": "non-inferiority",
    "ipcw": "weighted for switching (IPCW)",
    "rpsft": "adjusted for switching (RPSFT)",
    "microenvironment_immune": "microenvironment and immunity",
    "percent_at": "percent at a time",
    "second_plus": "second or later",
    "first_or_second": "first or second",
    "low_or_ultralow": "low or ultralow",
    "leading_to_discontinuation": "treatment stopped for it",
    "dose_reduction": "dose reduced for it",
    # A second read that found a row incomplete, and completed it.
    "incomplete": "completed",
    "source_conflict": "sources differ",
    "not_yet": "not yet",
    "met": "boundary met",
    "not_met": "boundary not met",
    "not_tested": "not tested formally",
    "secondary": "somebody else's report",
    "label": "drug label",
    "independent_central": "independent central review",
    "median_months": "median, months",
    "retracted_republished": "retracted, published again",
}
_RECEPTOR_STATUS = re.compile(r"(?<![a-z0-9])(er|hr|her2|pr)_(positive|negative|low)")
_ACRONYMS = re.compile(
    r"\b(her2|her3|hr|er|pr|fda|ema|nmpa|pmda|nct|inn|cas|atc|unii|id|doi|pmid|pmcid|ncbi|hgnc|dna|mapk)\b"
)
_MEGABYTE = 1_000_000
_ABBREVIATIONS = {"hazard_ratio": "HR", "odds_ratio": "OR", "risk_ratio": "RR", "rate_ratio": "rate ratio"}


def code_in_words(value: str) -> str:
    """Write a value of an enum in words."""
    if value in _WORDS_BY_CODE:
        return _WORDS_BY_CODE[value]
    with_receptors = _RECEPTOR_STATUS.sub(lambda m: f"{m[1].upper()}-{m[2]}", value).replace("_HER2", ", HER2")
    return _ACRONYMS.sub(lambda m: m[1].upper(), with_receptors.replace("_", " "))


def as_heading(column: str) -> str:
    """Write a column's name as a heading."""
    text = code_in_words(re.sub(r"_id$", "", column))
    return text[:1].upper() + text[1:]


def count_in_words(number: int, noun: str, *, zero: str = "0") -> str:
    """Write a number and its noun: 1 finding, 1,204 findings; `zero` is printed in place of 0."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else f"{zero} {noun}s"


def size_in_words(count: int) -> str:
    """Write a number of bytes: 760 kB, 3.6 MB."""
    return f"{count / _MEGABYTE:.1f} MB" if count >= _MEGABYTE else f"{max(1, round(count / 1000))} kB"


def abbreviate_measure(value: str) -> str:
    """Abbreviate a measure of effect."""
    return _ABBREVIATIONS.get(value, code_in_words(value))
