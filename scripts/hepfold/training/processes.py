"""Training on several devices of one node: one process per device, one joint batch.

All processes draw the random numbers of the whole batch, and each uses those of its
events. The result equals that of one process up to rounding.
"""

import logging
import multiprocessing
import os
import pickle
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler
from multiprocessing import connection
from typing import Any, NamedTuple

import torch
from torch import distributed

from hepfold.core import logs, settings_layers, settings_models


class Place(NamedTuple):
    """Rank of a process, number of processes, their resources and meeting folder."""

    rank: int
    n_devices: int
    n_threads: int
    device_type: str
    folder: str


def check_supported(model: settings_models.GradientModel) -> None:
    """Check that all layers draw and average over the joint batch."""
    layers = model.network
    if not isinstance(layers, settings_layers.StackedLayers) or (
        layers.activation == "selu" and layers.dropout
    ):
        raise logs.InputError(
            "training.n_devices: networks of kind tabm or supertml, and those with "
            "selu and dropout, train on one device; set it to 1"
        )
    if model.decorrelation:
        raise logs.InputError(
            "training.n_devices: networks with decorrelation compare all events of a "
            "batch with each other and train on one device; set it to 1"
        )


def run(work: Callable, n_devices: int, device_type: str, arguments: tuple) -> Any:
    """Run a function in `n_devices` processes; return the result of the first.

    A single device uses this process. An error in one process ends all of them and is
    raised here. No process outlives this one.
    """
    if n_devices == 1:
        return work(*arguments)
    if device_type == "cuda" and torch.cuda.device_count() < n_devices:
        raise logs.InputError(
            f"training.n_devices: {n_devices} devices requested, but "
            f"{torch.cuda.device_count()} CUDA devices available; lower n_devices"
        )
    context = multiprocessing.get_context("spawn")
    n_threads = max(torch.get_num_threads() // n_devices, 1)
    pipes, processes = [], []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for rank in range(n_devices):
                place = Place(rank, n_devices, n_threads, device_type, folder)
                pipe, other = context.Pipe()
                process = context.Process(target=serve, args=(place, other))
                process.start()
                other.close()  # so that reading fails when the process ends
                pipes.append(pipe)
                processes.append(process)
            return first_result(pipes, pickle.dumps((work, arguments)))
        finally:
            for process in processes:
                process.kill()
                process.join()


def first_result(pipes: list[connection.Connection], task: bytes) -> Any:
    """Send all processes their task; return the result of the first."""
    for pipe in pipes:
        # A process that has already ended is reported below.
        with suppress(BrokenPipeError):
            pipe.send_bytes(task)
    del task  # gigabytes
    results, waiting = {}, list(pipes)
    while waiting:
        errors = []
        for pipe in connection.wait(waiting):
            rank = pipes.index(pipe)
            message = received(pipe, rank)
            if isinstance(message, logging.LogRecord):
                logging.getLogger().handle(message)
            elif isinstance(message, Exception):
                errors.append(message)
            else:
                results[rank] = message[0]
                waiting.remove(pipe)
        if errors:
            # Other processes may fail as a consequence: bad input is the cause.
            raise min(errors, key=lambda error: not isinstance(error, logs.InputError))
    return results[0]


def received(pipe: connection.Connection, rank: int) -> Any:
    """The next message of a process: a log record, an error or the result as tuple."""
    try:
        return pickle.loads(pipe.recv_bytes())
    except (EOFError, ConnectionResetError):
        return logs.InputError(
            f"training.n_devices: process {rank} was killed, possibly out of memory; "
            "request more memory or use fewer devices"
        )


def send(pipe: connection.Connection, message: Any) -> None:
    """Send a message by value; shared tensors would end with this process."""
    pipe.send_bytes(pickle.dumps(message))


class Sender(QueueHandler):
    """Sends log records to the parent process, which writes them."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send one log record."""
        send(self.queue, record)


def serve(place: Place, pipe: connection.Connection) -> None:
    """Run the task of one process; send its log records, and its result or error."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    handlers = [logging.NullHandler() if place.rank else Sender(pipe)]
    logging.basicConfig(format="%(message)s", level="INFO", handlers=handlers)
    try:
        torch.set_num_threads(place.n_threads)
        work, arguments = pickle.loads(pipe.recv_bytes())
        meet(place)
        result = work(*arguments)
        send(pipe, (result if place.rank == 0 else None,))
    except logs.InputError as error:
        send(pipe, error)
    except Exception:
        message = f"in process {place.rank}: {traceback.format_exc()}"
        send(pipe, RuntimeError(message))


def meet(place: Place) -> None:
    """Join the process group through a file, as a port could be in use."""
    backend = "gloo"
    if place.device_type == "cuda":
        torch.cuda.set_device(place.rank)
        backend = "nccl"
    distributed.init_process_group(
        backend,
        init_method=f"file://{place.folder}/meeting",
        rank=place.rank,
        world_size=place.n_devices,
    )


def end_with_parent() -> None:
    """End this process when its parent has ended for any reason."""
    connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


@contextmanager
def reporting_full_memory() -> Iterator[None]:
    """Turn an out-of-memory error into one line that names the settings to lower."""
    try:
        yield
    except RuntimeError as error:
        # On a CPU, torch raises a plain RuntimeError.
        if "out of memory" not in str(error) and "allocate" not in str(error):
            raise
        raise logs.InputError(
            "out of memory on the device: lower batch_size, n_members, network.width "
            "or images.size of the model"
        ) from error
