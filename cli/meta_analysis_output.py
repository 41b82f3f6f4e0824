"""How `luminaldb meta-analysis` prints: a forest plot in the terminal, tables of further analyses, or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from luminaldb.analysis.meta_analysis_result import MetaAnalysis
    from luminaldb.analysis.selection import Selection

    from .further_analyses import FurtherResults


def as_options(text: str) -> str:
    """Name arguments of Python as options: `mixed='setting'` becomes `--mixed setting`."""
    return re.sub(r"\b(mixed|arms|derive)='([\w-]+)'", r"--\1 \2", text.replace("mixed=True", "--mixed all"))


def print_result(pooled: MetaAnalysis | None, selection: Selection, further: FurtherResults | None = None) -> None:
    """Print a result, its studies, what was excluded and the further analyses as JSON."""
    from .further_output import further_record
    from .output import print_json

    study_columns = [
        "result_id", "acronym", "source", "citation_id", "analysis", "estimate", "ci_low", "ci_high", "ci_level",
        "comparison", "derived_from",
    ]  # fmt: skip
    record: dict[str, Any] = {} if pooled is None else _record(pooled)
    studies = selection.included.select(study_columns)
    if pooled is not None:
        from luminaldb.analysis.forest_rows import forest_rows

        # The limits as printed, and those at the level of the pooled interval, which the plot shows.
        drawn_limits = forest_rows(pooled).filter(kind="study").select("weight", drawn_low="low", drawn_high="high")
        record["common"] = None if pooled.common is None else _record(pooled.common)
        studies = pooled.studies.select(study_columns).hstack(drawn_limits)
    record["studies"] = studies.to_dicts()
    record["left_out"] = selection.excluded.to_dicts()
    record["excluded_by"] = dict(selection.counts())
    record["notes"] = list(selection.notes)
    if further is not None:
        record |= further_record(further)
    print_json(record)


def _record(pooled: MetaAnalysis) -> dict[str, Any]:
    from dataclasses import fields

    return {f.name: getattr(pooled, f.name) for f in fields(pooled) if f.name not in ("studies", "common")}


def print_excluded(selection: Selection, *, rows: bool) -> None:
    """Print how many results each criterion excluded, and each of them if asked for."""
    counts = selection.counts()
    if counts:
        typer.echo(f"excluded: {', '.join(f'{name} {count}' for name, count in counts)}")
    if rows:
        for row in selection.excluded.iter_rows(named=True):
            name = ", ".join(filter(None, (row["acronym"], row["source"])))
            typer.echo(f"  {row['result_id']}  {name}: {row['criterion']}: {as_options(row['reason'])}")
    elif counts:
        typer.echo("--excluded prints each excluded result with its reason")


def print_plot(pooled: MetaAnalysis) -> None:
    """Print the forest plot, the heterogeneity, warnings and notes."""
    import shutil

    from luminaldb.analysis.forest_rows import forest_rows, printed_level_notes
    from luminaldb.analysis.meta_analysis_result import format_p

    rows = forest_rows(pooled)
    texts = rows["text"].to_list()
    label_width = max(map(len, rows["label"]))
    text_width = max(map(len, texts))
    width = max(20, min(60, shutil.get_terminal_size().columns - label_width - text_width - 4))
    scale = _Scale(pooled, rows["low"].to_list(), rows["high"].to_list(), width)
    typer.echo(pooled.question)
    typer.echo(f"{pooled.measure.replace('_', ' ')}, {pooled.title}, {pooled.ci_level:g} % intervals")
    for row in rows.iter_rows(named=True):
        bar = _bar(row, pooled, scale, width)
        typer.echo(f"{row['label']:<{label_width}}  {bar}  {row['text']}")
    for note in printed_level_notes(rows):
        typer.echo(note)
    typer.echo(f"k {pooled.k}, {format_p(pooled.p_value)}; {pooled.heterogeneity}")
    if pooled.common is not None:
        common = pooled.common
        typer.echo(f"{common.title}: {common.in_words}, {format_p(common.p_value)}")
    for warning in pooled.warnings:
        typer.echo(f"warning: {warning}")
    for note in pooled.notes:
        typer.echo(f"note: {as_options(note)}")


class _Scale:
    """The scale that maps values to positions on the line."""

    def __init__(self, pooled: MetaAnalysis, low: list[float], high: list[float], width: int) -> None:
        from math import log

        self._of = log if pooled.is_ratio else float
        no_effect = 1.0 if pooled.is_ratio else 0.0
        # One hopeless interval must not squeeze the others: what goes beyond ends in an arrow.
        ends = sorted(map(self._of, [*low, *high, no_effect]))
        self.low, self.high = ends[0], ends[-1]
        if pooled.is_ratio:
            self.low, self.high = max(self.low, log(0.05)), min(self.high, log(20))
        self.width = width

    def __call__(self, value: float) -> int:
        share = (self._of(value) - self.low) / ((self.high - self.low) or 1)
        return min(self.width - 1, max(0, round(share * (self.width - 1))))


def _bar(row: dict[str, float | str | None], pooled: MetaAnalysis, scale: _Scale, width: int) -> str:
    cells = [" "] * width
    cells[scale(1.0 if pooled.is_ratio else 0.0)] = "|"
    low, high = scale(float(row["low"] or 0)), scale(float(row["high"] or 0))
    pooled_line = row["kind"] == "pooled"
    for cell in range(low, high + 1):
        cells[cell] = {"study": "─", "pooled": "━", "prediction": "┄"}[str(row["kind"])]
    if row["kind"] != "prediction":
        cells[scale(float(row["estimate"] or 0))] = "◆" if pooled_line else "■"
    return "".join(cells)
