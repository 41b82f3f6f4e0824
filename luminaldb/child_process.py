"""Python processes that end when the process that started them does, even by a kill.

A child that goes on would write to a temporary directory which the next command wants to remove.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

END_WITH_PARENT = """
import os, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
"""
"""Code that a child runs first. Its standard input is the pipe of `parent_pipe`, which the system closes for a dead
process; no other signal of that exists on every system."""


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
