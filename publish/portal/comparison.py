"""Two to four trials side by side: the page, and a script of data for each trial."""

from __future__ import annotations

from ..labels import words
from .evidence import Evidence, Row
from .page_kinds import BY_TABLE, address, slug
from .site import Site
from .summary import summary
from .summary_parts import Summary

_MOST = 12


def write_comparison(site: Site) -> None:
    """Write the page and the data of each trial that has results."""
    evidence = site.evidence
    listed = []
    for row in evidence["trials"].rows:
        key = row["trial_id"]
        card = summary(
            evidence, evidence["effects"].where("trial_id", key), title="", most=_MOST, trial=key,
            outcomes=evidence["outcomes"].where("trial_id", key),
        )  # fmt: skip
        if card is None:
            continue
        site.script(f"data/compare/{slug(key)}.js", ("compare", f"t_{_name(key)}"), _trial(evidence, row, card))
        listed.append([key, row["acronym"], f"t_{_name(key)}", slug(key)])
    listed.sort(key=lambda t: t[1].casefold())
    site.script("data/compare.js", ("trials",), listed)
    site.write("compare.html", "compare", "Compare trials", trials=[(k, name) for k, name, _, _ in listed])


def _name(key: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in key)


def _trial(evidence: Evidence, row: Row, card: Summary) -> dict[str, object]:
    key = row["trial_id"]
    arms = "; ".join(a["label"] for a in evidence["arms"].where("trial_id", key))
    receptors = ", ".join(f"{n} {words(row[c])}" for n, c in (("HR", "hr_status"), ("HER2", "her2_status")) if row[c])
    facts = {
        "Title": row["title"], "Setting": words(row["setting"]), "Line": words(row["line"]) if row["line"] else "",
        "Tumours": receptors, "Phase": words(row["phase"]), "Design": words(row["design"]),
        "Patients": row["n_enrolled"], "Began": row["start_year"], "Arms": arms,
    }  # fmt: skip
    results = [
        {
            "endpoint": h.endpoint, "who": h.who.text, "comparison": h.comparison, "result": h.result, "arms": h.arms,
            "test": h.test, "counts": h.counts, "date": h.date, "grade": h.grade.name, "level": h.grade.level,
            "reasons": h.grade.reasons, "source": h.source.text, "place": h.place, "source_place": h.source.place,
        }
        for h in card.headlines
    ]  # fmt: skip
    events = card.events
    return {
        "name": row["acronym"],
        "place": address(BY_TABLE["trials"], key),
        "facts": facts,
        "results": results,
        "events": {"title": events.title, "arms": events.arms, "rows": events.rows} if events else None,
    }
