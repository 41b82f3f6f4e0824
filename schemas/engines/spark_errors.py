"""What Spark raises, in one line: its own errors have a stack of hundreds of lines."""

from __future__ import annotations

import re

from luminaldb.errors import LuminaldbError

_CAUSE = re.compile(r"^(?:Caused by: |: )?(?:[a-z][\w$]*\.)+([A-Z][\w$]*)(?:: (.*))?$", re.MULTILINE)
_NO_FILE_SYSTEM = re.compile(r"No FileSystem for scheme|ClassNotFoundException: Class org\.apache\.hadoop\.fs\.")
_MAX_CHARACTERS_SHOWN = 300
_JARS = "PYSPARK_SUBMIT_ARGS='--packages org.apache.hadoop:hadoop-aws:VERSION pyspark-shell'"


def is_spark_error(error: BaseException) -> bool:
    """Return whether Spark, or the JVM that it runs in, raised an error."""
    return any(kind.__module__.partition(".")[0] in ("pyspark", "py4j") for kind in type(error).__mro__)


def is_missing_path(error: BaseException) -> bool:
    """Return whether Spark found no file at an address."""
    return "PATH_NOT_FOUND" in str(error)


def describe_spark_error(error: BaseException, address: str = "") -> LuminaldbError:
    """Return an error of one line, with the first cause that Spark names.

    Args:
        error: what Spark raised.
        address: what was read; empty where it isn't known.
    """
    text = str(error)
    causes = _CAUSE.findall(text)
    kind, message = causes[-1] if causes else (type(error).__name__, text.partition("\n")[0])
    cause = " ".join(f"{kind}: {message}".split())[:_MAX_CHARACTERS_SHOWN]
    hint = ""
    if _NO_FILE_SYSTEM.search(text):
        hint = f"give Spark the jar of that file system, for s3a: {_JARS}"
    return LuminaldbError(f"Spark can't read it ({cause})", subject=address, hint=hint)
