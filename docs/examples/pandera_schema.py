"""Check a model by a pandera schema, with luminaldb's report: one line per failure, exit code 1."""

import sys

import pandera.polars as pa
import polars as pl

import luminaldb

SCHEMA = pa.DataFrameSchema(
    {
        "study": pa.Column(str, unique=True),
        "log_ratio": pa.Column(float, pa.Check.in_range(-5, 5)),
        "standard_error": pa.Column(float, pa.Check.gt(0)),
    },
    strict=True,
)

report = luminaldb.validate(pl.read_parquet(sys.argv[1]), schema=SCHEMA)
for finding in report.findings:
    print(finding)
sys.exit(not report.ok)
