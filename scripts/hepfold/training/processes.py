"""Training on several devices of one node: a process for each, and a joint batch.

All processes draw the same random numbers, those of the whole batch, and use what is
for their own events. The result is that of one process, but for rounding.
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

from hepfold.core import logs, settings_models


class Place(NamedTuple):
    """Number of a process, of how many, what each may use, and where they meet."""

    rank: int
    n_devices: int
    n_threads: int
    device_type: str
    folder: str


def check_supported(model: settings_models.GradientModel) -> None:
    """Check that no layer draws or averages without regard to the joint batch."""
    layers = model.network
    if not isinstance(layers, settings_models.StackedLayers) or (
        layers.activation == "selu" and layers.dropout
    ):
        raise logs.InputError(
            "training.n_devices: a tabm or supertml network, or one of selu with "
            "dropout, trains on one device"
        )


def run(work: Callable, n_devices: int, device_type: str, arguments: tuple) -> Any:
    """What a function gives in the first of `n_devices` processes that run it.

    One is this process itself. An error in one of several ends all, and is raised
    here; none outlives this process.
    """
    if n_devices == 1:
        return work(*arguments)
    if device_type == "cuda" and torch.cuda.device_count() < n_devices:
        raise logs.InputError(
            f"training.n_devices: {n_devices} are asked for, and there are "
            f"{torch.cuda.device_count()} CUDA devices"
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
                other.close()  # so that the end of the process ends its messages
                pipes.append(pipe)
                processes.append(process)
            return first_result(pipes, pickle.dumps((work, arguments)))
        finally:
            for process in processes:
                process.kill()
                process.join()


def first_result(pipes: list[connection.Connection], task: bytes) -> Any:
    """Give all processes their task, and wait for what comes of it."""
    for pipe in pipes:
        # One that has ended by then is noticed below.
        with suppress(BrokenPipeError):
            pipe.send_bytes(task)
    del task  # gigabytes
    results, waiting = {}, list(pipes)
    while waiting:
        errors = []
        for pipe in connection.wait(waiting):
            rank = pipes.index(pipe)
            found = received(pipe, rank)
            if isinstance(found, logging.LogRecord):
                logging.getLogger().handle(found)
            elif isinstance(found, Exception):
                errors.append(found)
            else:
                results[rank] = found[0]
                waiting.remove(pipe)
        if errors:
            # What broke first is here with what broke by it: bad input tells more.
            raise min(errors, key=lambda error: not isinstance(error, logs.InputError))
    return results[0]


def received(pipe: connection.Connection, rank: int) -> Any:
    """The next message of a process: a log record, an error, or its result."""
    try:
        return pickle.loads(pipe.recv_bytes())
    except (EOFError, ConnectionResetError):
        message = f"process {rank} was killed, as for want of memory"
        return logs.InputError(f"training.n_devices: {message}")


def send(pipe: connection.Connection, message: Any) -> None:
    """Send a message whose tensors outlive this process, unlike torch's shared ones."""
    pipe.send_bytes(pickle.dumps(message))


class Sender(QueueHandler):
    """Sends log records to the process that writes them."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send one log record."""
        send(self.queue, record)


def serve(place: Place, pipe: connection.Connection) -> None:
    """Run a function as one of several processes, and send what comes of it."""
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
        told = f"in process {place.rank}: {traceback.format_exc()}"
        send(pipe, RuntimeError(told))


def meet(place: Place) -> None:
    """Join the processes, over a file: a port could be another training's."""
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
    """End this process when the one that started it has ended, by whatever."""
    connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


@contextmanager
def reporting_full_memory() -> Iterator[None]:
    """Report in one line that memory is full, and which settings lower its use."""
    try:
        yield
    except RuntimeError as error:
        # On a CPU, torch has no error of its own for it.
        if "out of memory" not in str(error) and "allocate" not in str(error):
            raise
        raise logs.InputError(
            "the memory of the device is full: lower batch_size, n_members, "
            "network.width or images.size of the model"
        ) from error
