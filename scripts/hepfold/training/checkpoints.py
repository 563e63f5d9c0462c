"""Checkpoints: the saved state from which a killed training resumes."""

import io
import logging
import pickle
import time
from pathlib import Path
from typing import NamedTuple

import torch

from hepfold.core import files, provenance
from hepfold.models import joint_batch
from hepfold.training import loop

# Seconds between two checkpoints.
SAVE_EVERY_S = 60.0


class Place(NamedTuple):
    """Path of the checkpoint, and a record of the settings and code of the training."""

    path: str
    record: dict

    def keeper(self, record: dict) -> "Keeper":
        """The keeper for one step, identified by `record` in addition to this one."""
        return Keeper(self.path, provenance.digest(self.record | record))


class Keeper:
    """Saves the state of a run at intervals, and restores that of a killed one.

    `digest` identifies the training: its settings, code and events.
    """

    def __init__(self, path: str, digest: str):
        self.path, self.digest = Path(path), digest
        self.last_save_s = time.monotonic()

    def resume(self, run: loop.Run) -> bool:
        """Restore the checkpoint of the same training; return whether there is one."""
        if not self.path.exists():
            return False
        try:
            # Loads tensors, numbers, lists and dictionaries, but no pickled code.
            state = torch.load(self.path, weights_only=True, map_location="cpu")
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            logging.warning("%s is damaged; starting from the beginning.", self.path)
            return False
        if state["digest"] != self.digest:
            logging.info(
                "The saved state is of another training; starting from the beginning."
            )
            return False
        run.load(state["run"])
        logging.info("Resumed in epoch %d of %d.", run.epoch, run.model.n_epochs)
        return True

    def save(self, run: loop.Run) -> None:
        """Save the state of a run if `SAVE_EVERY_S` have passed since the last time.

        With several devices, all have the same state, and the first process saves it.
        """
        if (
            time.monotonic() - self.last_save_s < SAVE_EVERY_S
            or not joint_batch.is_first()
        ):
            return
        # Write to memory first, because errors of torch do not mention a full disk.
        buffer = io.BytesIO()
        torch.save({"digest": self.digest, "run": run.state()}, buffer)
        files.write_bytes(str(self.path), buffer.getbuffer())
        self.last_save_s = time.monotonic()


def forget(path: str) -> None:
    """Remove the checkpoint of a training whose model has been written."""
    state = Path(path)
    state.unlink(missing_ok=True)
    # A partial file that `files.write_bytes` left behind in a killed job.
    state.with_name(f".{state.name}.part").unlink(missing_ok=True)
