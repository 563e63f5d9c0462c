"""TensorBoard event files, by the package tensorboardX, which is optional."""

import importlib.util
import shutil
from pathlib import Path

import polars as pl

from hepfold.core import logs

PACKAGE = "tensorboardX"


def check() -> None:
    """Raise an error if the package that writes event files is not installed."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise logs.InputError(
            f"tracking.formats: tensorboard needs the package {PACKAGE}, which is not "
            "installed; install it by `python -m pip install --group tracking`"
        )


def write(folder: str, values: pl.DataFrame) -> None:
    """Write a folder with one event file per run of a table of `tracked_values`.

    The tag of a curve is `<group>/<name>`.
    """
    check()
    from tensorboardX import SummaryWriter

    temporary = Path(folder).with_name(f".{Path(folder).name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    for (run,), of_run in values.group_by("run", maintain_order=True):
        with SummaryWriter(str(temporary / run)) as writer:
            for row in of_run.iter_rows(named=True):
                tag = f"{row['group']}/{row['name']}"
                writer.add_scalar(tag, row["value"], row["step"])
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
