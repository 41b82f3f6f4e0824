"""`luminaldb meta-analysis`: trials that answer one question, pooled, with a forest plot in the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .data_options import DataFolder, DataVersion

if TYPE_CHECKING:
    from luminaldb.analysis.meta_analysis import MetaAnalysis
    from luminaldb.analysis.selection import Selection


def command(
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Id of an endpoint, such as pfs; several in order of preference; or pcr for all its kinds.",
        ),
    ] = None,
    adverse_event: Annotated[
        str | None, typer.Option(help="In place of an endpoint: a term of adverse_event_terms, or any.")
    ] = None,
    grade: Annotated[str, typer.Option(help="Of the adverse event: any, 3_plus, serious, ….")] = "any",
    therapy: Annotated[
        str | None, typer.Option(help="Therapy that only the experimental arm has, by any name.")
    ] = None,
    therapy_class: Annotated[
        str | None, typer.Option(help="Class that only the experimental arm has, such as cdk4-6-inhibitor.")
    ] = None,
    control: Annotated[
        str | None, typer.Option(help="Therapy of the control arm; the same as --therapy compares dose or duration.")
    ] = None,
    control_class: Annotated[str | None, typer.Option(help="Class of a therapy of the control arm.")] = None,
    population: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="itt, per_protocol, …, the end of a population's id (esr1m), or primary (that of the trial's primary "
            "endpoint); several in order of preference. Without it: itt.",
        ),
    ] = None,
    biomarker: Annotated[str | None, typer.Option(help="Gene that is altered in the population, such as ESR1.")] = None,
    measure: Annotated[
        str | None, typer.Option(help="hazard_ratio, odds_ratio, risk_ratio, rate_ratio or risk_difference.")
    ] = None,
    at_months: Annotated[float | None, typer.Option(help="Time of a rate, in months.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Setting of the trials, such as metastatic.")
    ] = None,
    line: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Line of the trials, such as first.")] = None,
    her2_status: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="HER2 status of the patients: positive, ….")
    ] = None,
    hr_status: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Hormone-receptor status of the patients.")
    ] = None,
    menopausal_status: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Menopausal status of the patients.")
    ] = None,
    chemotherapy: Annotated[
        bool | None,
        typer.Option("--chemotherapy/--no-chemotherapy", help="Only with, or only without, chemotherapy in the arms."),
    ] = None,
    phase: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Phase of the trials.")] = None,
    masking: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Masking of the trials: double_blind, open_label, ….")
    ] = None,
    published_from: Annotated[int | None, typer.Option(help="First year of the sources.")] = None,
    published_to: Annotated[int | None, typer.Option(help="Last year of the sources.")] = None,
    source_level: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What was read: full_text, abstract, ….")
    ] = None,
    assessor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Preferred assessor; without it independent_central, then investigator."),
    ] = None,
    arms: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Arms of a multi-arm trial: combine, split, or the ids of those to use. Without it: combine.",
        ),
    ] = None,
    mixed: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What may differ between trials: setting, comparator, or all."),
    ] = None,
    derive: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Derived numbers: counts, percent, inverted, p_value, events, all or none. Default: the first three.",
        ),
    ] = None,
    add_on: Annotated[
        bool, typer.Option("--add-on", help="Leave out trials whose arms differ in more than the therapy.")
    ] = False,
    analysis: Annotated[
        str, typer.Option(help="latest, or analyses of one kind: interim, primary, final, updated, exploratory.")
    ] = "latest",
    model: Annotated[
        Literal["reml", "dl", "fixed", "mh", "peto"],
        typer.Option(
            metavar="MODEL",
            help="Random effects (reml, dl) or a common effect: by inverse variance (fixed), or from counts by "
            "Mantel-Haenszel's (mh) or Peto's method.",
        ),
    ] = "reml",
    test: Annotated[
        Literal["adhoc", "knha", "z"] | None,
        typer.Option(
            metavar="TEST",
            help="Confidence interval: Hartung-Knapp with ad hoc correction (adhoc; with reml) or without (knha), or "
            "normal (z; with dl).",
        ),
    ] = None,
    excluded: Annotated[
        bool, typer.Option("--excluded", help="Print every excluded result with its criterion and reason.")
    ] = False,
    subgroups: Annotated[
        str | None, typer.Option(help="Column that makes subgroups, tested against one another, such as trial_line.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Also draw the forest plot: a file that ends in .svg, .pdf, .png, .html."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite that file.")] = False,
    version: DataVersion = None,
    where: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Pool the results of trials: one row per trial or randomised cohort, and why others are excluded."""
    from luminaldb.analysis.comparisons import DERIVE, comparisons
    from luminaldb.analysis.meta_analysis import meta_analysis
    from luminaldb.analysis.question import ARM_CHOICES, ASSESSORS
    from luminaldb.errors import LuminaldbError

    years = None if published_from is None and published_to is None else (published_from, published_to)
    chosen_arms = arms[0] if arms and len(arms) == 1 and arms[0] in ARM_CHOICES else arms
    selection = comparisons(
        endpoint,
        adverse_event=adverse_event,
        grade=grade,
        therapy=therapy,
        therapy_class=therapy_class,
        control=control,
        control_class=control_class,
        population=population,
        biomarker=biomarker,
        measure=measure,
        at_months=at_months,
        setting=setting,
        line=line,
        her2_status=her2_status,
        hr_status=hr_status,
        menopausal_status=menopausal_status,
        chemotherapy=chemotherapy,
        phase=phase,
        masking=masking,
        years=years,
        source_level=source_level,
        assessor=assessor or ASSESSORS,
        arms=chosen_arms or "combine",
        mixed=True if mixed == ["all"] else mixed or False,
        derive=_derivations(derive, DERIVE),
        add_on=add_on,
        analysis=analysis,
        version=version,
        path=where,
    )
    try:
        pooled = meta_analysis(selection, model, test=test)
    except LuminaldbError as error:
        # What was excluded and why is the answer where too little is left to pool.
        if as_json:
            _print_json(None, selection)
        else:
            _print_excluded(selection, rows=excluded)
        text = _as_options(str(error))
        if text == str(error):
            raise
        raise LuminaldbError(text) from None
    if out is not None:
        from luminaldb.analysis.forest_plot import forest_plot

        forest_plot(pooled, subgroups=subgroups).save(out, force=force)
    if as_json:
        _print_json(pooled, selection)
        return
    _print_plot(pooled)
    if subgroups is not None:
        from luminaldb.analysis.subgroups import subgroup_analysis

        typer.echo(str(subgroup_analysis(pooled, subgroups)))
    _print_excluded(selection, rows=excluded)


