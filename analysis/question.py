"""A question to the trials: what is compared, in whom, by which results."""

from __future__ import annotations

from dataclasses import dataclass

from .count_data import COUNTED_MEASURES

PRIMARY = "primary"
ENDPOINT_GROUPS = {"pcr": ("pcr_breast_nodes", "pcr_breast", "pcr_strict", "pcr_unspecified")}
"""Endpoints that reviews pool as one, best defined first."""
DERIVATIONS: tuple[str, ...] = ("counts", "percent", "inverted", "p_value", "events")
ARM_CHOICES = ("combine", "split", "each")
MIXABLE = ("setting", "comparator")
ASSESSORS = ("independent_central", "investigator")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, with every name checked; see `comparisons` for what each part means.

    An empty tuple or None means that any value will do.
    """

    endpoints: tuple[str, ...]
    adverse_event: str | None
    grade: str
    therapy: str | None
    therapy_class: str | None
    control: str | None
    control_class: str | None
    populations: tuple[str, ...]
    biomarker: str | None
    biomarker_gene: str | None
    trial_values: tuple[tuple[str, tuple[str, ...]], ...]
    chemotherapy: bool | None
    years: tuple[int | None, int | None] | None
    measure: str
    at_months: float | None
    assessors: tuple[str, ...]
    arms: str | tuple[str, ...]
    mixed: tuple[str, ...]
    derive: tuple[str, ...]
    add_on: bool
    analysis: str
    trials: tuple[str, ...] = ()
    """Ids of the only trials to use."""
    title: str = ""
    """The question in one line of words."""
    control_name: str = ""
    """The therapy or class that the control arm has, in words."""

    @property
    def is_counted(self) -> bool:
        """Whether the measure compares numbers of patients with an event."""
        return self.measure in COUNTED_MEASURES
