"""Citations as reference managers read them: one model (CSL-JSON), one writer per format."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from luminaldb.errors import LuminaldbError

from . import apa, bibtex, ris
from .csl import Item


def _csl(items: Sequence[Item]) -> str:
    return json.dumps(list(items), indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Sequence[Item]], str]] = {
    "bibtex": bibtex.render,
    "ris": ris.render,
    "apa": apa.render,
    "csl": _csl,
}


def render(items: Sequence[Item], to: str) -> str:
    """Write CSL-JSON items (`csl.items`, `csl.dataset`) as bibtex, ris, apa or csl.

    Raises:
        LuminaldbError: there is no such format.
    """
    if to not in FORMATS:
        raise LuminaldbError(f"no format {to!r}", hint=f"choose from {', '.join(FORMATS)}")
    return FORMATS[to](items)
