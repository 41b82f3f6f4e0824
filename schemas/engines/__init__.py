"""The same checks where one machine's memory is too small: in DuckDB and in Spark, through narwhals."""
