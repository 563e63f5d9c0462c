"""What the files of the published folder are, for its README."""

from collections.abc import Iterable
from fnmatch import fnmatch

import polars as pl

from hepfold.publish import phrases, table_formats

# Content of the folder.
FILES = {
    "methods.md": "methods text for a paper, with citations",
    "references.bib": "the cited works in BibTeX",
    "model_card.md": "what the models are for, their inputs, outputs and limits",
    "overview.html": "the answer above as HTML, the first page of the report",
    "tables/comparison.*": (
        "the table of all figures of merit as Markdown, CSV, LaTeX (booktabs) and HTML"
    ),
    "tables/costs.*": "time and memory per model",
    "tables/steps.*": "time and memory per step",
    "tables/uncertainties.*": "the parts of the uncertainty of each figure of merit",
    "tables/pairs.*": "differences between models on the same events, with p-values",
    "tables/blends.*": "weights of the parts of blends in each fold",
    "metrics.csv": "all figures of merit, not rounded",
    "metrics/": "figures of merit of each model, with its settings",
    "datacards/": "data cards: numbers of events, cut flow, percentiles of features",
    "models/": "all folds as one ONNX model, which runs without hepfold",
    "inference/": (
        "templates, HistFactory workspace, expected significance, limits, fits"
    ),
    "insight/": "feature importance and partial dependence in each fold",
    "learning_curves/": "points of learning curves, fitted laws and extrapolations",
    "search/": (
        "hyperparameter search: all trials, and the best settings as an overlay"
    ),
    "hepdata.zip": (
        "curves and distributions of the folder `hepdata/`, ready to submit to HEPData"
    ),
    "config.yaml": "full configuration of the run",
    "provenance.json": "commit, package versions, checksums of the data",
    "ro-crate-metadata.json": "machine-readable description of every file (RO-Crate)",
}

# Entries for which a run may have no file.
OPTIONAL = {"tables/blends.*", *(path for path in FILES if path.endswith("/"))}


def file_table(paths: Iterable[str]) -> str:
    """Content of the folder, without entries that match no path."""
    present = set(paths)
    rows = {
        phrases.code(path): content
        for path, content in FILES.items()
        if path not in OPTIONAL or any(fnmatch(name, f"{path}*") for name in present)
    }
    return table_formats.markdown(
        pl.DataFrame({"file": list(rows), "content": list(rows.values())})
    )


def figure_table(captions: dict[str, str]) -> str:
    """Captions of figures by the pattern of their paths."""
    files = [phrases.code(pattern) for pattern in captions]
    return table_formats.markdown(
        pl.DataFrame({"files": files, "content": list(captions.values())})
    )
