"""The card that a page opens with: the latest result per endpoint on one axis, and the worst side effects by arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .interval_drawing import Axis, Interval


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads somewhere: to a page of the site, or elsewhere."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """How sure a number is: 0 to 4, its name and reasons."""

    level: int
    name: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The latest result of an endpoint.

    Attributes:
        endpoint: its name.
        who: trial, population.
        comparison: the two arms.
        result: the ratio with its interval.
        arms: value of each arm.
        drawing: the interval on the card's axis.
        test: whether the result was formally significant, in words.
        met: yes, no or empty where no formal test is known.
        counts: patients and events.
        date: data cut-off and follow-up, or year.
        grade: how sure the number is.
        source: its source.
        address: where the row is.
        earlier: earlier analyses, newest first.
        change: what changed since the last of them.
    """

    endpoint: str
    who: Link
    comparison: str
    result: str
    arms: str
    drawing: Interval | None
    test: str
    met: str
    counts: str
    date: str
    grade: Grade
    source: Link
    address: str
    earlier: Sequence[tuple[str, Link]] = ()
    change: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """The most frequent side effects by arm, or by drug: headings, and rows of a name and shares."""

    title: str
    arms: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    sources: Sequence[Link]
    all_events: Link | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a page opens with."""

    headlines: Sequence[Headline]
    axis: Axis | None
    title: str
    note: str = ""
    all_results: Link | None = None
    events: Events | None = None
