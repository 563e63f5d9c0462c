"""The state of a training on disk, so that a killed job goes on where it was."""

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

# Seconds between two saved states.
SAVE_EVERY_S = 60.0


class Place(NamedTuple):
    """Where the state of a training is kept, and what settings and code it has."""

    path: str
    record: dict

    def keeper(self, record: dict) -> "Keeper":
        """What keeps the state of one step; `record` has what else decides on it."""
        return Keeper(self.path, provenance.digest(self.record | record))


class Keeper:
    """Saves the state of a run at intervals, and finds that of a killed one.

    `digest` tells apart trainings of other settings, code or events.
    """

    def __init__(self, path: str, digest: str):
        self.path, self.digest = Path(path), digest
        self.last = time.monotonic()

    def resume(self, run: loop.Run) -> bool:
        """Set a run to the saved state, if there is one of the same training."""
        if not self.path.exists():
            return False
        try:
            # No pickle of code: tensors, numbers, lists and dictionaries alone.
            state = torch.load(self.path, weights_only=True, map_location="cpu")
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            logging.warning("%s is damaged: training from the start.", self.path)
            return False
        if state["digest"] != self.digest:
            logging.info("The saved state is of another training: from the start.")
            return False
        run.load(state["run"])
        logging.info("Resumed in epoch %d of %d.", run.epoch, run.model.n_epochs)
        return True

    def save(self, run: loop.Run) -> None:
        """Save the state of a run if the last time is long enough ago.

        Of several devices, all have the same state, and the first saves it.
        """
        if time.monotonic() - self.last < SAVE_EVERY_S or not joint_batch.is_first():
            return
        # Into memory first: of a full disk torch says nothing that one understands.
        buffer = io.BytesIO()
        torch.save({"digest": self.digest, "run": run.state()}, buffer)
        files.write_bytes(str(self.path), buffer.getbuffer())
        self.last = time.monotonic()


def forget(path: str) -> None:
    """Remove the state of a training whose model is safe."""
    state = Path(path)
    state.unlink(missing_ok=True)
    # What `store.replacing` could not finish in a job that was killed.
    state.with_name(f".{state.name}.part").unlink(missing_ok=True)
