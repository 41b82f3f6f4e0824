"""Tell URLs from paths of this machine."""

from __future__ import annotations

import re

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# A path object takes one of the two slashes, and turns both around on Windows; one letter is a drive.
_URL_AS_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[/\\]")


def is_url(text: str) -> bool:
    """Return whether a text is a URL, such as `https://example.org/a.csv`."""
    return _URL.match(text) is not None


def looks_like_url(text: str) -> bool:
    """Return whether the text of a path is a URL, perhaps with only one of its two slashes."""
    return _URL_AS_PATH.match(text) is not None


def restore_url(text: str) -> str:
    """Return a URL with both of its slashes; an empty text for a path."""
    if is_url(text):
        return text
    return re.sub(r"^([^:]+):[/\\]", r"\1://", text) if looks_like_url(text) else ""
