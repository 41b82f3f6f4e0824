"""The result of a network meta-analysis, with its tables, ranks, tests, plots and frames for R."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS

from .effects import Estimates, league_table, pair_effects

if TYPE_CHECKING:
    import altair as alt

NetworkModel = Literal["reml", "dl", "fixed"]
NETWORK_MODELS: tuple[NetworkModel, ...] = get_args(NetworkModel)
_MODEL_NAMES = {
    "reml": "random effects, REML",
    "dl": "random effects, moments (DerSimonian-Laird)",
    "fixed": "common effects",
}


@dataclass(frozen=True, slots=True)
class NetworkMetaAnalysis:
    """The result of a network meta-analysis.

    Effects are on the scale of the measure (a ratio, or percentage points); `standard_error` and `tau2` are natural
    logarithms where the measure is a ratio.

    Attributes:
        model: reml, dl or fixed.
        measure: of the effects.
        reference: the node that `effects` compares with.
        nodes: the reference first.
        k: number of studies.
        effects: node, estimate, ci_low, ci_high, log_estimate (null for a difference), standard_error, p_value,
            prediction_low, prediction_high, direct_studies.
        tau2: variance between trials; of the measure, whichever nodes are compared.
        i2: share of variation that isn't chance, in percent.
        q: Cochran's Q of the whole network, with `q_df` and `q_p_value`.
        ci_level: in percent.
        contrasts: the rows compared, with `covariance_from`: what the covariance of a multi-arm trial comes from
            (`contrasts`, `events`, or `assumed`: a correlation of 0.5; empty for two arms).
        lower_is_better: whether lower values rank best; None where it is unknown.
    """

    model: NetworkModel
    measure: str
    reference: str
    nodes: tuple[str, ...]
    k: int
    effects: pl.DataFrame
    tau2: float
    i2: float
    q: float
    q_df: int
    q_p_value: float | None
    ci_level: float
    contrasts: pl.DataFrame
    lower_is_better: bool | None
    _estimates: Estimates = field(repr=False, compare=False)

    @property
    def title(self) -> str:
        """The model in words."""
        return _MODEL_NAMES[self.model]

    @property
    def is_ratio(self) -> bool:
        """Whether the measure is pooled as a logarithm."""
        return self.measure in RATIOS

    def pairs(self) -> pl.DataFrame:
        """Return every pair of nodes: treatment, control, and the columns of `effects`."""
        count = range(len(self.nodes))
        return pair_effects(self._estimates, [(i, j) for i in count for j in count if i != j])

    def league_table(self) -> pl.DataFrame:
        """Return the league table as text: each cell compares the node of its row with that of its column.

        The best node comes first where it is known whether lower values are better.
        """
        nodes = list(self.nodes) if self.lower_is_better is None else self.p_scores()["node"].to_list()
        return league_table(self.pairs(), nodes)

    def p_scores(self, *, lower_is_better: bool | None = None) -> pl.DataFrame:
        """Rank the nodes by P-score (Rücker & Schwarzer 2015): node, p_score, the best first.

        Args:
            lower_is_better: whether lower values are better; if omitted, as the rows' endpoint and measure imply.

        Raises:
            LuminaldbError: it is unknown whether lower values are better.
        """
        from .ranking import p_scores

        return p_scores(self._estimates, lower_is_better=self._resolve_lower_is_better(lower_is_better))

    def rankogram(self, *, lower_is_better: bool | None = None, draws: int = 100_000, seed: int = 1) -> pl.DataFrame:
        """Return the probability of each rank: node, rank (1 is the best), probability.

        Args:
            lower_is_better: whether lower values are better; if omitted, as the rows' endpoint and measure imply.
            draws: from the distribution of the estimates.
            seed: of the random numbers.

        Raises:
            LuminaldbError: it is unknown whether lower values are better.
        """
        from .ranking import rank_probabilities

        side = self._resolve_lower_is_better(lower_is_better)
        return rank_probabilities(self._estimates, lower_is_better=side, draws=draws, seed=seed)

    def decompose_q(self) -> pl.DataFrame:
        """Split Q into heterogeneity within designs and inconsistency between them; see `inconsistency`."""
        from .inconsistency import decompose_q

        return decompose_q(self._estimates.studies, self.nodes, self.model)

    def split_nodes(self) -> pl.DataFrame:
        """Compare direct with indirect evidence, a row per pair of nodes that has both; on the pooled scale."""
        from .inconsistency import split_nodes

        return split_nodes(self._estimates.studies, self.nodes, self.model)

    def to_netmeta(self) -> pl.DataFrame:
        """Return the columns that R's `netmeta(TE, seTE, treat1, treat2, studlab)` reads."""
        from .r_frames import netmeta_frame

        return netmeta_frame(self._estimates.studies)

    def to_multinma(self) -> pl.DataFrame:
        """Return study, trt, y and se, as R's `multinma::set_agd_contrast()` reads them."""
        from .r_frames import multinma_frame

        return multinma_frame(self._estimates.studies)

    def to_metainsight(self) -> pl.DataFrame:
        """Return Study, T, R and N, the long form that MetaInsight reads of binary outcomes.

        Raises:
            LuminaldbError: a row has no events or patients; MetaInsight reads counts, and no ratios.
        """
        from .r_frames import metainsight_frame

        return metainsight_frame(self.contrasts)

    def network_plot(self) -> alt.LayerChart:
        """Draw the network: nodes as large as their number of studies, edges as wide as the studies between them."""
        from .plots import network_plot

        return network_plot(self.nodes, self._estimates.studies)

    def forest_plot(self) -> alt.LayerChart:
        """Draw the effect of each node against the reference."""
        from .plots import effects_plot

        rows = self.effects
        if self.lower_is_better is not None:
            rows = self.p_scores().join(rows, on="node", how="inner", maintain_order="left")
        axis = f"{self.measure.replace('_', ' ').capitalize()} against {self.reference}"
        subtitle = f"{self.title}, {self.ci_level:g} % intervals"
        return effects_plot(rows, axis=axis, title=subtitle, is_ratio=self.is_ratio)

    def rankogram_plot(self, *, lower_is_better: bool | None = None) -> alt.Chart:
        """Draw the probability of each rank of each node."""
        from .plots import rankogram_plot

        return rankogram_plot(self.rankogram(lower_is_better=lower_is_better))

    def _resolve_lower_is_better(self, lower_is_better: bool | None) -> bool:
        side = self.lower_is_better if lower_is_better is None else lower_is_better
        if side is None:
            raise LuminaldbError("unknown whether lower values are better; pass lower_is_better=True or False")
        return side

    def __str__(self) -> str:
        """Print the network, its heterogeneity, and each node against the reference."""
        multi_arm = sum(study.is_multi_arm for study in self._estimates.studies)
        assumed = self.contrasts.filter(pl.col("covariance_from") == "assumed")["study"].n_unique()
        lines = [
            f"{self.title}: {len(self.nodes)} nodes, {self.k} studies, {multi_arm} of more than two arms",
            f"tau² {self.tau2:.4f}, I² {self.i2:.1f} %, Q({self.q_df}) = {self.q:.2f}",
            f"{self.measure.replace('_', ' ')} against {self.reference}, {self.ci_level:g} % intervals:",
        ]
        for row in self.effects.iter_rows(named=True):
            lines.append(f"  {row['node']}: {row['estimate']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f})")
        if assumed:
            lines.append(f"covariance of arms assumed (correlation 0.5) in {assumed} of the studies")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(self.effects._repr_html_())
