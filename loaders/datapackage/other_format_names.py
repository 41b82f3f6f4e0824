"""Names of the formats that are neither CSV nor JSON."""

from __future__ import annotations

SHEETS = ("xlsx", "xlsm", "ods")
LINES = ("jsonl", "ndjson")
DATABASES = ("sqlite", "sqlite3", "db", "duckdb")
FORMATS = frozenset((*SHEETS, *LINES, "parquet", *DATABASES))
