"""Regular expressions of descriptors, made into ones that run in linear time whatever they say.

The standard asks for XML Schema's expressions (XML Schema part 2, appendix F); what they can say, Rust's engine
can. Look-around and references back are in neither, and would let one cell hold up a validation for ever.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

_XML_SCHEMA_CLASSES = {
    "i": r"[\p{L}_:]",
    "c": r"[\p{L}\p{N}\p{M}_:.\-]",
    "I": r"[^\p{L}_:]",
    "C": r"[^\p{L}\p{N}\p{M}_:.\-]",
}
MAX_CHARACTERS = 10_000


def translate_pattern(pattern: str) -> str:
    """Translate XML Schema's syntax into Rust's where they differ: name characters, and classes minus classes."""
    parts: list[str] = []
    depth, n = 0, 0
    while n < len(pattern):
        char = pattern[n]
        if char == "\\" and n + 1 < len(pattern):
            parts.append(_XML_SCHEMA_CLASSES.get(pattern[n + 1], pattern[n : n + 2]))
            n += 2
            continue
        if depth and char == "-" and pattern[n + 1 : n + 2] == "[":
            char = "--"
        depth += (pattern[n] == "[") - (pattern[n] == "]" and depth > 0)
        parts.append(char)
        n += 1
    return "".join(parts)


def anchor_pattern(pattern: str) -> str:
    """Return the expression that a whole cell must match, alternations included."""
    return rf"\A(?:{translate_pattern(pattern)})\z"


@lru_cache(maxsize=1024)
def why_unusable(pattern: str) -> str:
    """Return why a pattern can't be used; empty where it can."""
    if len(pattern) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS:,} characters"
    for expression in (translate_pattern(pattern), anchor_pattern(pattern)):
        try:
            pl.Series([""]).str.contains(expression)
        except pl.exceptions.PolarsError as error:
            message = " ".join(str(error).split()).partition(" This error occurred")[0]
            return message.rpartition("error: ")[2] or message
    return ""


def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern is found somewhere in a text."""
    return bool(pl.Series([text]).str.contains(translate_pattern(pattern))[0])
