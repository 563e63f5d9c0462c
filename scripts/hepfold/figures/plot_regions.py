"""The templates of each region before and after the fit."""

from hepfold.analysis import fit_stages
from hepfold.data import declared_processes
from hepfold.figures import drawing, stacked_regions


def plot_regions(inference: dict, fit: dict, processes: list[dict]) -> drawing.Drawings:
    """Stacked processes in the bins of the fit, with recorded events where open."""
    declared = declared_processes.parse(processes)
    is_score = inference["settings"]["inference"]["observable"] == "score"
    drawn = {}
    for stage in (fit_stages.PREFIT, fit_stages.POSTFIT):
        table = fit_stages.joined(fit["predictions"], inference["bins"], stage)
        figure = stacked_regions.regions_figure(
            table, fit, declared, inference["axis"], is_score
        )
        drawn[stage] = drawing.Drawing(figure, table)
    return {
        "prefit": drawn[fit_stages.PREFIT],
        "postfit": drawn[fit_stages.POSTFIT],
    }
