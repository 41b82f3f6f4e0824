"""`luminaldb network-meta-analysis`: compare all therapies of a network of trials at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .data_options import DataFolder, DataVersion, Measure

if TYPE_CHECKING:
    from luminaldb.analysis.network_meta_analysis.network_result import NetworkMetaAnalysis
    from luminaldb.analysis.selection import Selection

_Show = Literal["effects", "league", "ranks", "inconsistency", "contrasts", "netmeta", "multinma", "excluded"]


def command(
    endpoint: Annotated[list[str], typer.Option(help="Id of the endpoint; several in order of preference.")],
    nodes: Annotated[
        Literal["regimen", "class", "therapy"],
        typer.Option(help="What is compared: regimens, their classes, or the therapies in which arms differ."),
    ] = "regimen",
    reference: Annotated[str | None, typer.Option(help="Node to compare the others with.")] = None,
    part: Annotated[str | None, typer.Option(help="A node: analyze the connected part that it belongs to.")] = None,
    model: Annotated[
        Literal["reml", "dl", "fixed"], typer.Option(help="Random effects by REML or moments, or common effects.")
    ] = "reml",
    population: Annotated[
        list[str] | None, typer.Option(help="Analysis set, or the end of a population's id; in order of preference.")
    ] = None,
    measure: Annotated[
        Measure | None, typer.Option(metavar="NAME", help="hazard_ratio, odds_ratio, risk_ratio, …")
    ] = None,
    setting: Annotated[list[str] | None, typer.Option(help="Setting of the trials, such as metastatic.")] = None,
    line: Annotated[list[str] | None, typer.Option(help="Line of the trials, such as first.")] = None,
    her2_status: Annotated[list[str] | None, typer.Option(help="HER2 status, such as positive.")] = None,
    hr_status: Annotated[list[str] | None, typer.Option(help="Hormone receptor status, such as positive.")] = None,
    show: Annotated[
        _Show,
        typer.Option(
            help="effects, league (table of all pairs), ranks (P-scores), inconsistency (Q by design), contrasts, "
            "netmeta or multinma (for R), excluded."
        ),
    ] = "effects",
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare all therapies of a network of trials; exit code 1 if it isn't connected."""
    from luminaldb.analysis.comparisons import comparisons
    from luminaldb.analysis.network_meta_analysis.network import network_meta_analysis

    from .output import print_frame

    selection = comparisons(
        endpoint,
        population=population,
        measure=measure,
        setting=setting,
        line=line,
        her2_status=her2_status,
        hr_status=hr_status,
        arms="each",
        version=version,
        path=folder,
    )
    if show == "excluded":
        print_frame(selection.excluded, as_json=as_json)
        return
    analysis = network_meta_analysis(
        selection, reference, nodes=nodes, model=model, part=part, version=version, path=folder
    )
    if show == "effects":
        _print_effects(analysis, selection, as_json=as_json)
        return
    frames = {
        "league": analysis.league_table,
        "ranks": analysis.p_scores,
        "inconsistency": analysis.decompose_q,
        "contrasts": lambda: analysis.contrasts,
        "netmeta": analysis.to_netmeta,
        "multinma": analysis.to_multinma,
    }
    print_frame(frames[show](), as_json=as_json)


def _print_effects(analysis: NetworkMetaAnalysis, selection: Selection, *, as_json: bool) -> None:
    from .output import print_json

    if not as_json:
        typer.echo(str(analysis))
        for note in selection.notes:
            typer.echo(note)
        typer.echo(f"{selection.excluded.height} results excluded; --show excluded lists them with the reasons")
        return
    names = ("model", "measure", "reference", "k", "tau2", "i2", "q", "q_df", "q_p_value", "ci_level")
    print_json(
        {
            **{name: getattr(analysis, name) for name in names},
            "effects": analysis.effects.to_dicts(),
            "notes": list(selection.notes),
            "excluded": selection.excluded.to_dicts(),
        }
    )
