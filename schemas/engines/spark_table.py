"""A table in Spark, or why it can't be one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .engine_files import EngineFile


class NotSplittableError(Exception):
    """A file that Spark can't split into the same records as the reader of one process; the message has the reason."""


@dataclass(frozen=True, slots=True)
class SparkTable:
    """A table in Spark, each column as text.

    Attributes:
        native: Spark's frame; None where nothing can be read.
        engine_file: its header, the number of its rows, and what is wrong with its form.
        notes: what could not be checked.
    """

    native: Any
    engine_file: EngineFile
    notes: tuple[str, ...] = ()
