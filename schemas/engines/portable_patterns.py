"""Regular expressions that mean the same to Rust's regex (polars), RE2 (DuckDB) and java.util.regex (Spark)."""

from __future__ import annotations

import re

# Rust reads \d and \s by Unicode, the other two by ASCII; spelled out, all three agree.
_SPACES = r"\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
_TOKEN = re.compile(
    r"(?P<same>\\A|\\z|\\[.\-+*?^$|(){}\[\]/\\]|\(\?:|[^\\.$\[\](#&~]|\((?!\?)|#)"
    r"|(?P<digit>\\d)|(?P<space>\\s)|(?P<set>\[\^?(?:\\[.\-+*?^$|(){}\[\]/\\ds]|[^\\\[\]&~])+\])"
)
_POSSESSIVE = re.compile(r"[*+?}]\+")
_LONG = re.compile(r"\{(?:[0-9]*,)?[0-9]{4,}")
_RANGES = re.compile(r"--")


def portable_pattern(pattern: str) -> str | None:
    """Return a pattern that matches the same texts in every engine, or None where that isn't certain."""
    if _POSSESSIVE.search(pattern) or _LONG.search(pattern) or _RANGES.search(pattern):
        return None
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            return None
        text = token.group()
        if token["digit"]:
            text = r"\p{Nd}"
        elif token["space"]:
            text = f"[{_SPACES}]"
        elif token["set"]:
            text = text.replace(r"\\", "\0").replace(r"\d", r"\p{Nd}").replace(r"\s", _SPACES).replace("\0", r"\\")
        parts.append(text)
        position = token.end()
    return "".join(parts)
