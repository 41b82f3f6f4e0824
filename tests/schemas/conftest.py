"""One Spark session for all tests of a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
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


@pytest.fixture
def folder_as_bucket() -> dict[str, str]:
    """The settings of Hadoop's own file system that shows folders of this machine under addresses of s3a."""
    return {
        "fs.s3a.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        "fs.viewfs.overload.scheme.target.s3a.impl": "org.apache.hadoop.fs.LocalFileSystem",
        "fs.viewfs.overload.scheme.target.file.impl": "org.apache.hadoop.fs.LocalFileSystem",
    }


@pytest.fixture
def bucket(
    spark: Any, folder_as_bucket: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> tuple[Path, str]:
    """A folder of this machine, and the address under which Spark's Hadoop knows it."""
    name = f"bucket{abs(hash(request.node.nodeid))}"
    folder = tmp_path / "bucket"
    folder.mkdir()
    for key, value in {**folder_as_bucket, f"fs.viewfs.mounttable.{name}.link./data": folder.as_uri()}.items():
        spark.conf.set(key, value)
    return folder, f"s3a://{name}/data"
