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
    inputs: dict[str, str | list[str]],
    settings: dict,
    edges: list[tuple[str, str]],
    copied: dict[str, str],
    log_folder: str,
    folder: str,
) -> None:
    """Write the published folder.

    `inputs` are paths by the names of the inputs of the rule, `copied` maps the paths
    of files to copy to their paths in the folder.
    """
    records = seed_spread.with_seeds([files.read_json(p) for p in inputs["metrics"]])
    captions = results_folder.captions(
        {path: Path(path).read_text() for path in inputs["captions"]}
    )
    citation = files.read_yaml(inputs["citation"])
    origin = results_folder.origin(records, settings, SCRIPTS)
    names = list(copied.values())
    figures = results_folder.drawn(captions, names)
    tables = hepdata_texts(inputs["curves"], records, citation, origin)
    texts = main_texts(inputs, records, origin, citation, figures, edges, names)
    texts |= further_texts(inputs, records, origin, citation, copied)
    texts |= {f"hepdata/{name}": text for name, text in tables.items()}
    texts |= results_folder.steps(logs_of_steps(edges, log_folder))
    write_files(folder, copied, texts, tables)
    written = [*texts, *names, "hepdata.zip"]
    crate = ro_crate.metadata(file_sizes(folder, written), captions, citation, origin)
    files.write_json(f"{folder}/{results_folder.CRATE}", crate, sealed=False)
    log_files(folder, {*written, results_folder.CRATE})


def main_texts(
    inputs: dict[str, str | list[str]],
    records: list[dict],
    origin: dict,
    citation: dict,
    figures: dict[str, str],
    edges: list[tuple[str, str]],
    names: list[str],
) -> dict[str, str]:
    """README, provenance, configuration and rule graph, by path."""
    return results_folder.texts(
        records,
        origin,
        citation,
        figures,
        edges,
        names,
        pairs=pair_tables.read(inputs["pairs"]),
        processes=[files.read_csv(path, ()) for path in inputs["processes"]],
        fits=[files.read_json(path) for path in inputs["fits"]],
        learning_curves=[files.read_json(path) for path in inputs["learning_curves"]],
    )


def further_texts(
    inputs: dict[str, str | list[str]],
    records: list[dict],
    origin: dict,
    citation: dict,
    copied: dict[str, str],
) -> dict[str, str]:
    """Methods text, bibliography, model card and overview, by path."""
    references = Path(inputs["references"]).read_text()
    cards = [files.read_json(path) for path in inputs["cards"]]
    names = copied.values()
    texts = results_folder.documents(
        records, origin, citation, references, cards, names
    )
    pairs = pair_tables.read(inputs["pairs"])
    return texts | {"overview.html": overview(records, pairs, citation, copied)}


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
        message = "%d files of an earlier run are left in %s, such as %s."
        logging.warning(message, len(strays), folder, min(strays))
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
    declared = origin["config"]["datasets"]
    return hepdata.texts(curves, declared, statement, origin["commit"])


def file_sizes(folder: str, names: list[str]) -> dict[str, dict]:
    """Size and SHA-256 of files of the folder; none of those that are measured."""
    return {
        name: {}
        if name.startswith(results_folder.MEASURED)
        else checksums.size_and_sha256(f"{folder}/{name}")
        for name in names
    }


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    folder = Path(snakemake.output.readme).parent
    names = [str(Path(path).relative_to(folder)) for path in snakemake.output.copied]
    publish(
        inputs=dict(snakemake.input.items()),
        settings=snakemake.params.settings,
        edges=snakemake.params.graph,
        copied={
            **dict(zip(snakemake.input.copied, names, strict=True)),
            snakemake.input.snakefile: "Snakefile",
        },
        log_folder=str(Path(snakemake.log[0]).parent),
        folder=str(folder),
    )
