"""The server: read-only tools over standard input and output, by the official SDK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from luminaldb.errors import LuminaldbError, MissingExtraError

from .answers import Answers

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_INSTRUCTIONS = (
    "Evidence on endocrine and HER2-targeted therapy of luminal breast cancer: trial results with their sources. Every "
    "row has its source, source_level (what was read: full_text, abstract, registry, label, secondary) and second_read "
    "(agreed, corrected, not_yet). State them, and data_version, with each number. Prefer full_text and abstract. Call "
    "search first to find ids. A research dataset, not medical advice."
)
# The arguments of the two tools that select comparisons. The SDK reads them from the signature of each.
_QUESTION_ARGUMENTS = (
    "endpoint", "adverse_event", "grade", "therapy", "therapy_class", "control", "control_class", "population",
    "biomarker", "setting", "line", "her2_status", "measure", "add_on", "mixed",
    "trials",
)  # fmt: skip
Names = str | list[str] | None
"""One name, or several in order of preference. Public, since the SDK evaluates the annotations of a tool."""
_Limit = Annotated[int, "How many rows at most."]


def make_server(path: Path | None = None, *, version: str | None = None) -> MCPServer:
    """Make the server.

    Args:
        path: a folder or zip in place of the installed tables.
        version: a release in place of them.

    Raises:
        MissingExtraError: the SDK isn't installed.
        LuminaldbError: there is no such path or release.
    """
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError:
        raise MissingExtraError("the mcp SDK is not installed; run: pip install 'luminaldb[mcp]'") from None
    import luminaldb

    answers = Answers(path, version=version)
    server: MCPServer = MCPServer(
        "luminaldb", instructions=_INSTRUCTIONS, version=luminaldb.__version__, log_level="WARNING"
    )
    read_only = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )

    @server.tool(annotations=read_only)
    def search(text: str, limit: _Limit = 20) -> dict[str, Any]:
        """Find results, therapies, trials, genes, mechanisms, claims and citations.

        Words in any order (`T-DXd T-DM1 OS`), a name, brand, id, DOI, PMID or NCT number. Each row has table and
        row_key, which other tools and `cite` take.
        """
        return _answer(lambda: answers.search(text, limit))

    @server.tool(annotations=read_only)
    def evidence_for(therapy: str, table: str | None = None, limit: _Limit = 50) -> dict[str, Any]:
        """Collect the rows that touch a therapy, by any of its names: approvals, mechanisms, trials, effects, claims.

        `table` keeps the rows of one table, such as effects; rows_by_table counts those of each.
        """
        return _answer(lambda: answers.evidence_for(therapy, table, limit))

    @server.tool(annotations=read_only)
    def comparisons(
        endpoint: Names = None,
        adverse_event: str | None = None,
        grade: str = "any",
        therapy: str | None = None,
        therapy_class: str | None = None,
        control: str | None = None,
        control_class: str | None = None,
        population: Names = None,
        biomarker: str | None = None,
        setting: Names = None,
        line: Names = None,
        her2_status: Names = None,
        measure: str | None = None,
        add_on: bool = False,
        mixed: Names = None,
        trials: Names = None,
    ) -> dict[str, Any]:
        """Select the randomised comparisons that answer one question, one per trial, and name every excluded result.

        endpoint: an id, or several in order of preference, such as pfs, os, idfs, orr, pcr; or adverse_event (any,
        diarrhea, …) with grade (any, 3_plus, serious). therapy (any name) or therapy_class (id or name, such as
        cdk4-6-inhibitor) is what only the experimental arm has. population: itt, primary, or hr-positive, esr1m, ….
        biomarker: a gene that is altered, such as ESR1. setting: neoadjuvant, adjuvant, metastatic, …. line: first,
        second_plus, …. add_on: arms differ in nothing else. mixed: setting, comparator, or both, may differ.
        trials: the only ones to use, by acronym, id or registration.
        """
        question = _question(locals())
        return _answer(lambda: answers.comparisons(question))

    @server.tool(annotations=read_only)
    def meta_analysis(
        endpoint: Names = None,
        adverse_event: str | None = None,
        grade: str = "any",
        therapy: str | None = None,
        therapy_class: str | None = None,
        control: str | None = None,
        control_class: str | None = None,
        population: Names = None,
        biomarker: str | None = None,
        setting: Names = None,
        line: Names = None,
        her2_status: Names = None,
        measure: str | None = None,
        add_on: bool = False,
        mixed: Names = None,
        trials: Names = None,
        model: Literal["reml", "dl", "fixed", "mh", "peto"] = "reml",
    ) -> dict[str, Any]:
        """Pool the comparisons that answer one question; the arguments are those of comparisons.

        model: reml (random effects), dl (DerSimonian-Laird) or fixed (common effect); for counts also mh
        (Mantel-Haenszel) and peto.
        """
        question = _question(locals())
        return _answer(lambda: answers.meta_analysis(question, model))

    @server.tool(annotations=read_only)
    def cite(
        rows: Annotated[
            list[str] | None, "TABLE:ID, such as effects:tandem-pfs-itt-primary; none for the dataset alone."
        ] = None,
        form: Literal["apa", "bibtex", "ris", "csl"] = "apa",
    ) -> dict[str, Any]:
        """Cite the dataset, and the papers behind rows."""
        return _answer(lambda: answers.cite(rows or [], form))

    return server


def _question(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in _QUESTION_ARGUMENTS}


def _answer(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return an answer; raise a LuminaldbError as a ToolError with the same message."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        return call()
    except LuminaldbError as error:
        raise ToolError(str(error)) from None
