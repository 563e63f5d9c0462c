"""Collect tables, figures and provenance in one folder that goes into a paper."""

import logging
from pathlib import Path

from hepfold import crate, hepdata, logs, publishing, readme, store

SCRIPTS = Path(__file__).parent


def publish(
    metrics_paths: list[str],
    curve_paths: list[str],
    caption_paths: list[str],
    citation_path: str,
    settings: dict,
    edges: list[tuple[str, str]],
    copied: dict[str, str],
    log_folder: str,
    folder: str,
) -> None:
    """Write the published folder.

    What is at each key of `copied` goes to its value, a path in the folder.
    """
    records = [store.read_json(path) for path in metrics_paths]
    curves = [(Path(path).stem, store.read_csv(path, ())) for path in curve_paths]
    captions = publishing.captions({p: store.read_text(p) for p in caption_paths})
    figures = publishing.drawn(captions, copied.values())
    citation = store.read_yaml(citation_path)
    origin = publishing.origin(records, settings, SCRIPTS)
    tables = hepdata.texts(curves, readme.statement(records), origin["commit"])
    texts = publishing.texts(records, origin, citation, figures, edges)
    texts |= {f"hepdata/{name}": text for name, text in tables.items()}
    steps = publishing.logs_of(edges, store.names_below(log_folder))
    texts |= publishing.steps(
        (step, store.read_text(f"{log_folder}/{name}")) for name, step in steps.items()
    )
    for path, name in copied.items():
        store.copy(path, f"{folder}/{name}")
    for name, text in texts.items():
        store.write_text(f"{folder}/{name}", text)
    store.write_zip(f"{folder}/hepdata.zip", tables)
    files = {
        name: {}
        if name.startswith(publishing.MEASURED)
        else store.size_and_sha256(f"{folder}/{name}")
        for name in [*texts, *copied.values(), "hepdata.zip"]
    }
    told = crate.metadata(files, captions, citation, origin)
    store.write_json(f"{folder}/{publishing.CRATE}", told, sealed=False)
    if strays := store.names_below(folder) - {*files, publishing.CRATE}:
        logging.warning("Of another run, not described: %s", ", ".join(sorted(strays)))
    logging.info("Published %d files in %s.", len(files) + 1, folder)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    publish(
        metrics_paths=snakemake.input.metrics,
        curve_paths=snakemake.input.curves,
        caption_paths=snakemake.input.captions,
        citation_path=snakemake.input.citation,
        settings=snakemake.params.settings,
        edges=snakemake.params.graph,
        copied={
            **{p: p.removeprefix("results/") for p in snakemake.input.copied},
            snakemake.input.snakefile: "Snakefile",
        },
        log_folder=str(Path(snakemake.log[0]).parent),
        folder=str(Path(snakemake.output.readme).parent),
    )
