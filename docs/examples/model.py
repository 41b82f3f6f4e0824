"""Make the model of a source: the logarithm of each ratio and its standard error by the events."""

import sys

import polars as pl

source, target = sys.argv[1:]
log_ratio = pl.col("hazard_ratio").log().alias("log_ratio")
# With equal arms: sqrt(1 / (events / 2) + 1 / (events / 2)).
standard_error = (2 / pl.col("events").sqrt()).alias("standard_error")
pl.read_csv(source).select("study", log_ratio, standard_error).write_parquet(target)
