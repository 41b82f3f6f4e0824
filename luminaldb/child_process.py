"""Python processes that end when the process that started them does, even by a kill.

A child that kept running would write to a temporary directory that the next command removes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

END_WITH_PARENT = """
import os, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
"""
"""Code that a child runs first. Its standard input is the pipe of `parent_pipe`, which the system closes when the
parent dies; this is the only sign of its end that works on every system."""


def end_with_parent() -> None:
    """End this process, the child, when its parent ends."""
    exec(END_WITH_PARENT, {})  # noqa: S102 - our own code


@contextmanager
def parent_pipe() -> Iterator[int]:
    """Yield the standard input for a child that runs `END_WITH_PARENT`; the child ends at the end of the block."""
    read, write = os.pipe()
    try:
        yield read
    finally:
        os.close(write)
        os.close(read)
