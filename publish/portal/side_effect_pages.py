"""Side effects by therapy and by class: each event in each trial by arm, drawn as dots, comparable across drugs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from luminaldb.loaders.views import CONTROL_CLASS

from ..labels import code_in_words
from .evidence import Evidence, Row
from .headline_texts import grade_certainty
from .page_kinds import KIND_BY_TABLE, label, page_address, slug, trial_rows_address
from .side_effect_texts import ANY_EVENT, note_excluded_deaths, share_in_words, share_of_patients
from .site import Site
from .summary import summarise_side_effects
from .summary_parts import Events, Grade, Link

_GRADES = ("3_plus", "any", "serious", "leading_to_discontinuation", "fatal")
_MAX_ROWS = {"3_plus": 100, "any": 50, "serious": 25, "leading_to_discontinuation": 25, "fatal": 25}
_MIN_DRUGS = 2
_GRADE_NAMES = {"any": "any grade"}
_MAX_DOTS, _MAX_DRUGS_PER_EVENT, _MAX_DRUGS_PER_ARM = 24, 6, 2
_MAX_CARD_DRUGS, _MAX_CARD_EVENTS = 5, 8
_WIDTH = 300.0


@dataclass(frozen=True, slots=True)
class EventRow:
    """A side effect in a trial: shares of the arms with and without what the page is about."""

    event: str
    trial: Link
    arm: str
    share: float | None
    shown: str
    control: str
    control_share: float | None
    control_shown: str
    grade: Grade
    source: Link
    address: str
    therapies: tuple[str, ...]
    drugs: str
    patients: int
    in_subgroup: bool
    is_optional: bool

    @property
    def x(self) -> float | None:
        """Where the share lies in the drawing."""
        return None if self.share is None else round(_WIDTH * self.share / 100, 1)

    @property
    def control_x(self) -> float | None:
        """Where the share of the control arm lies."""
        return None if self.control_share is None else round(_WIDTH * self.control_share / 100, 1)


def side_effects_address(evidence: Evidence, table: str, key: str) -> str:
    """Return the address of the page of side effects of a therapy or class; empty where no row has any."""
    if key == CONTROL_CLASS:
        return ""
    drugs = {key} if table == "therapies" else evidence.therapies_of(key)
    drugs_with_events = evidence.drugs_with_events
    return f"safety/{KIND_BY_TABLE[table].folder}-{slug(key)}.html" if drugs & drugs_with_events else ""


def write_side_effect_pages(site: Site) -> None:
    """Write the page of side effects of each therapy and class that has any, and their list."""
    evidence = site.evidence
    entries: dict[str, list[tuple[str, str, int]]] = {"Classes": [], "Therapies": []}
    for table, heading in (("therapy_classes", "Classes"), ("therapies", "Therapies")):
        kind = KIND_BY_TABLE[table]
        is_class = table == "therapy_classes"
        for row in evidence[table].rows:
            key = row[kind.key]
            address = side_effects_address(evidence, table, key)
            if not address:
                continue
            drugs = {key} if table == "therapies" else evidence.therapies_of(key)
            lines = list_event_rows(evidence, drugs)
            if not any(lines.values()):
                continue
            name = label(evidence, kind, key)
            entries[heading].append(
                (name, address, len({line.trial.address for rows in lines.values() for line in rows}))
            )
            site.write_page(
                address, "side_effects", f"Side effects of {name}", name=name,
                about=Link(name, page_address(kind, key)),
                dots=_dots(lines, by_drug=is_class), compared=_compare_drugs(evidence, lines) if is_class else None,
                grades=[(_GRADE_NAMES.get(g, code_in_words(g)), g, lines[g][: _MAX_ROWS[g]], len(lines[g]))
                        for g in _GRADES if lines[g]],
            )  # fmt: skip
    site.write_page("safety/index.html", "side_effects_list", "Side effects", listed=entries)


def list_event_rows(evidence: Evidence, drugs: set[str]) -> Mapping[str, list[EventRow]]:
    """Return the side effects of arms with some drugs, by grade, most frequent first."""
    arms = evidence.arms_with(drugs)
    result: dict[str, list[EventRow]] = defaultdict(list)
    table = evidence["adverse_events"]
    rows = [r for arm in sorted(arms) for r in table.where("arm_id", arm)]
    for row in rows:
        grade = row["grade"] if row["grade"] in _GRADES else ""
        if grade:
            result[grade].append(_line(evidence, row, drugs, arms))
    for rows_of_grade in result.values():
        largest_shares = {
            line.event: max(x.share or 0 for x in rows_of_grade if x.event == line.event) for line in rows_of_grade
        }
        rows_of_grade.sort(
            key=lambda x: (x.event != ANY_EVENT, -largest_shares[x.event], x.event, -(x.share or 0), x.address)
        )
    return result


def _share_text(row: Row | None) -> str:
    if row is None:
        return "no record"
    return share_in_words(row) or row["events"] or "not printed"


def _line(evidence: Evidence, row: Row, drugs: set[str], arms: set[str]) -> EventRow:
    matching_columns = ("trial_id", "population_id", "term", "grade", "attribution", "citation_id")
    other_arms = [
        r for r in evidence["adverse_events"].where("trial_id", row["trial_id"])
        if r["arm_id"] not in arms and all(r[c] == row[c] for c in matching_columns)
    ]  # fmt: skip
    control = other_arms[0] if other_arms else None
    arm_table = evidence["arms"]
    trial = KIND_BY_TABLE["trials"]
    address = page_address(trial, row["trial_id"])
    drugs_of_arm = tuple(t for t in evidence.therapies_of_arms[row["arm_id"]] if t in drugs)
    return EventRow(
        event=row["term"],
        trial=Link(label(evidence, trial, row["trial_id"]), address),
        arm=", ".join(v for v in (arm_table.row(row["arm_id"])["label"], evidence.subgroup_name(row)) if v),
        share=share_of_patients(row),
        # Both arms are of one source, which counts them alike.
        shown=_share_text(row) + note_excluded_deaths(row),
        control=arm_table.row(control["arm_id"])["label"] if control else "",
        control_share=share_of_patients(control) if control else None,
        control_shown=_share_text(control),
        grade=grade_certainty(evidence, "adverse_events", row),
        source=Link(
            evidence.source_names[row["citation_id"]], page_address(KIND_BY_TABLE["citations"], row["citation_id"])
        ),
        address=f"{trial_rows_address(evidence, 'adverse_events', row['trial_id'])}#adverse_events",
        therapies=drugs_of_arm,
        drugs=", ".join(label(evidence, KIND_BY_TABLE["therapies"], t) for t in drugs_of_arm),
        patients=int(row["n"] or 0),
        in_subgroup=evidence.is_subgroup(row),
        is_optional=all((row["arm_id"], t) in evidence.optional_therapies for t in drugs_of_arm),
    )


def _dots(lines: Mapping[str, Sequence[EventRow]], *, by_drug: bool) -> dict[str, Any] | None:
    """Draw the most frequent events: grade 3 or worse, else any grade.

    Args:
        lines: the side effects by grade.
        by_drug: a row for each event and drug of a class, of its largest trial with a control arm; else a row for
            each event and trial.
    """
    grade = next((g for g in ("3_plus", "any") if any(x.share is not None for x in lines[g])), "")
    if not grade:
        return None
    rows_with_share = [x for x in lines[grade] if x.share is not None]
    rows_with_share = [x for x in rows_with_share if not x.in_subgroup and not x.is_optional] or rows_with_share
    specific_events = [x for x in rows_with_share if x.event != ANY_EVENT]
    # Any event at all is not a side effect to compare; it is last.
    any_event = [x for x in rows_with_share if x.event == ANY_EVENT]
    rows_to_draw = (
        _by_drug(specific_events or rows_with_share) if by_drug else _by_trial([*specific_events, *any_event])
    )
    return {
        "grade": code_in_words(grade), "lines": rows_to_draw, "width": _WIDTH, "ticks": [0, 25, 50, 75, 100],
        "by_drug": by_drug,
    }  # fmt: skip


def _by_trial(lines: Sequence[EventRow]) -> list[EventRow]:
    first_rows: dict[tuple[str, str], EventRow] = {}
    for line in lines:
        first_rows.setdefault((line.event, line.trial.address), line)
    return list(first_rows.values())[:_MAX_DOTS]


def _by_drug(lines: Sequence[EventRow]) -> list[EventRow]:
    """Choose for each event the drugs of the class, each in its largest trial; events of many drugs first."""
    rows_by_event: dict[str, dict[tuple[str, ...], EventRow]] = defaultdict(dict)
    # An arm that leaves the choice among the drugs of the class says nothing of any of them.
    for line in (x for x in lines if len(x.therapies) <= _MAX_DRUGS_PER_ARM):
        rows_of_event = rows_by_event[line.event]
        if line.therapies not in rows_of_event or _weight(line) > _weight(rows_of_event[line.therapies]):
            rows_of_event[line.therapies] = line
    largest_shares = {
        event: max(x.share or 0 for x in rows_of_event.values()) for event, rows_of_event in rows_by_event.items()
    }
    order = sorted(
        rows_by_event,
        key=lambda event: (-min(len(rows_by_event[event]), _MAX_DRUGS_PER_EVENT), -largest_shares[event], event),
    )
    rows_to_draw: list[EventRow] = []
    for event in order:
        drugs = sorted(rows_by_event[event].values(), key=_weight, reverse=True)[:_MAX_DRUGS_PER_EVENT]
        if len(rows_to_draw) + len(drugs) <= _MAX_DOTS:
            rows_to_draw += sorted(drugs, key=lambda line: line.drugs.casefold())
    return rows_to_draw


def _weight(line: EventRow) -> tuple[bool, int, str]:
    return line.control_share is not None, line.patients, line.address


def _compare_drugs(evidence: Evidence, lines: Mapping[str, Sequence[EventRow]]) -> dict[str, Any] | None:
    """Set the drugs of a class side by side: the range of shares of grade 3 or worse of each event."""
    grade = "3_plus" if lines["3_plus"] else "any"
    table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for line in lines[grade]:
        if line.share is not None and not line.in_subgroup and not line.is_optional:
            for therapy in line.therapies[:1] if len(line.therapies) == 1 else ():
                table[line.event][therapy].append(line.share)
    events = Counter(drug for shares in table.values() for drug in shares)
    drugs = sorted(events, key=lambda drug: (-events[drug], drug))[:8]
    order = sorted(table, key=lambda e: (e != ANY_EVENT, -len(table[e]), -max(map(max, table[e].values())), e))[:20]
    if len(drugs) < _MIN_DRUGS:
        return None
    return {
        "grade": code_in_words(grade),
        "drugs": [
            Link(evidence["therapies"].row(d)["name"], side_effects_address(evidence, "therapies", d)) for d in drugs
        ],
        "rows": [(e, [_range(table[e].get(d, ())) for d in drugs]) for e in order],
    }


def summarise_events_of_class(evidence: Evidence, class_id: str) -> Events | None:
    """Return the most frequent side effects of a class, drug by drug, for the card of its page."""
    compared = _compare_drugs(evidence, list_event_rows(evidence, evidence.therapies_of(class_id)))
    if compared is None:
        return None
    address = side_effects_address(evidence, "therapy_classes", class_id)
    return Events(
        f"Side effects, {compared['grade']}, lowest to highest share over trials",
        [drug.text for drug in compared["drugs"][:_MAX_CARD_DRUGS]],
        [(event, shares[:_MAX_CARD_DRUGS]) for event, shares in compared["rows"][:_MAX_CARD_EVENTS]],
        (),
        Link("All side effects, with their sources", address),
    )


def summarise_events_of_therapy(evidence: Evidence, therapy: str, trials: Iterable[str]) -> Events | None:
    """Return the side effects by arm in the first of some trials that has any, for the card of a therapy's page."""
    for trial in trials:
        events = summarise_side_effects(evidence, trial)
        if events is not None:
            name = label(evidence, KIND_BY_TABLE["trials"], trial)
            link = Link("Side effects in every trial", side_effects_address(evidence, "therapies", therapy))
            return replace(events, title=f"{events.title} in {name}", all_events=link if link.address else None)
    return None


def _range(shares: Iterable[float]) -> str:
    values = sorted(shares)
    if not values:
        return "no record"
    low, high = f"{values[0]:.3g}", f"{values[-1]:.3g}"
    return f"{low} %" if low == high else f"{low} to {high} %"
