"""The tables as the search reads them: rows of text, and topics that several tables give."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from luminaldb.loaders import biomarkers
from luminaldb.loaders.database import Database
from luminaldb.loaders.views import name_sources

Row = Mapping[str, str]
_KNOWN_STATUSES = ("positive", "negative", "low", "ultralow", "low_or_ultralow")
# A status begins with one of these: premenopausal_or_perimenopausal does with the first.
_MENOPAUSE = ("premenopausal", "postmenopausal")
_PATIENT_PATTERNS = {
    "age:older": re.compile(
        r"\b(?:6[05]|7[05]|80) (?:years )?(?:or|and) (?:older|over|above)|(?<!or )\bolder\b(?! than [1-5])|\belderly\b",
        re.I,
    ),
    "prior:cdk4-6-inhibitor": re.compile(
        r"\b(?:after|beyond|previous|prior|pretreated|progress\w* (?:on|after)|resistant to)\b[^.;]*CDK4/6"
        r"|CDK4/6 inhibitor[^.;]*\bbefore\b",
        re.I,
    ),
}


class Tables:
    """Rows of a database; a table or column that a release lacks is empty."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._rows: dict[str, list[dict[str, str]]] = {}

    def __getitem__(self, table: str) -> list[dict[str, str]]:
        """Return the rows of a table, an empty cell as "", with every column of the installed table."""
        if table not in self._rows:
            has_table = table in self.database.packages_by_table
            rows = self.database.text(table).to_dicts() if has_table else []
            installed_database = Database.installed()
            empty_columns = (
                {f.name: "" for f in installed_database.resource(table).schema.fields}
                if table in installed_database.packages_by_table
                else {}
            )
            self._rows[table] = [empty_columns | row for row in rows]
        return self._rows[table]

    def by_key(self, table: str, column: str) -> dict[str, dict[str, str]]:
        """Map a key to its row."""
        return {row[column]: row for row in self[table]}

    @cached_property
    def trials(self) -> dict[str, dict[str, str]]:
        """Map a trial's id to its row."""
        return self.by_key("trials", "trial_id")

    @cached_property
    def arms(self) -> dict[str, dict[str, str]]:
        """Map an arm's id to its row."""
        return self.by_key("arms", "arm_id")

    @cached_property
    def populations(self) -> dict[str, dict[str, str]]:
        """Map a population's id to its row."""
        return self.by_key("populations", "population_id")

    @cached_property
    def endpoints(self) -> dict[str, dict[str, str]]:
        """Map an endpoint's id to its row."""
        return self.by_key("endpoints", "endpoint_id")

    @cached_property
    def therapies(self) -> dict[str, dict[str, str]]:
        """Map a therapy's id to its row."""
        return self.by_key("therapies", "therapy_id")

    @cached_property
    def classes(self) -> dict[str, dict[str, str]]:
        """Map a class's id to its row."""
        return self.by_key("therapy_classes", "class_id")

    @cached_property
    def genes(self) -> dict[str, dict[str, str]]:
        """Map a gene's id to its row."""
        return self.by_key("genes", "gene_id")

    @cached_property
    def mechanisms(self) -> dict[str, dict[str, str]]:
        """Map a mechanism's id to its row."""
        return self.by_key("mechanisms", "mechanism_id")

    @cached_property
    def citations(self) -> dict[str, dict[str, str]]:
        """Map a citation's id to its row."""
        return self.by_key("citations", "citation_id")

    @cached_property
    def source_names(self) -> dict[str, str]:
        """Map a citation to how text names it: first author, else publisher, and year."""
        return dict(name_sources(self.database.frame("citations")).select("citation_id", "source").iter_rows())

    @cached_property
    def arm_therapies(self) -> dict[str, list[str]]:
        """Map an arm to the therapies it is given."""
        result: dict[str, list[str]] = defaultdict(list)
        for row in self["arm_therapies"]:
            result[row["arm_id"]].append(row["therapy_id"])
        return result

    @cached_property
    def required_therapies(self) -> dict[str, list[str]]:
        """Map an arm to the therapies that all of its patients are given."""
        result: dict[str, list[str]] = defaultdict(list)
        for row in self["arm_therapies"]:
            if row.get("optional") != "true":
                result[row["arm_id"]].append(row["therapy_id"])
        return result

    @cached_property
    def arms_by_trial(self) -> dict[str, list[str]]:
        """Map a trial to its arms."""
        result: dict[str, list[str]] = defaultdict(list)
        for row in self["arms"]:
            result[row["trial_id"]].append(row["arm_id"])
        return result

    def therapy_topics(self, therapies: Sequence[str], *, classes: bool = True) -> set[str]:
        """Return the topics of therapies: themselves and, if `classes` is true, their classes."""
        topics = {f"therapy:{t}" for t in therapies}
        if classes:
            classes_of_therapies = self.database.classes_of_therapies
            topics |= {f"class:{c}" for t in therapies for c in classes_of_therapies.get(t, ())}
        return topics

    def class_topics(self, class_id: str) -> set[str]:
        """Return the topics of a class: itself and those above it."""
        return {f"class:{c}" for c in self.database.class_ancestors(class_id)}

    def trial_topics(self, trial: Row) -> set[str]:
        """Return the setting, line, phase, receptors and menopause of a trial as topics."""
        line = trial.get("line", "")
        return {
            f"trial:{trial['trial_id']}",
            f"setting:{trial['setting']}",
            f"phase:{trial['phase']}",
            *([f"line:{line}"] if line not in ("", "na", "any") else []),
            *receptors(trial),
            *_patient_topics(trial["title"]),
        }

    def population_topics(self, population: Row) -> set[str]:
        """Return the receptors and biomarkers of a population as topics."""
        text = f"{population['name']} {population.get('biomarker', '')}"
        biomarker_keys = biomarkers.population_biomarkers(
            population["name"], population.get("biomarker", ""), population.get("her2_status", "")
        )
        residual = {"topic:residual"} if re.search("residual|no pCR", text) else set()
        return {*receptors(population), *(f"biomarker:{b}" for b in biomarker_keys), *residual, *_patient_topics(text)}


def _patient_topics(text: str) -> set[str]:
    """Return topics of the patients that a text names: older ones, those treated with a CDK4/6 inhibitor before."""
    return {topic for topic, pattern in _PATIENT_PATTERNS.items() if pattern.search(text)}


def receptors(row: Row) -> set[str]:
    """Return the status of the receptors of a trial or a population as topics."""
    result = set()
    if row.get("hr_status", "") in _KNOWN_STATUSES:
        result.add(f"hr:{row['hr_status']}")
    if row.get("her2_status", "") in _KNOWN_STATUSES:
        result.add(f"her2:{'low' if 'low' in row['her2_status'] else row['her2_status']}")
    if "low" in row.get("her2_status", ""):
        result |= {"biomarker:her2-low", "her2:negative"}
    result |= {f"meno:{status}" for status in _MENOPAUSE if row.get("menopausal_status", "").startswith(status)}
    return result