def _derivations(named: list[str] | None, usual: tuple[str, ...]) -> str | tuple[str, ...]:
    if named is None:
        return usual
    if named == ["none"]:
        return ()
    return named[0] if named == ["all"] else tuple(named)


def _as_options(text: str) -> str:
    """Name arguments of Python as options: `mixed='setting'` becomes `--mixed setting`."""
    return re.sub(r"\b(mixed|arms|derive)='([\w-]+)'", r"--\1 \2", text.replace("mixed=True", "--mixed all"))


def _print_json(pooled: MetaAnalysis | None, selection: Selection) -> None:
    from .output import print_json

    shown = [
        "result_id", "acronym", "source", "citation_id", "analysis", "estimate", "ci_low", "ci_high", "ci_level",
        "comparison", "derived_from",
    ]  # fmt: skip
    record: dict[str, Any] = {} if pooled is None else _record(pooled)
    studies = selection.included.select(shown)
    if pooled is not None:
        from luminaldb.analysis.forest_rows import forest_rows

        # The limits as printed, and those at the level of the pooled interval, which the plot shows.
        drawn = forest_rows(pooled).filter(kind="study").select("weight", drawn_low="low", drawn_high="high")
        record["common"] = None if pooled.common is None else _record(pooled.common)
        studies = pooled.studies.select(shown).hstack(drawn)
    record["studies"] = studies.to_dicts()
    record["left_out"] = selection.excluded.to_dicts()
    record["excluded_by"] = dict(selection.counts())
    record["notes"] = list(selection.notes)
    print_json(record)


def _record(pooled: MetaAnalysis) -> dict[str, Any]:
    from dataclasses import fields

    return {f.name: getattr(pooled, f.name) for f in fields(pooled) if f.name not in ("studies", "common")}


def _print_excluded(selection: Selection, *, rows: bool) -> None:
    counts = selection.counts()
    if counts:
        typer.echo(f"excluded: {', '.join(f'{name} {count}' for name, count in counts)}")
    if rows:
        for row in selection.excluded.iter_rows(named=True):
            name = ", ".join(filter(None, (row["acronym"], row["source"])))
            typer.echo(f"  {row['result_id']}  {name}: {row['criterion']}: {_as_options(row['reason'])}")
    elif counts:
        typer.echo("--excluded prints each excluded result with its reason")


def _print_plot(pooled: MetaAnalysis) -> None:
    import shutil

    from luminaldb.analysis.forest_rows import forest_rows, notes_on
    from luminaldb.analysis.meta_analysis import format_p

    rows = forest_rows(pooled)
    texts = rows["text"].to_list()
    wide = max(map(len, rows["label"]))
    figures = max(map(len, texts))
    width = max(20, min(60, shutil.get_terminal_size().columns - wide - figures - 4))
    place = _Scale(pooled, rows["low"].to_list(), rows["high"].to_list(), width)
    typer.echo(pooled.question)
    typer.echo(f"{pooled.measure.replace('_', ' ')}, {pooled.title}, {pooled.ci_level:g} % intervals")
    for row in rows.iter_rows(named=True):
        bar = _bar(row, pooled, place, width)
        typer.echo(f"{row['label']:<{wide}}  {bar}  {row['text']}")
    for note in notes_on(rows):
        typer.echo(note)
    typer.echo(f"k {pooled.k}, {format_p(pooled.p_value)}; {pooled.heterogeneity}")
    if pooled.common is not None:
        common = pooled.common
        typer.echo(f"{common.title}: {common.in_words}, {format_p(common.p_value)}")
    for warning in pooled.warnings:
        typer.echo(f"warning: {warning}")
    for note in pooled.notes:
        typer.echo(f"note: {_as_options(note)}")


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
