"""Plot the same events as images in every encoding."""

import torch

from hepfold import (
    draws,
    foldfile,
    folds,
    imagemodels,
    imageplots,
    layouts,
    logs,
    models,
    schemas,
    store,
    style,
)


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
    schema, positions = schemas.read(train_path, names["dataset"], "all")
    events = foldfile.read(train_path, [0]).with_features(positions)
    fitted = draws.some(events, settings["n_events"], seed)
    shown = fitted.take(imageplots.first_of_classes(fitted.label))
    images = {}
    for encoding in layouts.ENCODINGS:
        own = imageplots.gallery_settings(encoding)
        model = {"kind": imagemodels.KIND, "images": own}
        encoder = models.fitted(schema, model, fitted, seed).encoder
        images[encoding] = encoder(torch.from_numpy(shown.inputs))[:, 0].numpy()
    record = {**names, "simulated": foldfile.is_simulated(train_path)}
    figure = imageplots.gallery_figure(images, shown.label, record)
    table = imageplots.gallery_table(
        shown.inputs, schema.features, shown.event_id, shown.label
    )
    store.write_figure(figure, pdf_path, png_path)
    store.write_csv(csv_path, table)


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
