"""Export the models of all folds as one ONNX model, and validate its scores."""

import json
import logging
from pathlib import Path

import torch

from hepfold.core import files, logs, provenance
from hepfold.data import fold_file
from hepfold.models import onnx_export, zoo


def export_model(
    model_paths: list[str],
    train_path: str,
    params: dict,
    threads: int,
    onnx_path: str,
) -> None:
    """Write an ONNX model from physical features to the mean score of the folds."""
    torch.set_num_threads(threads)
    names = params["wildcards"]
    definition = fold_file.read_dataset(train_path)
    folds = [zoo.load(path, "cpu", "float32") for path in model_paths]
    schema, layout = folds[0].preparation.schema, fold_file.read_layout(train_path)
    input_format = onnx_export.InputFormat.of(
        layout, definition.missing, schema.features
    )
    inputs = fold_file.read(train_path, [0]).inputs[
        :, layout.positions(schema.features)
    ]
    made_by = fold_file.read_made_by(train_path)
    physical = input_format.physical(inputs)
    metadata = {
        **names,
        "title": params["title"],
        "define": json.dumps(made_by["settings"]["dataset"].get("define", {})),
        "ranges": json.dumps(onnx_export.ranges(schema.features, physical)),
        "source": json.dumps(made_by["source"]),
        "packages": json.dumps(provenance.package_versions(Path(__file__))),
    }
    model = onnx_export.exported(folds, input_format, metadata)
    checked = inputs[: onnx_export.N_CHECKED]
    difference = onnx_export.checked_difference(model, folds, input_format, checked)
    logging.info("ONNX scores differ from ours by at most %.1e.", difference)
    files.write_bytes(onnx_path, model)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    export_model(
        model_paths=snakemake.input.models,
        train_path=snakemake.input.train,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        onnx_path=snakemake.output.onnx,
    )
