"""Plot the same events as images in every encoding."""

import torch

from hepfold.core import files, logs
from hepfold.data import event_arrays, fold_file, folds
from hepfold.figures import images, style
from hepfold.models import feature_schema, image_ensembles, image_layouts, zoo


def plot_gallery(
    train_path: str,
    settings: dict,
    threads: int,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one data set and the numbers that it shows."""
    torch.set_num_threads(threads)
    style.use(settings["style"])
    names, seed = settings["wildcards"], folds.fold_seed(settings["seed"], 0)
    schema, positions = feature_schema.read(train_path, names["dataset"], "all")
    events = fold_file.read(train_path, [0]).with_features(positions)
    fitted = event_arrays.draw(events, settings["n_events"], seed)
    shown = fitted.take(images.first_of_classes(fitted.label))
    pictures = {}
    for encoding in image_layouts.ENCODINGS:
        own = images.gallery_settings(encoding)
        model = {"kind": image_ensembles.KIND, "images": own}
        encoder = zoo.fitted(schema, model, fitted, seed).encoder
        pictures[encoding] = encoder(torch.from_numpy(shown.inputs))[:, 0].numpy()
    record = {**names, "simulated": fold_file.is_simulated(train_path)}
    figure = images.gallery_figure(pictures, shown.label, record)
    table = images.gallery_table(
        shown.inputs, schema.features, shown.event_id, shown.label
    )
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_gallery(
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
