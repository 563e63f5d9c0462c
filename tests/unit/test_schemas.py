"""Tests of hepfold.schemas: a schema names the columns that it takes."""

import numpy as np
import pytest

from hepfold import arrays, datasets, foldfile, schemas

HIGGSML = datasets.HIGGSML


@pytest.mark.parametrize("feature_set", ["all", "low_level", "high_level"])
def test_names_are_those_of_the_columns_taken(tmp_path, feature_set):
    path, n = str(tmp_path / "train.h5"), 4
    part = arrays.Events(
        inputs=np.zeros((n, len(HIGGSML.features)), "f4"),
        label=np.array([0, 1, 0, 1], "i1"),
        weight=np.ones(n, "f4"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )
    layout = foldfile.Layout.of(HIGGSML, {"KaggleWeight": None})
    with foldfile.writing(path, 1, layout, {"units": {"PRI_tau_phi": 2.0}}) as writer:
        writer.append(part, np.zeros(n, int))
    schema, positions = schemas.read(path, "higgsml", feature_set)
    assert set(schema.features) == set(HIGGSML.feature_sets[feature_set])
    assert schema.features == tuple(HIGGSML.features[i] for i in positions)
    assert schema.n_values == (() if feature_set == "high_level" else (4,))
    units = dict(zip(schema.features, schema.units, strict=True))
    assert units.get("PRI_tau_phi", 2.0) == 2.0
