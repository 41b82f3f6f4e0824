"""Two to four trials side by side: the page, and a script of data for each trial."""

from __future__ import annotations

from ..labels import code_in_words
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, page_address, slug
from .site import Site
from .summary import make_summary
from .summary_parts import Summary

_MAX_LINES = 12


def write_comparison_page(site: Site) -> None:
    """Write the page and the data of each trial that has results."""
    evidence = site.evidence
    trials_to_choose = []
    for row in evidence["trials"].rows:
        key = row["trial_id"]
        card = make_summary(
            evidence, evidence["effects"].where("trial_id", key), title="", max_lines=_MAX_LINES, trial=key,
            outcomes=evidence["outcomes"].where("trial_id", key),
        )  # fmt: skip
        if card is None:
            continue
        site.write_script(f"data/compare/{slug(key)}.js", ("compare", f"t_{_name(key)}"), _trial(evidence, row, card))
        trials_to_choose.append([key, row["acronym"], f"t_{_name(key)}", slug(key)])
    trials_to_choose.sort(key=lambda t: t[1].casefold())
    site.write_script("data/compare.js", ("trials",), trials_to_choose)
    site.write_page(
        "compare.html", "compare", "Compare trials", trials=[(k, name) for k, name, _, _ in trials_to_choose]
    )


def _name(key: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in key)


def _trial(evidence: Evidence, row: Row, card: Summary) -> dict[str, object]:
    key = row["trial_id"]
    arms = "; ".join(a["label"] for a in evidence["arms"].where("trial_id", key))
    receptors = ", ".join(
        f"{n} {code_in_words(row[c])}" for n, c in (("HR", "hr_status"), ("HER2", "her2_status")) if row[c]
    )
    facts = {
        "Title": row["title"], "Setting": code_in_words(row["setting"]),
        "Line": code_in_words(row["line"]) if row["line"] else "",
        "Tumours": receptors, "Phase": code_in_words(row["phase"]), "Design": code_in_words(row["design"]),
        "Patients": row["n_enrolled"], "Began": row["start_year"], "Arms": arms,
    }  # fmt: skip
    results = [
        {
            "endpoint": h.endpoint, "who": h.who.text, "comparison": h.comparison, "result": h.result, "arms": h.arms,
            "test": h.test, "counts": h.counts, "date": h.date, "grade": h.grade.name, "level": h.grade.level,
            "reasons": h.grade.reasons, "source": h.source.text, "address": h.address,
            "source_address": h.source.address,
        }
        for h in card.headlines
    ]  # fmt: skip
    events = card.events
    return {
        "name": row["acronym"],
        "address": page_address(KIND_BY_TABLE["trials"], key),
        "facts": facts,
        "results": results,
        "events": {"title": events.title, "arms": events.arms, "rows": events.rows} if events else None,
    }
