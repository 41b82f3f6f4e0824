"""Delay interruptions (Ctrl-C, SIGTERM) until they leave nothing half done."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Signals that wait until the work allows them; each is handled as it would have been before.

    Attributes:
        files: source files whose code is never interrupted: between the end of a `with` block and its clean-up runs
            code of contextlib, and an exception raised there would skip the clean-up.
    """

    def __init__(self, files: tuple[str, ...]) -> None:
        self.files = (*files, contextlib.__file__, __file__)
        self._open = self._ended = False
        self._waiting: list[int] = []
        self._before: dict[int, Callable[[int, FrameType | None], Any]] = {}

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let a signal interrupt this block; further ones wait until the work has been cleaned up."""
        try:
            self._open = True
            if self._waiting:
                self._handle(self._waiting.pop(0), None)
            yield
        finally:
            self._open = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self._ended and (not self._open or (frame is not None and frame.f_code.co_filename in self.files)):
            self._waiting.append(number)
            return
        self._open = False
        self._before[number](number, frame)

    def start(self) -> None:
        """Handle the signals from now on; in another thread than the main one Python handles none."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            before = signal.getsignal(number)
            # The system's own handling can't wait: it ends the process, or ignores the signal.
            if callable(before):
                self._before[number] = before
                signal.signal(number, self._handle)

    def end(self) -> None:
        """Handle signals as before, the ones that waited first."""
        self._ended = True
        for number, before in self._before.items():
            signal.signal(number, before)
        if self._waiting:
            number = self._waiting[0]
            self._before[number](number, None)


@contextmanager
def defer_interrupts(*files: str) -> Iterator[Interrupts]:
    """Keep interruptions waiting while the block runs, but where it allows them.

    Args:
        files: source files whose code is never interrupted.
    """
    interrupts = Interrupts(files)
    try:
        interrupts.start()
        yield interrupts
    finally:
        interrupts.end()
