"""Questions of the home page: what clinicians ask, with the answer of today's tables and the page that has it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from luminaldb.loaders.search import index_of

from .evidence import Evidence
from .page_kinds import KIND_BY_TABLE, page_address
from .search_index import document_address

_ASKED = (
    ("How long do patients live with T-DXd, against T-DM1?", "T-DXd vs T-DM1 overall survival"),
    ("Does ribociclib prolong survival?", "ribociclib overall survival first line"),
    ("What is the latest analysis of monarchE?", "monarchE latest invasive disease-free survival"),
)


@dataclass(frozen=True, slots=True)
class HomeQuestion:
    """A question, its answer, and the address of the answer; the number that answers it, where one does."""

    text: str
    answer: str
    address: str
    number: str = ""


def find_home_questions(evidence: Evidence) -> list[HomeQuestion]:
    """Return the questions with answers: by the search where one number answers, else where they are answered."""
    index = index_of(evidence.database)
    result = []
    for text, query in _ASKED:
        hits = index.find(query)
        if hits:
            document = index.documents[hits[0].document]
            address = document_address(evidence, document)
            if document.table == "effects":
                # A trial's page begins with its latest results; a page of rows alone doesn't.
                trial = page_address(KIND_BY_TABLE["trials"], evidence["effects"].row(document.key)["trial_id"])
                address = address if address.startswith(trial) else trial
            compared, _, number = document.title.rpartition(": ")
            result.append(HomeQuestion(text, f"{compared}. {document.detail}", address, number))
    flat = list(evidence.flat_results.values())
    esr1 = sum(r["latest"] == "latest" and "ESR1 mutated" in r["biomarker"] for r in flat)
    cdk = sum(
        "CDK4/6 inhibitor" in r["therapy_class"].split("; ") and r["endpoint"] == "progression-free survival"
        for r in flat
    )
    table = "browse/trial_results.html"
    filters = f"therapy_class={quote('CDK4/6 inhibitor')}&endpoint={quote('progression-free survival')}"
    free_text_query = quote("endocrine therapy anti-HER2 without chemotherapy trials")
    return [
        *result,
        HomeQuestion("What works in ESR1-mutated disease?",
                     f"{esr1} latest results, guidance and approvals on one page",
                     "biomarkers/esr1-mutated.html"),
        HomeQuestion("Endocrine plus anti-HER2 therapy without chemotherapy?",
                     "Trials that gave it, with their results", f"search.html?q={free_text_query}"),
        HomeQuestion("All PFS results of CDK4/6 inhibitors as a file", f"{cdk} results: filter, pool, CSV or Excel",
                 f"{table}#{filters}"),
        HomeQuestion("What are the side effects of alpelisib?", "Each event by trial and arm",
                 "safety/therapies-alpelisib.html"),
        HomeQuestion("Compare PALOMA-2 with MONALEESA-2", "Design, results and side effects side by side",
                 "compare.html#trials=paloma-2,monaleesa-2"),
        HomeQuestion("What is advised first line for HR+/HER2+ disease?", "Guidance by situation, newest first",
                 "guidance.html#er-positive-her2-positive-first"),
        HomeQuestion("How sure is a number?", "How each is graded, and how many are of each grade",
                 "quality.html#how-sure"),
        HomeQuestion("How do I cite one result?", "Each result names its source; each source has its reference",
                 "quality.html#cite-a-result"),
    ]  # fmt: skip
