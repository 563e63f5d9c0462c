"""Collect tables, figures and provenance in one folder, ready for a paper."""

import logging
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from hepfold.analysis import seed_spread
from hepfold.core import checksums, files, logs
from hepfold.publish import (
    answer,
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
    fit_paths: list[str],
    learning_curve_paths: list[str],
    caption_paths: list[str],
    citation_path: str,
    references_path: str,
    card_paths: list[str],
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
    captions = results_folder.captions({p: Path(p).read_text() for p in caption_paths})
    names = list(copied.values())
    citation = files.read_yaml(citation_path)
    origin = results_folder.origin(records, settings, SCRIPTS)
    pairs = pair_tables.read(pairs_path)
    tables = hepdata_texts(curve_paths, records, citation, origin)
    texts = results_folder.texts(
        records,
        origin,
        citation,
        results_folder.drawn(captions, names),
        edges,
        names,
        pairs=pairs,
        processes=[files.read_csv(path, ()) for path in process_paths],
        fits=[files.read_json(path) for path in fit_paths],
        learning_curves=[files.read_json(path) for path in learning_curve_paths],
    )
    texts |= results_folder.documents(
        records,
        origin,
        citation,
        Path(references_path).read_text(),
        [files.read_json(path) for path in card_paths],
        names,
    )
    texts["overview.html"] = overview(records, pairs, citation, copied)
    texts |= {f"hepdata/{name}": text for name, text in tables.items()}
    texts |= results_folder.steps(logs_of_steps(edges, log_folder))
    write_files(folder, copied, texts, tables)
    written = [*texts, *names, "hepdata.zip"]
    crate = ro_crate.metadata(file_sizes(folder, written), captions, citation, origin)
    files.write_json(f"{folder}/{results_folder.CRATE}", crate, sealed=False)
    log_files(folder, {*written, results_folder.CRATE})


def overview(
    records: list[dict], pairs: pl.DataFrame, citation: dict, copied: dict[str, str]
) -> str:
    """The answer as HTML, with embedded figures."""
    paths = {name: path for path, name in copied.items()}
    figures = {
        dataset: Path(paths[name]).read_bytes()
        for dataset, name in answer.figure_paths(records).items()
        if name in paths
    }
    statement = results_readme.statement(records, citation)
    return answer.fragment(records, pairs, statement, figures)


def write_files(
    folder: str, copied: dict[str, str], texts: dict[str, str], tables: dict[str, str]
) -> None:
    """Copy files into the folder; write texts by path, and the HEPData submission."""
    for path, name in copied.items():
        files.copy(path, f"{folder}/{name}")
    for name, text in texts.items():
        files.write_text(f"{folder}/{name}", text)
    files.write_zip(f"{folder}/hepdata.zip", tables)


def log_files(folder: str, names: set[str]) -> None:
    """Log the number of published files, and those of an earlier run."""
    if strays := files.names_below(folder) - names:
        logging.warning("Not in the metadata (old): %s", ", ".join(sorted(strays)))
    logging.info("Published %d files in %s.", len(names), folder)


def logs_of_steps(
    edges: list[tuple[str, str]], folder: str
) -> Iterator[tuple[str, str]]:
    """Names of steps and the texts of their logs."""
    steps = results_folder.logs_of(edges, files.names_below(folder))
    return ((step, Path(folder, name).read_text()) for name, step in steps.items())


def hepdata_texts(
    curve_paths: list[str], records: list[dict], citation: dict, origin: dict
) -> dict[str, str]:
    """Files of the HEPData submission, with the origin of the events."""
    curves = [(Path(path).stem, files.read_csv(path, ())) for path in curve_paths]
    statement = results_readme.statement(records, citation)
    return hepdata.texts(curves, statement, origin["commit"])


def file_sizes(folder: str, names: list[str]) -> dict[str, dict]:
    """Size and SHA-256 of files of the folder; none of those that are measured."""
    return {
        name: {}
        if name.startswith(results_folder.MEASURED)
        else checksums.size_and_sha256(f"{folder}/{name}")
        for name in names
    }


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    publish(
        metrics_paths=snakemake.input.metrics,
        curve_paths=snakemake.input.curves,
        process_paths=snakemake.input.processes,
        pairs_path=snakemake.input.pairs,
        fit_paths=snakemake.input.fits,
        learning_curve_paths=snakemake.input.learning_curves,
        caption_paths=snakemake.input.captions,
        citation_path=snakemake.input.citation,
        references_path=snakemake.input.references,
        card_paths=snakemake.input.cards,
        settings=snakemake.params.settings,
        edges=snakemake.params.graph,
        copied={
            **{p: p.removeprefix("results/") for p in snakemake.input.copied},
            snakemake.input.snakefile: "Snakefile",
        },
        log_folder=str(Path(snakemake.log[0]).parent),
        folder=str(Path(snakemake.output.readme).parent),
    )
