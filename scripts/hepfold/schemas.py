"""What a model sees of a fold file: which columns of its inputs, and what they are."""

from hepfold import datasets, features, foldfile


def read(
    train_path: str, dataset: str, feature_set: str
) -> tuple[features.Schema, list[int]]:
    """The schema of a set of features, and their columns in the fold file."""
    definition = datasets.DATASETS[dataset]
    layout = foldfile.read_layout(train_path)
    chosen = definition.feature_sets[feature_set]
    positions = layout.positions(chosen)
    schema = features.Schema.of(
        definition,
        tuple(layout.features[i] for i in positions),
        layout.n_values(chosen),
        foldfile.read_made_by(train_path).get("units", {}),
    )
    return schema, positions
