"""Crossref: the notices that publishers and Retraction Watch registered on a DOI."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .http_client import Client, ServiceError, base
from .notices import Notice

NAME = "Crossref"
ADDRESS = "https://api.crossref.org"
# Requests per second: the limit for single records of requests with an e-mail address (Crossref's polite pool).
PER_SECOND = 5.0
_KINDS = {
    "retraction": "retraction",
    "partial_retraction": "retraction",
    "withdrawal": "retraction",
    "removal": "retraction",
    "expression_of_concern": "expression_of_concern",
    "correction": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
}


def address() -> str:
    """Return its address: LUMINALDB_CROSSREF, or its own."""
    return base(NAME, ADDRESS)


def notices(client: Client, doi: str) -> list[Notice] | None:
    """Return the notices on a DOI; None where Crossref doesn't know it.

    Raises:
        ServiceError: Crossref can't be reached, or its response can't be read.
    """
    response = client.get(f"/works/{quote(doi, safe='')}", {"mailto": client.contact} if client.contact else {})
    if response is None:
        return None
    try:
        message = response.json()["message"]
        updates = message.get("updated-by") or []
        return [n for update in updates if (n := _notice(update, doi)) is not None]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ServiceError(f"{NAME}: the answer on {doi} can't be read") from None


def _notice(update: dict[str, Any], doi: str) -> Notice | None:
    kind = _KINDS.get(str(update.get("type", "")).lower().replace("-", "_").replace(" ", "_"))
    if kind is None:
        return None
    notice_doi = str(update.get("DOI") or "").lower()
    # A notice under the DOI of the paper itself names no notice.
    ids = frozenset({notice_doi} - {"", doi.lower()})
    date_parts = ((update.get("updated") or {}).get("date-parts") or [[]])[0]
    date = "-".join(f"{int(p):0{4 if n == 0 else 2}d}" for n, p in enumerate(date_parts) if p is not None)
    return Notice(kind, ids, date, frozenset({NAME}))
