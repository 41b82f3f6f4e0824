"""The questions of the forest plots: which class, endpoint, patients, line, comparator; found in the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from luminaldb.analysis.candidates import Candidates
from luminaldb.analysis.comparisons import make_default_question, select_comparisons
from luminaldb.analysis.selection import Selection
from luminaldb.analysis.studies import MIN_STUDIES
from luminaldb.loaders.database import Database
from luminaldb.loaders.views import CONTROL_CLASS

_DEFAULTS = {"population": "itt", "measure": "hazard_ratio", "analysis": "latest"}
_NO_LINE = ("", "na", "any")
_HER2 = ("positive", "negative", "low")
# Classes whose drugs are comparators of their own; placebo and the like are none.
_COMPARATORS = ("chemotherapy", "endocrine-therapy", "her2-targeted")


@dataclass(frozen=True, slots=True)
class PlotQuestion:
    """What can be chosen on the page of forest plots; empty parts mean any.

    `add_on` leaves out comparisons whose arms differ in more than the class.
    """

    therapy_class: str
    endpoint: str
    measure: str
    population: str
    setting: str
    analysis: str = "latest"
    line: str = ""
    her2: str = ""
    comparator: str = ""
    add_on: bool = True

    @property
    def slug(self) -> str:
        """The name of its page and plot."""
        parts = [self.therapy_class, self.endpoint, self.measure, self.population, self.setting or "any"]
        parts += [f"line-{self.line}"] if self.line else []
        parts += [f"her2-{self.her2}"] if self.her2 else []
        parts += [f"against-{self.comparator}"] if self.comparator else []
        return "--".join(
            part.replace("_", "-") for part in [*parts, self.analysis, *(["add-on"] if self.add_on else [])]
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether line, HER2 status, comparator or kind of analysis is fixed besides the setting."""
        return bool(self.line or self.her2 or self.comparator) or self.analysis != "latest"

    @property
    def command(self) -> str:
        """What asks the same on the command line."""
        options = {
            "endpoint": self.endpoint, "therapy-class": self.therapy_class, "control-class": self.comparator,
            "population": self.population, "measure": self.measure, "setting": self.setting, "line": self.line,
            "her2-status": self.her2, "analysis": self.analysis,
        }  # fmt: skip
        options_text = [
            f"--{name} {value}" for name, value in options.items() if value and value != _DEFAULTS.get(name)
        ]
        return " ".join(["luminaldb meta-analysis", *options_text, "--add-on" if self.add_on else "--mixed comparator"])

    def selection(self, candidates: Candidates) -> Selection:
        """Ask it.

        Args:
            candidates: the results to select from.
        """
        question = make_default_question(
            candidates.database,
            self.endpoint,
            therapy_class=self.therapy_class,
            control_class=self.comparator or None,
            population=self.population,
            measure=self.measure,
            setting=self.setting or None,
            line=self.line or None,
            her2_status=self.her2 or None,
            add_on=self.add_on,
            analysis=self.analysis,
            mixed="comparator" if not self.add_on else False,
        )
        return select_comparisons(question, candidates)


def questions(results: pl.DataFrame, database: Database) -> Iterator[PlotQuestion]:
    """Find the questions that at least two trials randomised for, whether or not their answers can be pooled.

    Each is asked of one setting; one part more (line, HER2 status, comparator, primary analyses) is fixed only where
    that leaves fewer trials, two at least.
    """
    trials: dict[PlotQuestion, set[str]] = defaultdict(set)
    classes = database.classes_of_therapies
    for row in results.filter(pl.col("randomised").fill_null(value=True)).iter_rows(named=True):
        experimental_classes, control_classes = (
            _classes(classes, row["arm_therapies"]),
            _classes(classes, row["control_arm_therapies"]),
        )
        population_suffix = row["population_id"].removeprefix(f"{row['trial_id']}-")
        populations = {row["population_analysis_set"], population_suffix} & {"itt", population_suffix} - {"subgroup"}
        for therapy_class in experimental_classes - control_classes - {CONTROL_CLASS}:
            for population in populations:
                setting_question = PlotQuestion(
                    therapy_class, row["endpoint_id"], row["measure"], population, row["trial_setting"], add_on=False
                )
                for question in (
                    setting_question,
                    *_narrower(setting_question, row, control_classes - experimental_classes),
                ):
                    trials[question].add(row["trial_id"])
    for question in sorted(trials, key=lambda q: q.slug):
        setting_question = replace(question, line="", her2="", comparator="", analysis="latest")
        if len(trials[question]) >= MIN_STUDIES and (
            question == setting_question or trials[question] < trials[setting_question] or question.analysis != "latest"
        ):
            yield question


class AddOns:
    """The comparisons that add a class and differ in nothing else.

    Selecting the results of a question takes longer than to see here that fewer than two trials could answer it.
    """

    def __init__(self, results: pl.DataFrame, database: Database) -> None:
        """Find them among results, whichever of the two arms has the class."""
        self._found: dict[tuple[str, str, str, str], set[tuple[str, str, str, str]]] = defaultdict(set)
        classes = database.classes_of_therapies
        members: dict[str, set[str]] = defaultdict(set)
        for therapy, classes_of_therapy in classes.items():
            for therapy_class in classes_of_therapy:
                members[therapy_class].add(therapy)
        for row in results.iter_rows(named=True):
            experimental, control = (
                set(str(row[c] or "").split("; ")) - {""} - members[CONTROL_CLASS]
                for c in ("arm_therapies", "control_arm_therapies")
            )
            comparison = (row["trial_id"], str(row["trial_line"] or ""), _her2(row), row["analysis"])
            for with_class, without_class in ((experimental, control), (control, experimental)):
                for therapy_class in _classes(classes, "; ".join(with_class)):
                    if with_class - members[therapy_class] == without_class:
                        for population in _populations(row):
                            question_parts = (therapy_class, row["endpoint_id"], row["trial_setting"], population)
                            self._found[question_parts].add(comparison)

    def may_answer(self, question: PlotQuestion) -> bool:
        """Return whether two trials or more have such a comparison of what a question asks."""
        question_parts = (question.therapy_class, question.endpoint, question.setting, question.population)
        trials = {
            trial for trial, line, her2, analysis in self._found[question_parts]
            if question.line in ("", line) and question.her2 in ("", her2) and question.analysis in ("latest", analysis)
        }  # fmt: skip
        return len(trials) >= MIN_STUDIES


def _populations(row: Mapping[str, object]) -> set[str]:
    """Return what a question may call the population of a result: its set, and its id without the trial's."""
    population = str(row["population_id"]).removeprefix(f"{row['trial_id']}-")
    return {str(row["population_analysis_set"]), population}


def _her2(row: Mapping[str, object]) -> str:
    return str(row["population_her2_status"] or row["trial_her2_status"] or "")


def _narrower(question: PlotQuestion, row: Mapping[str, object], control_classes: set[str]) -> Iterator[PlotQuestion]:
    line, her2 = str(row["trial_line"] or ""), _her2(row)
    if line not in _NO_LINE:
        yield replace(question, line=line)
    if her2 in _HER2:
        yield replace(question, her2=her2)
    yield from (replace(question, comparator=c) for c in _COMPARATORS if c in control_classes)
    if row["analysis"] == "primary":
        yield replace(question, analysis="primary")


def _classes(classes: Mapping[str, frozenset[str]], therapies: object) -> set[str]:
    return set().union(*(classes[t] for t in str(therapies or "").split("; ") if t in classes))
