"""Effects of systematic uncertainties on templates: symmetrized, split and pruned.

The effect of a systematic on a process in a region is a change of its normalization,
the ratio of the varied to the nominal sum, and a change of its shape: the varied
template scaled to the nominal sum. HistFactory has a modifier for each, `normsys` and
`histosys`, with a common parameter. Contents are never negative.

- A variation without a direction down is mirrored: the normalization becomes its
  inverse, as for a log-normal, and each bin of the shape moves as far in the opposite
  direction.
- If both directions change the normalization in the same direction, the larger change
  is kept as `up`, and mirrored. The same applies to the shape, where two changes have
  the same direction if their scalar product over the bins, divided by the nominal
  contents, is positive.
- A part whose largest relative change does not exceed a threshold is pruned.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.core import columns
from hepfold.data import variations

TWO_SIDED, MIRRORED, LARGER = "two-sided", "mirrored", "larger mirrored"
EMPTY = "no events"
KEPT, PRUNED = "kept", "pruned"


@dataclass(frozen=True)
class Effect:
    """Effect of a systematic on a process in a channel.

    `up` and `down` are factors of the normalization, `shape_up` and `shape_down` are
    templates (n_bins,) with the nominal sum. `of_normalization` and `of_shape` are the
    rules that determined both directions.
    """

    nominal: np.ndarray
    up: float
    down: float
    shape_up: np.ndarray
    shape_down: np.ndarray
    of_normalization: str
    of_shape: str

    @property
    def normalization_size(self) -> float:
        """Largest relative change of the normalization."""
        return max(abs(self.up - 1), abs(self.down - 1))

    @property
    def shape_size(self) -> float:
        """Largest relative change of a bin by the shape; 0 without nominal events."""
        filled = self.nominal > 0
        if not filled.any():
            return 0.0
        shapes = np.stack([self.shape_up, self.shape_down])[:, filled]
        return float(np.abs(shapes / self.nominal[filled] - 1).max())


def effect(nominal: np.ndarray, up: np.ndarray, down: np.ndarray | None) -> Effect:
    """The effect of varied contents (n_bins,); without `down`, `up` is mirrored.

    Negative contents count as zero. Bins without nominal events stay empty.
    """
    nominal = nominal.clip(0)
    templates = [t.clip(0) for t in (up, down) if t is not None]
    if not nominal.sum() > 0 or any(not t[nominal > 0].sum() > 0 for t in templates):
        return Effect(nominal, 1.0, 1.0, nominal, nominal, EMPTY, EMPTY)
    factors = [float(template.sum() / nominal.sum()) for template in templates]
    shapes = [scaled(template, nominal) for template in templates]
    up, down, of_normalization = both_factors(factors)
    shape_up, shape_down, of_shape = both_shapes(shapes, nominal)
    return Effect(nominal, up, down, shape_up, shape_down, of_normalization, of_shape)


def both_factors(factors: list[float]) -> tuple[float, float, str]:
    """Factors of the normalization up and down, and the rule for them."""
    if len(factors) == 1:
        return factors[0], 1 / factors[0], MIRRORED
    up, down = factors
    if (up - 1) * (down - 1) > 0:
        larger = max(factors, key=lambda factor: abs(factor - 1))
        return larger, 1 / larger, LARGER
    return up, down, TWO_SIDED


def both_shapes(
    shapes: list[np.ndarray], nominal: np.ndarray
) -> tuple[np.ndarray, np.ndarray, str]:
    """Shapes (n_bins,) up and down, and the rule for them."""
    rule = MIRRORED
    if len(shapes) == 2:
        up, down = shapes
        if product(up, down, nominal) <= 0:
            return up, down, TWO_SIDED
        rule = LARGER
    larger = max(shapes, key=lambda shape: product(shape, shape, nominal))
    return larger, scaled((2 * nominal - larger).clip(0), nominal), rule


def scaled(template: np.ndarray, nominal: np.ndarray) -> np.ndarray:
    """A template with the nominal sum, empty where the nominal template is empty."""
    shape = np.where(nominal > 0, template, 0.0)
    return shape * (nominal.sum() / shape.sum())


def product(one: np.ndarray, other: np.ndarray, nominal: np.ndarray) -> float:
    """Scalar product of two changes of shape, in units of nominal contents."""
    filled = nominal > 0
    changes = (one - nominal)[filled] * (other - nominal)[filled]
    return float((changes / nominal[filled]).sum())


def table(
    templates: pl.DataFrame,
    varied: pl.DataFrame,
    mirrored: list[str],
    threshold: float,
) -> pl.DataFrame:
    """Effects of all variations, one row for each bin, in the order of the templates.

    Takes nominal templates, those of `varied_templates`, and the names of systematics
    that are mirrored. For all others, a direction that does not affect a process is
    nominal. The columns are systematic, channel, process, low, high, nominal, up, down
    (factors), shape_up, shape_down, sizes, rules, and whether each part is kept.
    """
    if varied.is_empty():
        return pl.DataFrame()
    keys = ["systematic", "channel", columns.PROCESS]
    rows = []
    for (name, channel, process), part in varied.group_by(keys, maintain_order=True):
        nominal = templates.filter(channel=channel, process=process)
        contents = nominal["expected"].to_numpy()
        by_direction = {
            direction: rows_of["expected"].to_numpy()
            for (direction,), rows_of in part.group_by("direction")
        }
        down = None if name in mirrored else contents
        one = effect(
            contents,
            by_direction.get(variations.UP, contents),
            by_direction.get(variations.DOWN, down),
        )
        rows.append(
            nominal.select("channel", columns.PROCESS, "low", "high").with_columns(
                systematic=pl.lit(name), **described(one, threshold)
            )
        )
    return pl.concat(rows)


def described(one: Effect, threshold: float) -> dict[str, pl.Expr | pl.Series]:
    """The columns of `table` that describe an effect."""
    kept = {True: KEPT, False: PRUNED}
    constant = {
        "up": one.up,
        "down": one.down,
        "normalization_size": one.normalization_size,
        "shape_size": one.shape_size,
        "normalization_rule": one.of_normalization,
        "shape_rule": one.of_shape,
        "normalization": kept[one.normalization_size > threshold],
        "shape": kept[one.shape_size > threshold],
    }
    return {
        "nominal": pl.Series(one.nominal),
        "shape_up": pl.Series(one.shape_up),
        "shape_down": pl.Series(one.shape_down),
        **{name: pl.lit(value) for name, value in constant.items()},
    }


def with_systematic_unc(
    bins: pl.DataFrame, effects: pl.DataFrame, backgrounds: list[str]
) -> pl.DataFrame:
    """The bins with `systematic_unc`, the background uncertainty from kept effects.

    It is the mean of both directions; processes add linearly, systematics in
    quadrature.
    """
    keys = ["channel", "low"]
    of_normalization = pl.col("normalization") == KEPT
    of_shape = pl.col("shape") == KEPT
    varied = [
        pl.when(of_normalization).then(pl.col(factor)).otherwise(1.0)
        * pl.when(of_shape).then(pl.col(shape)).otherwise(pl.col("nominal"))
        for factor, shape in (("up", "shape_up"), ("down", "shape_down"))
    ]
    shifts = (
        effects.filter(pl.col(columns.PROCESS).is_in(backgrounds))
        .group_by(*keys, "systematic", maintain_order=True)
        .agg(((varied[0] - varied[1]) / 2).sum().alias("shift"))
    )
    uncertainty = shifts.group_by(keys, maintain_order=True).agg(
        systematic_unc=(pl.col("shift") ** 2).sum().sqrt()
    )
    return bins.join(
        uncertainty, on=keys, how="left", maintain_order="left"
    ).with_columns(pl.col("systematic_unc").fill_null(0.0))


def summary(effects: pl.DataFrame) -> pl.DataFrame:
    """One row for each effect: sizes, rules, and the parts that were kept."""
    keys = ["systematic", "channel", columns.PROCESS]
    of_effect = (
        "up",
        "down",
        "shape_size",
        "normalization_rule",
        "shape_rule",
        "normalization",
        "shape",
    )
    return effects.group_by(keys, maintain_order=True).agg(pl.col(of_effect).first())
