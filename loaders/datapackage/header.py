"""Which rows of a file are its header, which are comments, and what the columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .decoding import DAMAGED
from .dialect import Dialect


def find_header(
    rows: Sequence[Sequence[str]], dialect: Dialect, names: tuple[str, ...]
) -> tuple[tuple[str, ...], int, frozenset[int]]:
    """Find the header.

    Args:
        rows: all rows of the file.
        dialect: how it is written.
        names: of the fields, which name the columns of a file without a header.

    Returns:
        The header, the index of the first row below it, and the indexes of the rows that are comments.
    """
    comment_char = dialect.comment_char
    comments = frozenset(
        n
        for n, row in enumerate(rows if comment_char or dialect.comment_rows else ())
        if n + 1 in dialect.comment_rows or (comment_char and row and row[0].startswith(comment_char))
    )
    if not dialect.header:
        width = next((len(row) for n, row in enumerate(rows) if n not in comments), 0)
        return names or tuple(f"field{n + 1}" for n in range(width)), 0, comments
    if dialect.header_rows:
        header_indexes = [n - 1 for n in dialect.header_rows if n <= len(rows)]
    else:
        header_indexes = [n for n in range(min(len(rows), len(comments) + 1)) if n not in comments][:1]
    if not header_indexes:
        return (), len(rows), comments
    if len(header_indexes) == 1:
        return tuple(rows[header_indexes[0]]), header_indexes[0] + 1, comments
    return _join([rows[n] for n in header_indexes], dialect.header_join), header_indexes[-1] + 1, comments


def _join(rows: Sequence[Sequence[str]], separator: str) -> tuple[str, ...]:
    """Join several rows of a header; a cell of an upper row also labels the empty cells to its right."""
    *upper_rows, last_row = rows
    width = max(len(row) for row in rows)
    parts: list[list[str]] = [[] for _ in range(width)]
    for row in upper_rows:
        label = ""
        for n in range(width):
            label = (row[n] if n < len(row) else "") or label
            parts[n].append(label)
    for n in range(width):
        parts[n].append(last_row[n] if n < len(last_row) else "")
    return tuple(separator.join(p for p in column if p) for column in parts)


def match_case(header: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Write a header whose letters' case doesn't matter in the case that the fields have."""
    names_by_lower_case = {name.casefold(): name for name in names}
    return tuple(names_by_lower_case.get(name.casefold(), name) for name in header)


def match_damaged(header: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Replace a name with damaged bytes by the only field name that it can be and that the header lacks."""
    result = []
    for name in header:
        name_pattern = re.compile(".{0,4}".join(map(re.escape, re.split(f"{DAMAGED}+", name))))
        matching_names = [n for n in names if DAMAGED in name and n not in header and name_pattern.fullmatch(n)]
        result.append(matching_names[0] if len(matching_names) == 1 else name)
    return tuple(result)


def number_repeated_names(names: Sequence[str]) -> tuple[str, ...]:
    """Number the names that occur again: a, b, a becomes a, b, a (2)."""
    counts: Counter[str] = Counter()
    result = []
    for name in names:
        counts[name] += 1
        result.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return tuple(result)
