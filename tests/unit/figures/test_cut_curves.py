"""Tests of figures.cut_curves: figures say what they show, in both looks."""

import numpy as np
import polars as pl
import pytest

from hepfold.figures import cut_curves, style


@pytest.fixture(params=sorted(style.LOOKS), autouse=True)
def look(request):
    style.use(request.param)


def record(subsets=("oof", "public", "private"), model="mlp", simulated=True) -> dict:
    merits = {"auc_weighted": 0.9, "auc_weighted_unc": 0.0123, "ams": 3.0}
    merits |= {"ams_unc": 0.2, "max_ams": 3.1}
    names = {"dataset": "higgsml", "model": model, "simulated": simulated}
    return {**names, "cut": 0.8, **{subset: merits for subset in subsets}}


def table(record: dict, **columns: np.ndarray) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(columns).select(
            pl.lit("higgsml").alias("dataset"),
            pl.lit(record["model"]).alias("model"),
            pl.lit(subset).alias("subset"),
            pl.all(),
        )
        for subset in style.SUBSET_NAMES
        if subset in record
    )


def rocs(record: dict, power: float = 2.0) -> pl.DataFrame:
    """A background efficiency that is a power of that of signal, none at the start."""
    signal = np.linspace(0.05, 1, 20)
    background = np.where(signal > 0.1, signal**power, 0.0)
    return table(
        record,
        signal_efficiency=signal,
        background_efficiency=background,
        background_efficiency_low=np.where(signal > 0.2, 0.9 * background, 0.0),
        background_efficiency_high=1.1 * background,
    )


def amss(record: dict) -> pl.DataFrame:
    cut = np.linspace(1, 0, 20)
    ams = 3 * np.sin(3 * cut)
    return table(record, cut=cut, ams=ams, ams_low=ams - 0.1, ams_high=ams + 0.1)


def figures(record: dict) -> list:
    return [
        cut_curves.roc_figure(rocs(record), record),
        cut_curves.rates_figure(rocs(record), record),
        cut_curves.ams_figure(amss(record), record),
    ]


def compared(records: list[dict]) -> list:
    curves = pl.concat(rocs(r, power) for r, power in zip(records, (3, 2), strict=True))
    return [
        cut_curves.compared_roc_figure(curves, records),
        cut_curves.compared_rates_figure(curves, records),
    ]


def texts(figure) -> str:
    axes = figure.axes[0]
    parts = [*axes.texts, *axes.get_legend().get_texts()]
    return " | ".join([axes.get_title("right"), *(text.get_text() for text in parts)])


def test_simulation_is_labelled():
    for figure in [*figures(record()), *compared([record(), record(model="other")])]:
        figure.draw_without_rendering()
        assert "Simulation" in texts(figure)
    for figure in figures(record(simulated=False)):
        assert "Simulation" not in texts(figure)


def test_figures_show_every_subset():
    for figure in figures(record()):
        for name in ("out-of-fold", "public", "private"):
            assert name in texts(figure)
        assert "only" not in texts(figure)


def test_out_of_fold_only_is_said():
    oof = record(subsets=["oof"], simulated=False)
    for figure in [*figures(oof), *compared([oof, {**oof, "model": "other"}])]:
        assert "out-of-fold only" in texts(figure)
        assert "private" not in texts(figure)


def test_values_are_told_with_their_uncertainties():
    roc, rates, ams = (texts(figure) for figure in figures(record()))
    assert "AUC = 0.9000 ± 0.0123" in roc and "AUC = 0.9000 ± 0.0123" in rates
    assert "3.000 ± 0.200 at the cut" in ams and "chosen cut, 0.8000" in ams


def test_no_maximum_over_cuts_is_told():
    assert "3.1" not in texts(figures(record())[2])


def test_compared_models_are_told_apart():
    for figure in compared([record(), record(model="other")]):
        assert "mlp, AUC" in texts(figure) and "other, AUC" in texts(figure)
        assert "2 models" in texts(figure)
        # Each with out-of-fold and one test subset, the private one.
        assert "private" in texts(figure) and "public" not in texts(figure)
        lines = [n for n in figure.axes[0].lines if len(n.get_xdata()) in (18, 20)]
        looks = {(n.get_color(), n.get_linestyle()) for n in lines}
        assert len({color for color, _ in looks}) == 2
        assert {dash for _, dash in looks} == {"-", "--"}


def test_ratio_is_that_of_rejections():
    """Of powers 3 and 2 of one efficiency: the efficiency itself."""
    figure = compared([record(), record(model="other")])[0]
    ratio = figure.axes[1]
    first, second = (line.get_xydata() for line in ratio.lines)
    np.testing.assert_allclose(first[:, 1], 1)
    np.testing.assert_allclose(second[:, 1], second[:, 0])
    low, high = ratio.get_ylim()
    assert low <= 0.5 and high >= 1


def test_axes_hold_what_is_certain():
    axes = figures(record())[0].axes[0]
    assert axes.get_ylim()[1] > 1 / 0.25**2
    assert axes.get_yscale() == "log"
