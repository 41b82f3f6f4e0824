"""The backends that run checks: polars in memory or in chunks, DuckDB, and Spark."""
