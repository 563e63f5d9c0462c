"""Tests of figures.masses: figures say what they show, in both looks."""

import polars as pl
import pytest

from hepfold.analysis import literature, mass_sculpting
from hepfold.data import datasets
from hepfold.figures import masses, style

RECORD = {"dataset": "higgsml", "model": "mlp", "simulated": True, "oof": {}}


@pytest.fixture(params=sorted(style.LOOKS), autouse=True)
def look(request):
    style.use(request.param)


def sculpting(scores: pl.DataFrame, cut: float = 0.5, every: int = 10**9):
    """The figure of masses that rise with the score, of which every n-th is missing."""
    is_missing = pl.col("event_id") % every == every - 3
    mass = pl.when(is_missing).then(float("nan")).otherwise(100 * pl.col("score"))
    table = mass_sculpting.shapes(
        scores.with_columns(mass=mass), datasets.HIGGSML, cut, seed=1
    )
    figure = masses.sculpting_figure(table, RECORD, "mass (GeV)")
    figure.draw_without_rendering()
    return figure


def legend(figure) -> str:
    found = figure.axes[0].get_legend()
    parts = [found.get_title(), *found.get_texts()]
    return " | ".join(text.get_text() for text in parts)


def test_sculpting_tells_cuts_and_divergences(scores):
    figure = sculpting(scores)
    assert "chosen cut (0.500): JSD 0." in legend(figure)
    for efficiency in mass_sculpting.SIGNAL_EFFICIENCIES:
        assert f"signal efficiency {efficiency:g}" in legend(figure)
    main, ratio = figure.axes
    assert "Simulation" in " ".join(text.get_text() for text in main.texts)
    assert ratio.get_xlabel() == "mass (GeV)"
    assert main.get_xlim() == ratio.get_xlim()


def test_missing_masses_are_told(scores):
    assert "Left out" not in legend(sculpting(scores))
    assert "% of background, without mass" in legend(sculpting(scores, every=9))


def test_a_cut_that_nothing_passes_is_told(scores):
    assert "chosen cut (2.000): nothing passes" in legend(sculpting(scores, cut=2.0))


def aucs(model: str, subsets: tuple[str, ...], trained: list[bool]) -> pl.DataFrame:
    """A table of AUCs that rise with the mass."""
    return pl.DataFrame(
        {
            "model": model,
            "subset": subset,
            "mass_hypothesis": 500 * (1 + i),
            "trained": is_trained,
            "auc": 0.7 + 0.1 * i,
            "auc_unc": 0.01,
        }
        for i, is_trained in enumerate(trained)
        for subset in subsets
    )


@pytest.mark.parametrize("n_masses", [1, 3])
def test_every_mass_and_subset_is_shown(n_masses):
    table = aucs("mlp", ("oof", "test"), [True] * n_masses)
    record = RECORD | {"dataset": "hepmass", "test": {}}
    figure = masses.auc_figure(table, record)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    assert legend(figure).endswith("out-of-fold | test")
    low, high = axes.get_xlim()
    assert low < 500 and high > 500 * n_masses
    low, high = axes.get_ylim()
    assert low < 0.69 and high > 0.61 + 0.1 * n_masses


def compared(quoted: list[literature.Figure], **changes):
    """The figure of a model without 1,000 GeV and two of one mass."""
    without, first, last = [1, 0, 1], [1, 0, 0], [0, 0, 1]
    table = pl.concat(
        aucs(model, ("oof", "test"), [bool(t) for t in trained])
        for model, trained in (("some", without), ("one", first), ("other", last))
    )
    record = RECORD | {"dataset": "hepmass", "test": {"n_events": 9}} | changes
    figure = masses.compared_auc_figure(table, [record], quoted)
    figure.draw_without_rendering()
    return figure


def drawn(figure, label: str) -> list[list[float]]:
    """Places of the marks with a label."""
    (line,) = [found for found in figure.axes[0].lines if found.get_label() == label]
    return line.get_xydata().tolist()


def test_a_model_of_one_mass_is_a_point_there():
    figure = compared([])
    alone = "trained at this mass alone"
    assert drawn(figure, alone) == [[500, 0.7], [1500, pytest.approx(0.9)]]
    assert [x for x, _ in drawn(figure, "some")] == [500, 1000, 1500]
    hollow = [li for li in figure.axes[0].lines if li.get_ms() == 13]
    assert 1000 in [x for line in hollow for x in line.get_xdata()]
    assert "not trained on" in legend(figure)
    assert "published" not in legend(figure)
    assert "3 models, test events" in figure.axes[0].get_title("right")


def test_published_aucs_stand_with_a_note():
    quoted = [f for f in literature.FIGURES if f.dataset == "hepmass"]
    figure = compared(quoted, simulated=False, source=["all_train", "all_test"])
    note = "not comparable: ours is of 9 of 3,500,000 test events"
    assert note in " ".join(legend(figure).split())
