"""The geometry of intervals drawn beside their numbers, in the units of an SVG view box."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, MARGIN = 180.0, 6.0
# A ratio further out than this is drawn as an arrow: one wild interval must not squeeze all others.
_MAX_RATIO = 8.0
_TICKS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval, drawn: positions along the view box; what lies outside it ends in an arrow.

    Attributes:
        low: left end of the line, None without an interval.
        high: right end.
        middle: the estimate.
        null: the line of no effect.
        favours: experimental, control or neither: which arm the interval favours.
        text: what it says in words.
        cut_low: whether the left end lies outside the box.
        cut_high: whether the right end does.
        formal: whether a formal test met its boundary.
    """

    low: float | None
    high: float | None
    middle: float
    null: float
    favours: str
    text: str
    cut_low: bool = False
    cut_high: bool = False
    formal: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis below intervals: where its ticks are, with their labels, and where no effect is."""

    ticks: tuple[tuple[float, str], ...]
    null: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic scale that all ratios of a page share."""

    low: float
    high: float

    @classmethod
    def covering(cls, values: Iterable[float]) -> Scale:
        """Make the scale that holds 1 and these ratios, as far as they are not too far out."""
        logs = [math.log(v) for v in values if v > 0]
        low = max(min([*logs, math.log(0.5)]), -math.log(_MAX_RATIO))
        high = min(max([*logs, math.log(2)]), math.log(_MAX_RATIO))
        return cls(low, high)

    def position(self, value: float) -> float:
        """Return where a ratio lies, kept within the box."""
        share = (math.log(max(value, 1e-9)) - self.low) / (self.high - self.low)
        return round(MARGIN + min(1.0, max(0.0, share)) * (WIDTH - 2 * MARGIN), 1)

    def is_outside(self, value: float) -> bool:
        """Return whether a ratio lies outside the box."""
        return not self.low - 1e-9 <= math.log(max(value, 1e-9)) <= self.high + 1e-9

    def axis(self) -> Axis:
        """Return the axis of the scale."""
        ticks = tuple((self.position(v), f"{v:g}") for v in _TICKS if not self.is_outside(v))
        return Axis(ticks, self.position(1.0))

    def interval(
        self, estimate: float, low: float | None, high: float | None, favours: str, text: str, *, formal: bool = False
    ) -> Interval:
        """Draw a ratio above zero, with its limits where there are any."""
        has_no_interval = low is None or high is None
        return Interval(
            low=None if low is None or has_no_interval else self.position(low),
            high=None if high is None or has_no_interval else self.position(high),
            middle=self.position(estimate),
            null=self.position(1.0),
            favours=favours,
            text=text,
            cut_low=low is not None and self.is_outside(low),
            cut_high=high is not None and self.is_outside(high),
            formal=formal,
        )
