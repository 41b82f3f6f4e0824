"""`luminaldb meta-analysis`: trials that answer one question, pooled, with a forest plot in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .data_options import DataFolder, DataVersion

if TYPE_CHECKING:
    from luminaldb.analysis.meta_analysis import MetaAnalysis
    from luminaldb.analysis.selection import Selection


def command(
    endpoint: Annotated[str, typer.Option(help="Id of the endpoint, such as pfs.")],
    therapy_class: Annotated[
        str | None, typer.Option(help="Class that the experimental arm adds, such as cdk4-6-inhibitor.")
    ] = None,
    population: Annotated[
        str, typer.Option(help="Analysis set, or the end of a population's id: itt, hr-positive, esr1m.")
    ] = "itt",
    measure: Annotated[str, typer.Option(help="hazard_ratio, odds_ratio, risk_ratio, …")] = "hazard_ratio",
    setting: Annotated[str | None, typer.Option(help="Setting of the trials, such as metastatic.")] = None,
    line: Annotated[str | None, typer.Option(help="Line of the trials, such as first.")] = None,
    her2_status: Annotated[str | None, typer.Option(help="HER2 status of the trials, such as positive.")] = None,
    add_on: Annotated[
        bool, typer.Option("--add-on", help="Leave out trials whose arms differ in more than the class.")
    ] = False,
    analysis: Annotated[
        str, typer.Option(help="latest, or analyses of one kind: interim, primary, final, updated, exploratory.")
    ] = "latest",
    model: Annotated[
        Literal["reml", "dl", "fixed"], typer.Option(help="reml with Hartung-Knapp, DerSimonian-Laird, common effect.")
    ] = "reml",
    version: DataVersion = None,
    where: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Pool what trials found: one row per trial or cohort randomised apart, and why others are left out."""
    from luminaldb.analysis.comparisons import comparisons
    from luminaldb.analysis.meta_analysis import meta_analysis

    selection = comparisons(
        endpoint,
        therapy_class=therapy_class,
        population=population,
        measure=measure,
        setting=setting,
        line=line,
        her2_status=her2_status,
        add_on=add_on,
        analysis=analysis,
        version=version,
        path=where,
    )
    pooled = meta_analysis(selection, model)
    if as_json:
        _print_json(pooled, selection)
    else:
        _print_plot(pooled, selection)


def _print_json(pooled: MetaAnalysis, selection: Selection) -> None:
    from dataclasses import fields

    from luminaldb.analysis.forest_plot import forest_rows

    from .output import print_json

    names = [f.name for f in fields(pooled) if f.name != "studies"]
    shown = ["result_id", "acronym", "source", "citation_id", "analysis", "estimate", "ci_low", "ci_high", "ci_level"]
    record = {name: getattr(pooled, name) for name in names}
    # The limits as printed, and those at the level of the pooled interval, which the plot shows.
    drawn = forest_rows(pooled).filter(kind="study").select("weight", drawn_low="low", drawn_high="high")
    record["studies"] = pooled.studies.select(shown).hstack(drawn).to_dicts()
    record["left_out"] = selection.excluded.drop("criterion").to_dicts()
    print_json(record)


def _print_plot(pooled: MetaAnalysis, selection: Selection) -> None:
    import shutil

    from luminaldb.analysis.forest_plot import forest_rows, notes_on

    rows = forest_rows(pooled)
    texts = rows["text"].to_list()
    wide = max(map(len, rows["label"]))
    figures = max(map(len, texts))
    width = max(20, min(60, shutil.get_terminal_size().columns - wide - figures - 4))
    place = _Scale(pooled, rows["low"].to_list(), rows["high"].to_list(), width)
    typer.echo(f"{pooled.measure.replace('_', ' ')}, {pooled.title}, {pooled.ci_level:g} % intervals")
    for row in rows.iter_rows(named=True):
        bar = _bar(row, pooled, place, width)
        typer.echo(f"{row['label']:<{wide}}  {bar}  {row['text']}")
    for note in notes_on(rows):
        typer.echo(note)
    typer.echo(
        f"k {pooled.k}, p {pooled.p_value:.2g}, tau2 {pooled.tau2:.4f}, I2 {pooled.i2:.0f} %, "
        f"Q {pooled.q:.2f} (p {pooled.q_p_value:.2g})"
    )
    for row in selection.excluded.iter_rows(named=True):
        typer.echo(f"left out: {row['result_id']}: {row['reason']}")


class _Scale:
    """Where a value stands on the line."""

    def __init__(self, pooled: MetaAnalysis, low: list[float], high: list[float], width: int) -> None:
        from math import log

        self._of = log if pooled.is_ratio else float
        none = 1.0 if pooled.is_ratio else 0.0
        # One hopeless interval must not squeeze the others: what goes beyond ends in an arrow.
        ends = sorted(map(self._of, [*low, *high, none]))
        self.low, self.high = ends[0], ends[-1]
        if pooled.is_ratio:
            self.low, self.high = max(self.low, log(0.05)), min(self.high, log(20))
        self.width = width

    def __call__(self, value: float) -> int:
        share = (self._of(value) - self.low) / ((self.high - self.low) or 1)
        return min(self.width - 1, max(0, round(share * (self.width - 1))))


def _bar(row: dict[str, float | str | None], pooled: MetaAnalysis, place: _Scale, width: int) -> str:
    cells = [" "] * width
    cells[place(1.0 if pooled.is_ratio else 0.0)] = "|"
    low, high = place(float(row["low"] or 0)), place(float(row["high"] or 0))
    pooled_line = row["kind"] == "pooled"
    for cell in range(low, high + 1):
        cells[cell] = {"study": "─", "pooled": "━", "prediction": "┄"}[str(row["kind"])]
    if row["kind"] != "prediction":
        cells[place(float(row["estimate"] or 0))] = "◆" if pooled_line else "■"
    return "".join(cells)
