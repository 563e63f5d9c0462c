"""Tests of `draw`: one script writes the files of every figure."""

from pathlib import Path

import numpy as np
import process_samples
import pytest

import draw
from hepfold.core import files

KINDS = ("pdf", "png", "csv")
RESULT = {
    "discovery_significance": 1.25,
    "upper_limit": {"median": 0.5, "band_68": [0.4, 0.7], "band_95": [0.3, 0.9]},
}
INFERENCE = {
    "dataset": "higgsml",
    "model": "mlp",
    "title": "Higgs ML",
    "toy": True,
    "events": "oof",
    "normalizations": process_samples.normalizations(0.1),
    "expected": dict.fromkeys(
        ("statistics", "with_normalization", "with_simulation"), RESULT
    ),
    "axis": "Score",
    "bins": [
        {"channel": "score", "low": 0.0, "high": 1.0, "signal": 9.0}
        | {"background": 40.0, "background_unc": 3.0, "normalization_unc": 4.0}
    ],
    "templates": process_samples.templates(
        np.array([9.0]), np.array([40.0]), np.array([3.0])
    ).to_dicts(),
}


@pytest.fixture
def job(tmp_path) -> dict:
    """Arguments of the job of a figure."""
    path = str(tmp_path / "inference.json")
    files.write_json(path, INFERENCE)
    return {
        "inputs": {"inference": path},
        "settings": {
            "figure": "plot_workspace",
            "style": "cms",
            "wildcards": {},
            "processes": [vars(process) for process in process_samples.CLASSES],
        },
        "threads": 1,
        "output_paths": [str(tmp_path / f"workspace.{kind}") for kind in KINDS],
    }


@pytest.mark.slow
def test_pictures_and_table_are_written(job):
    draw.draw(**job)
    pdf, png, csv = job["output_paths"]
    assert Path(pdf).read_bytes().startswith(b"%PDF")
    assert Path(png).read_bytes().startswith(b"\x89PNG")
    assert files.read_csv(csv, ())["background"].to_list() == [40.0]


@pytest.mark.slow
def test_figures_have_the_look_of_the_settings(job):
    pictures = []
    for look in ("cms", "atlas"):
        draw.draw(**job | {"settings": job["settings"] | {"style": look}})
        pictures.append(Path(job["output_paths"][1]).read_bytes())
    first, second = pictures
    assert first != second
