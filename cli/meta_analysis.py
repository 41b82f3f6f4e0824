"""`luminaldb meta-analysis`: trials that answer one question, pooled, with a forest plot in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from .data_options import DataFolder, DataVersion, Measure, refuse_unknown


def command(
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Id of an endpoint, such as pfs; several in order of preference; or pcr for all its kinds.",
        ),
    ] = None,
    adverse_event: Annotated[
        str | None, typer.Option(help="A term of adverse_event_terms, or any; replaces --endpoint.")
    ] = None,
    grade: Annotated[str, typer.Option(help="Grade of the adverse event: any, 3_plus, serious, ….")] = "any",
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
            "endpoint); several in order of preference. If omitted: itt; for responses itt, then evaluable.",
        ),
    ] = None,
    biomarker: Annotated[str | None, typer.Option(help="Gene that is altered in the population, such as ESR1.")] = None,
    measure: Annotated[
        Measure | None,
        typer.Option(metavar="NAME", help="hazard_ratio, odds_ratio, risk_ratio, rate_ratio or risk_difference."),
    ] = None,
    at_months: Annotated[
        float | None, typer.Option(help="Months after the start at which a rate was measured.")
    ] = None,
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
    trial: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this trial, by acronym, id or registration; repeat it for more."),
    ] = None,
    source_level: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only results read in such a source: full_text, abstract, …."),
    ] = None,
    assessor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Preferred assessor. If omitted: independent_central, then investigator."),
    ] = None,
    arms: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Arms of a multi-arm trial: combine, split, or the ids of those to use. If omitted: combine.",
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
        Literal["latest", "interim", "primary", "final", "updated", "exploratory"],
        typer.Option(
            metavar="NAME", help="latest, or analyses of one kind: interim, primary, final, updated, exploratory."
        ),
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
    regression: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Meta-regression on a column of the studies, such as source_year or trial_line; repeat it for more.",
        ),
    ] = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Pool again without each study in turn.")
    ] = False,
    cumulative: Annotated[
        bool, typer.Option("--cumulative", help="Pool the first study, the first two, …, by year of the source.")
    ] = False,
    small_studies: Annotated[
        bool, typer.Option("--small-studies", help="Egger's test: do small studies show other effects than large ones?")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Also draw the forest plot: a file that ends in .svg, .pdf, .png, .html."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite that file.")] = False,
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Pool the results of trials: one row per trial or randomised cohort, and why others are excluded."""
    from luminaldb.analysis.comparisons import DEFAULT_DERIVATIONS, comparisons
    from luminaldb.analysis.meta_analysis import meta_analysis
    from luminaldb.analysis.question import ARM_CHOICES, ASSESSORS, DERIVATIONS
    from luminaldb.errors import LuminaldbError

    from .further_analyses import FurtherAnalyses
    from .further_output import print_further
    from .meta_analysis_output import as_options, print_excluded, print_plot, print_result

    refuse_unknown("--mixed", mixed, ("setting", "comparator", "all"))
    refuse_unknown("--derive", derive, (*DERIVATIONS, "all", "none"))
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
        trials=trial,
        source_level=source_level,
        assessor=assessor or ASSESSORS,
        arms=chosen_arms or "combine",
        mixed=True if mixed == ["all"] else mixed or False,
        derive=_derivations(derive, DEFAULT_DERIVATIONS),
        add_on=add_on,
        analysis=analysis,
        version=version,
        path=folder,
    )
    further = FurtherAnalyses(subgroups, tuple(regression or ()), leave_one_out, cumulative, small_studies)
    try:
        pooled = meta_analysis(selection, model, test=test)
    except LuminaldbError as error:
        # What was excluded and why is the answer where too little is left to pool.
        if as_json:
            print_result(None, selection)
        else:
            print_excluded(selection, rows=excluded)
        text = as_options(str(error))
        if text == str(error):
            raise
        raise LuminaldbError(text) from None
    further.refuse_unknown_columns(pooled)
    if out is not None:
        from luminaldb.analysis.forest_plot import forest_plot

        forest_plot(pooled, subgroups=subgroups).save(out, force=force)
    if not as_json:
        print_plot(pooled)
        print_excluded(selection, rows=excluded)
    results = further.run(pooled)
    if as_json:
        print_result(pooled, selection, results)
    else:
        print_further(results, further, pooled)
    if results.errors:
        raise LuminaldbError("; ".join(results.errors))


def _derivations(names: Sequence[str] | None, defaults: tuple[str, ...]) -> str | tuple[str, ...]:
    if names is None:
        return defaults
    if names == ["none"]:
        return ()
    return names[0] if names == ["all"] else tuple(names)
