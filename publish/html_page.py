"""Self-contained HTML pages from Jinja2 templates: no script, nothing from elsewhere, in light or dark."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminaldb.html_templates import template_environment
from luminaldb.issues import printable

if TYPE_CHECKING:
    from jinja2 import Environment

# Jinja2 yields single cells; they are joined to chunks of at least this length.
_CHUNK_CHARACTERS = 50_000
_TEMPLATES = Path(__file__).parent / "templates"


def render_page(template: str, **values: Any) -> str:
    """Render a whole page.

    Args:
        template: the template's name, without its suffix.
        values: what it shows, `title` among them; escaped there.
    """
    return "".join(page_chunks(template, **values))


def page_chunks(template: str, **values: Any) -> Iterator[str]:
    """Yield a whole page in chunks of text; see `render_page`."""
    pending_texts: list[str] = []
    length = 0
    for text in _environment().get_template(f"{template}.html").generate(values):
        pending_texts.append(text)
        length += len(text)
        if length > _CHUNK_CHARACTERS:
            yield "".join(pending_texts)
            pending_texts, length = [], 0
    yield "".join(pending_texts)


@cache
def _environment() -> Environment:
    environment = template_environment(_TEMPLATES)
    style = "\n" + (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    # The policy allows this one style sheet by its hash, and nothing else: no script, image, font or request.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    environment.globals |= {"style": style, "policy": policy}
    environment.filters["printable"] = printable
    return environment
