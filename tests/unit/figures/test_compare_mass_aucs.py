"""Tests of figures.compare_mass_aucs: models are distinguishable, in both looks."""

import polars as pl
import pytest
from figure_samples import RECORD, texts

from hepfold.analysis import literature
from hepfold.figures import compare_mass_aucs

HEPMASS = {"dataset": "hepmass", "oof": {}, "test": {"n_events": 9}}


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


def compared(quoted: list[literature.Figure], **changes):
    """The figure of a model without 1,000 GeV and two of one mass."""
    without, first, last = [1, 0, 1], [1, 0, 0], [0, 0, 1]
    table = pl.concat(
        aucs(model, ("oof", "test"), [bool(t) for t in trained])
        for model, trained in (("mlp", without), ("one", first), ("other", last))
    )
    record = RECORD | HEPMASS | changes
    return compare_mass_aucs.compared_figure(table, [record], quoted)


def drawn(figure, label: str) -> list[list[float]]:
    """Places of the marks with a label."""
    (line,) = [mark for mark in figure.axes[0].lines if mark.get_label() == label]
    return line.get_xydata().tolist()


def test_a_model_of_one_mass_is_a_point_there():
    figure = compared([])
    single_mass = "trained at this mass only"
    assert drawn(figure, single_mass) == [[500, 0.7], [1500, pytest.approx(0.9)]]
    assert [x for x, _ in drawn(figure, "mlp")] == [500, 1000, 1500]
    hollow = [li for li in figure.axes[0].lines if li.get_ms() == 13]
    assert 1000 in [x for line in hollow for x in line.get_xdata()]
    assert "not used in training" in texts(figure.axes[0])
    assert "published" not in texts(figure.axes[0])
    assert "3 models, test events" in figure.axes[0].get_title("right")


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_published_aucs_stand_with_a_note():
    quoted = [f for f in literature.FIGURES if f.dataset == "hepmass"]
    figure = compared(quoted, toy=False, source=["all_train", "all_test"])
    figure.draw_without_rendering()
    note = "not comparable: hepfold used 9 of 3,500,000 test events"
    assert note in " ".join(texts(figure.axes[0]).split())


def test_differences_are_to_the_first_model():
    below = compared([]).axes[1]
    first, *_ = below.lines
    assert first.get_ydata() == pytest.approx([0, 0, 0])
    assert below.get_ylabel() == "Difference to\nmlp"
