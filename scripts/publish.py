"""Collect tables, figures and provenance in one folder, ready for a paper."""

import logging
from pathlib import Path

from hepfold.analysis import seed_spread
from hepfold.core import files, logs
from hepfold.publish import (
    hepdata,
    pair_tables,
    results_folder,
    results_readme,
    ro_crate,
)

SCRIPTS = Path(__file__).parent


def publish(
    metrics_paths: list[str],
    curve_paths: list[str],
    process_paths: list[str],
    pairs_path: str,
    caption_paths: list[str],
    citation_path: str,
    settings: dict,
    edges: list[tuple[str, str]],
    copied: dict[str, str],
    log_folder: str,
    folder: str,
) -> None:
    """Write the published folder.

    `copied` maps the paths of files to copy to their paths in the folder.
    """
    records = seed_spread.with_seeds([files.read_json(p) for p in metrics_paths])
    curves = [(Path(path).stem, files.read_csv(path, ())) for path in curve_paths]
    captions = results_folder.captions({p: Path(p).read_text() for p in caption_paths})
    figures = results_folder.drawn(captions, copied.values())
    citation = files.read_yaml(citation_path)
    origin = results_folder.origin(records, settings, SCRIPTS)
    statement = results_readme.statement(records, citation)
    tables = hepdata.texts(curves, statement, origin["commit"])
    processes = [files.read_csv(path, ()) for path in process_paths]
    pairs = pair_tables.read(pairs_path)
    texts = results_folder.texts(
        records, origin, citation, figures, edges, pairs, processes
    )
    texts |= {f"hepdata/{name}": text for name, text in tables.items()}
    steps = results_folder.logs_of(edges, files.names_below(log_folder))
    texts |= results_folder.steps(
        (step, Path(log_folder, name).read_text()) for name, step in steps.items()
    )
    write_parts(folder, texts, copied)
    files.write_zip(f"{folder}/hepdata.zip", tables)
    sizes = file_sizes(folder, [*texts, *copied.values(), "hepdata.zip"])
    crate = ro_crate.metadata(sizes, captions, citation, origin)
    files.write_json(f"{folder}/{results_folder.CRATE}", crate, sealed=False)
    warn_of_strays(folder, {*sizes, results_folder.CRATE})
    logging.info("Published %d files in %s.", len(sizes) + 1, folder)


def write_parts(folder: str, texts: dict[str, str], copied: dict[str, str]) -> None:
    """Write texts by name, and copy files to names, in the folder."""
    for path, name in copied.items():
        files.copy(path, f"{folder}/{name}")
    for name, text in texts.items():
        files.write_text(f"{folder}/{name}", text)


def warn_of_strays(folder: str, names: set[str]) -> None:
    """Warn of files in the folder that are not among the names: those of old runs."""
    if strays := files.names_below(folder) - names:
        logging.warning("Not in the metadata (old): %s", ", ".join(sorted(strays)))


def file_sizes(folder: str, names: list[str]) -> dict[str, dict]:
    """Size and SHA-256 of files of the folder; none of those that are measured."""
    return {
        name: {}
        if name.startswith(results_folder.MEASURED)
        else files.size_and_sha256(f"{folder}/{name}")
        for name in names
    }


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    publish(
        metrics_paths=snakemake.input.metrics,
        curve_paths=snakemake.input.curves,
        process_paths=snakemake.input.processes,
        pairs_path=snakemake.input.pairs,
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
