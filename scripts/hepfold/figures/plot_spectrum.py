"""The spectrum of events above the cut before and after the fit."""

import polars as pl

from hepfold.analysis import fit_stages
from hepfold.data import declared_processes
from hepfold.figures import drawing, stacked_regions


def plot_spectrum(
    inference: dict, fit: dict, processes: list[dict]
) -> drawing.Drawings:
    """Stacked processes in each region, with recorded events where open."""
    declared = declared_processes.parse(processes)
    spectrum, drawn = inference["spectrum"], {}
    if spectrum is None:
        text = "In no region do the events\nabove the cut fill a bin."
        empty = drawing.Drawing(stacked_regions.empty_figure(fit, text), pl.DataFrame())
        return {"spectrum_prefit": empty, "spectrum_postfit": empty}
    for stage in (fit_stages.PREFIT, fit_stages.POSTFIT):
        table = fit_stages.joined(fit["spectrum"], spectrum["bins"], stage)
        figure = stacked_regions.regions_figure(
            table, fit, declared, spectrum["axis"], False
        )
        drawn[stage] = drawing.Drawing(figure, table)
    return {
        "spectrum_prefit": drawn[fit_stages.PREFIT],
        "spectrum_postfit": drawn[fit_stages.POSTFIT],
    }
