"""Every code that an issue can carry: those of files, columns and keys, and those of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import MappingProxyType

from luminaldb.issue_codes import CODES, Code

from .rules import RULES
from .statistics.rules import STATISTICS_RULES


@cache
def known_codes() -> MappingProxyType[str, Code]:
    """Return every code by its name, in order."""
    rules = (Code(rule.code, rule.title, rule.severity, rule.reason) for rule in (*RULES, *STATISTICS_RULES))
    return MappingProxyType({code.code: code for code in sorted((*CODES.values(), *rules), key=lambda c: c.code)})


def unknown_codes(codes_or_prefixes: Iterable[str]) -> list[str]:
    """Return what is neither a code nor the beginning of one."""
    codes = tuple(known_codes())
    return [word for word in codes_or_prefixes if not any(code.startswith(word) for code in codes)]
