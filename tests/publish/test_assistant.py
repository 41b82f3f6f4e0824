"""`luminaldb mcp` as the SDK's own client sees it: read-only tools whose every row names its source."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import luminaldb

mcp = pytest.importorskip("mcp", reason="the SDK: pip install 'luminaldb[mcp]'")
QUESTION = {"endpoint": ["pfs"], "therapy_class": "cdk4-6-inhibitor", "setting": ["metastatic"], "line": ["first"]}
Ask = Callable[..., Any]


def ask(cwd: Path, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Start the server as an assistant does, and call tools."""

    from mcp.client.stdio import StdioServerParameters

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "luminaldb", "mcp"], cwd=cwd, env=dict(os.environ)
    )

    async def session() -> list[Any]:
        async with mcp.Client(server) as client:
            return [await client.list_tools(), *[await client.call_tool(name, asked) for name, asked in calls]]

    return asyncio.run(session())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return ask(
        tmp_path_factory.mktemp("assistant"),
        ("search", {"text": "palbociclib pfs", "limit": 5}),
        ("evidence_for", {"therapy": "Faslodex", "table": "effects", "limit": 7}),
        ("comparisons", QUESTION),
        ("meta_analysis", QUESTION),
        ("cite", {"rows": ["effects:tandem-pfs-itt-primary"], "form": "bibtex"}),
        ("evidence_for", {"therapy": "Faslodx"}),
        ("comparisons", {"endpoint": ["pfx"]}),
        ("meta_analysis", {**QUESTION, "her2_status": ["positiv"]}),
    )


def test_the_tools_are_read_only_and_explain_themselves(answers: list[Any]) -> None:
    tools = {tool.name: tool for tool in answers[0].tools}
    assert set(tools) == {"search", "evidence_for", "comparisons", "meta_analysis", "cite"}
    for tool in tools.values():
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint
        assert tool.description


@pytest.mark.parametrize("number", range(1, 6))
def test_every_row_of_every_answer_has_source_level_second_read_and_version(answers: list[Any], number: int) -> None:
    result = answers[number]
    assert not result.is_error, result.content
    answer = result.structured_content
    assert answer["data_version"] == luminaldb.Database.installed().version
    assert answer["rows"]
    for row in answer["rows"]:
        assert {"source", "citation_id", "locator", "source_level", "second_read"} <= set(row)


def test_the_answers_are_those_of_the_functions(answers: list[Any]) -> None:
    found, evidence, selected, pooled, cited = (a.structured_content for a in answers[1:6])
    assert len(found["rows"]) == 5
    assert found["rows_found"] == luminaldb.search("palbociclib pfs").height
    assert {row["table"] for row in evidence["rows"]} == {"effects"}
    selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", line="first")
    assert [row["result_id"] for row in selected["rows"]] == selection.included["result_id"].to_list()
    assert all(row["source"] and row["source_level"] for row in selected["rows"])
    assert selected["excluded_found"] == selection.excluded.height
    assert pooled["pooled"]["estimate"] == pytest.approx(luminaldb.meta_analysis(selection).estimate)
    assert "@article" in cited["papers"]
    assert "luminaldb" in cited["dataset"]


def test_one_name_without_a_list_biomarkers_adverse_events_and_mixes_can_be_asked_for(tmp_path: Path) -> None:
    events = {"adverse_event": "any", "grade": "3_plus", "therapy_class": "cdk4-6-inhibitor", "setting": "metastatic"}
    serd = {"endpoint": "pfs", "therapy_class": "oral SERD", "biomarker": "ESR1", "mixed": "comparator"}
    _, pooled, selected, cited = ask(
        tmp_path, ("meta_analysis", {**events, "model": "mh"}), ("comparisons", serd), ("cite", {})
    )
    expected = luminaldb.meta_analysis(luminaldb.comparisons(**events), "mh")  # type: ignore[arg-type]
    assert pooled.structured_content["pooled"]["estimate"] == pytest.approx(expected.estimate)
    included = luminaldb.comparisons(**serd).included  # type: ignore[arg-type]
    assert selected.structured_content["rows_found"] == included.height
    assert "luminaldb" in cited.structured_content["dataset"]


def test_errors_are_answers_in_one_line(answers: list[Any]) -> None:
    texts = [answer.content[0].text for answer in answers[6:]]
    assert all(answer.is_error for answer in answers[6:])
    assert "did you mean" in texts[0]
    assert "no endpoint 'pfx'" in texts[1]
    assert "no her2_status 'positiv'; did you mean 'positive'" in texts[2]
