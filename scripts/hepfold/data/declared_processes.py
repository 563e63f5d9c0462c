"""Processes of a declared data set, as figures and the fit use them."""

from dataclasses import asdict, dataclass

from hepfold.core import columns, settings_datasets
from hepfold.data import event_samples

# If there are more processes than these two classes, they are shown one by one.
N_CLASSES = len(columns.CLASS_NAMES)


@dataclass(frozen=True)
class DeclaredProcess:
    """A process: its name in tables, title in figures, class and uncertainty.

    `uncertainty` is that of its normalization, relative; None if none is declared.
    `has_xsec` tells whether a cross-section and the luminosity normalize it.
    """

    name: str
    title: str
    label: int
    uncertainty: float | None = None
    has_xsec: bool = False


def of(declared: settings_datasets.Dataset) -> tuple[DeclaredProcess, ...]:
    """The processes of a data set; the two classes if it has no others."""
    names = event_samples.process_names(declared)
    labels = event_samples.process_labels(declared)
    processes = []
    for name, label in zip(names, labels, strict=True):
        settings = declared.processes.get(name)
        title = settings.title if settings else None
        uncertainty = settings.uncertainty if settings else None
        has_xsec = settings is not None and settings.xsec_pb is not None
        processes.append(
            DeclaredProcess(name, title or name, label, uncertainty, has_xsec)
        )
    return tuple(processes)


def records(declared: settings_datasets.Dataset) -> list[dict]:
    """The processes of a data set as plain values, for the settings of a rule."""
    return [asdict(process) for process in of(declared)]


def parse(records: list[dict]) -> tuple[DeclaredProcess, ...]:
    """Processes from plain values."""
    return tuple(DeclaredProcess(**record) for record in records)


def are_several(processes: tuple[DeclaredProcess, ...]) -> bool:
    """Whether there is more than one process of a class."""
    return len(processes) > N_CLASSES
