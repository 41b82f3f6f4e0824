"""Passages that the tables copy word for word from a source: a table may repeat its facts, not its sentences."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import input_status, is_folder, read_input
from luminaldb.loaders.database import Database

# Columns of free text; titles, names, labels and printed numbers are quotations by nature.
TEXT_COLUMNS = (
    "statement", "summary", "description", "definition", "mechanism_of_action", "indication", "note", "crossover_note",
    "reason",
)  # fmt: skip
TEXT_FILE_SUFFIXES = (".txt", ".md", ".html", ".xml", ".nxml", ".bib", ".json", ".csv")
MIN_OVERLAP_WORDS = 9
# A run with fewer words that hold a letter is a row of numbers, which can't be reworded.
_MIN_WORDS_WITH_LETTERS = 7
_MAX_BYTES = 256 * 1024**2
# One spelling, so that a changed spelling alone hides no copied sentence.
_SPELLINGS = [
    (re.compile(british), to_american_spelling)
    for british, to_american_spelling in (
        ("tumour", "tumor"), ("oestr", "estr"), ("aemia", "emia"), ("haem", "hem"), ("oedema", "edema"),
        ("rrhoea", "rrhea"), (r"(?<=[a-z]{3})is(?=(?:ed|ing|ation)\b)", "iz"), ("signalling", "signaling"),
        ("avour", "avor"), ("centre", "center"),
    )
]  # fmt: skip
_TAG = re.compile(r"<[^<>]{1,200}>")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Overlap:
    """A run of words that a cell shares with a source.

    Attributes:
        table: of the cell.
        row_key: of its row.
        column: of the cell.
        source: file that holds the same words.
        words: number of consecutive words.
        passage: the words, in lower case.
    """

    table: str
    row_key: str
    column: str
    source: str
    words: int
    passage: str


def split_words(text: str) -> list[str]:
    """Split a text into comparable words: lower case, without mark-up, in American spelling.

    >>> split_words("Randomised to tumour-free <i>ER+</i> arms")
    ['randomized', 'to', 'tumor', 'free', 'er', 'arms']
    """
    text = _TAG.sub(" ", html.unescape(text)).lower()
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return _WORD.findall(text)


def read_source_texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Read text files, and those of folders, as pairs of name and text.

    Raises:
        LuminaldbError: there is no such file or folder.
    """
    for path in paths:
        if input_status(path) is None:
            raise LuminaldbError("no such file or folder", subject=str(path), hint="name texts of sources")
        for file in sorted(p for p in path.rglob("*") if p.suffix in TEXT_FILE_SUFFIXES) if is_folder(path) else [path]:
            yield str(file), read_input(file, limit=_MAX_BYTES).decode("utf-8", errors="replace")


def find_overlaps(
    database: Database, sources: Iterable[tuple[str, str]], min_words: int = MIN_OVERLAP_WORDS
) -> list[Overlap]:
    """Find the longest run of words that each text cell shares with each source.

    Args:
        database: whose texts to check.
        sources: pairs of name and text.
        min_words: how many consecutive words count as an overlap.
    """
    cells = list(_cells(database))
    words_of_cells = [split_words(text) for *_, text in cells]
    runs: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for cell_index, words in enumerate(words_of_cells):
        for start in range(len(words) - min_words + 1):
            run = tuple(words[start : start + min_words])
            if sum(any(map(str.isalpha, word)) for word in run) >= min(_MIN_WORDS_WITH_LETTERS, min_words):
                runs[run].append((cell_index, start))
    longest: dict[tuple[int, str], Overlap] = {}
    for name, text in sources:
        words = split_words(text)
        for position in range(len(words) - min_words + 1):
            for cell_index, start in runs.get(tuple(words[position : position + min_words]), ()):
                shared_words = _shared_words(words_of_cells[cell_index][start:], words[position:])
                longest_so_far = longest.get((cell_index, name))
                if longest_so_far is None or len(shared_words) > longest_so_far.words:
                    table, key, column, _ = cells[cell_index]
                    longest[cell_index, name] = Overlap(
                        table, key, column, name, len(shared_words), " ".join(shared_words)
                    )
    return sorted(longest.values(), key=lambda o: (o.table, o.row_key, -o.words, o.source))


def _cells(database: Database) -> Iterator[tuple[str, str, str, str]]:
    for table in database.tables:
        key = database.resource(table).schema.primary_key
        frame = database.text(table)
        for column in (c for c in TEXT_COLUMNS if c in frame.columns):
            for row in frame.filter(frame[column] != "").select(*key, text=column).iter_rows():
                yield table, "|".join(row[:-1]), column, row[-1]


def _shared_words(first_words: list[str], second_words: list[str]) -> list[str]:
    end = 0
    while end < min(len(first_words), len(second_words)) and first_words[end] == second_words[end]:
        end += 1
    return first_words[:end]
