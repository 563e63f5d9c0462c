"""Draw a figure: PDF and PNG, and a CSV table with the plotted numbers."""

import importlib
import inspect
from pathlib import Path

from hepfold.core import files, logs
from hepfold.figures import drawing, style


def draw(inputs: dict, settings: dict, threads: int, output_paths: list[str]) -> None:
    """Call the function of a figure, and write the drawings that it returns.

    The rule, its module in `hepfold.figures` and the function in it have the same name.
    The function is passed the inputs and settings of the rule that its parameters name,
    and `wildcards` and `threads`.
    """
    style.use(settings["style"])
    name = settings["figure"]
    function = getattr(importlib.import_module(f"hepfold.figures.{name}"), name)
    contents = {key: drawing.read(paths) for key, paths in inputs.items()}
    available = {**settings, **contents, "threads": threads}
    arguments = {key: available[key] for key in inspect.signature(function).parameters}
    drawings = function(**arguments)
    for stem, drawn in drawings.items():
        path = {Path(p).suffix: p for p in output_paths if Path(p).stem == stem}
        files.write_figure(drawn.figure, path[".pdf"], path[".png"])
        if drawn.table is not None:
            files.write_csv(path[".csv"], drawn.table)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    draw(
        inputs=dict(snakemake.input.items()),
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        output_paths=list(snakemake.output),
    )
