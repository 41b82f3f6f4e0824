"""One Spark session for all tests of a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A small local session of Spark; the test is skipped where Spark or Java isn't installed."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: pip install 'luminaldb[test-spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and no java is on the path")
    builder = sql.SparkSession.builder.master("local[2]").appName("luminaldb tests")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
