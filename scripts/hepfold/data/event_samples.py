"""Samples of a declared data set: files read in the same way, with selections."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hepfold.core import columns, settings_datasets, settings_samples
from hepfold.data import datasets, sources

CODES = {name: code for code, name in columns.CLASS_NAMES.items()}


@dataclass(frozen=True)
class EventSample:
    """Files whose events are read in the same way.

    `setting` is the place of the files in the configuration, for errors. `process` and
    `label` are None if a column holds them, or if there is no truth. `subset` applies
    if no column or expression gives it. `select` and `weight` are expressions with
    their settings.
    """

    setting: str
    files: tuple[str, ...]
    tree: str | None
    process: str | None = None
    label: int | None = None
    subset: str = columns.TRAIN
    select: tuple[tuple[str, str], ...] = ()
    weight: tuple[str, str] | None = None
    process_settings: settings_samples.Process | None = None
    has_truth: bool = True
    is_recorded: bool = False


def of(
    name: str, declared: settings_datasets.Dataset, toys: str, downloaded: str
) -> list[EventSample]:
    """The samples with truth of a data set.

    `toys` is the path of the generated file, `downloaded` the folder of downloads.
    """
    place, declared = f"datasets.{name}", datasets.present(declared)
    if declared.processes:
        return [
            process_sample(
                place,
                key,
                process,
                declared,
                tuple(sources.files(process.files, toys, downloaded)),
            )
            for key, process in declared.processes.items()
        ]
    samples = [
        EventSample(
            f"{place}.files",
            tuple(sources.files(declared.files, toys, downloaded)),
            declared.tree,
            select=selections((f"{place}.select", declared.select)),
            weight=weight(f"{place}.weight", declared.weight),
        )
    ]
    test = declared.test
    if isinstance(test, settings_samples.TestEvents) and test.files:
        samples.append(
            EventSample(
                f"{place}.test.files",
                tuple(sources.files(test.files, toys, downloaded)),
                declared.tree,
                subset=columns.TEST,
                select=samples[0].select,
                weight=samples[0].weight,
            )
        )
    return samples


def process_sample(
    place: str,
    key: str,
    process: settings_samples.Process,
    declared: settings_datasets.Dataset,
    files: tuple[str, ...],
) -> EventSample:
    """Files as a sample of one process."""
    setting = f"{place}.processes.{key}"
    by_process = process.weight is not None
    return EventSample(
        f"{setting}.files",
        files,
        process.tree or declared.tree,
        process=key,
        label=CODES[process.label],
        select=selections(
            (f"{place}.select", declared.select), (f"{setting}.select", process.select)
        ),
        weight=weight(f"{setting if by_process else place}.weight", process.weight)
        if by_process
        else weight(f"{place}.weight", declared.weight),
        process_settings=process,
    )


def further(
    place: str,
    sample: settings_samples.Sample,
    declared: settings_datasets.Dataset,
    downloaded: str,
) -> EventSample:
    """Recorded collisions, or events to score, which may be of one process.

    Its weight is that of its process or of the data set. `downloaded` is the folder of
    its downloads.
    """
    root, declared = ".".join(place.split(".")[:2]), datasets.present(declared)
    files = tuple(sources.files(sample.files, sources.TOYS, downloaded))
    if sample.process is None:
        of_process = EventSample(
            f"{place}.files",
            files,
            declared.tree,
            select=selections((f"{root}.select", declared.select)),
            weight=weight(f"{root}.weight", declared.weight),
        )
    else:
        process = declared.processes[sample.process]
        of_process = process_sample(root, sample.process, process, declared, files)
    further_select = selections((f"{place}.select", sample.select))
    return replace(
        of_process,
        setting=f"{place}.files",
        tree=sample.tree or of_process.tree,
        select=(*of_process.select, *further_select),
        has_truth=False,
    )


def is_toy(declared: settings_datasets.Dataset) -> bool:
    """Whether the events are toy events, in one file or in generated ntuples."""
    is_generated = declared.toy is not None and bool(declared.processes)
    return is_generated or sources.is_toy(entries(declared))


def entries(declared: settings_datasets.Dataset) -> list[str]:
    """All entries of files with truth of a data set."""
    every = [declared.files or ()]
    every += [process.files for process in declared.processes.values()]
    if isinstance(declared.test, settings_samples.TestEvents):
        every.append(declared.test.files or ())
    return [entry for files in every for entry in settings_samples.entries(files)]


def every_entry(
    name: str, declared: settings_datasets.Dataset
) -> Iterator[tuple[str, str]]:
    """Setting and entry of all files of a data set, also without truth."""
    place = f"datasets.{name}"
    files = {f"{place}.files": declared.files}
    for key, process in declared.processes.items():
        files[f"{place}.processes.{key}.files"] = process.files
    for key, sample in declared.apply.items():
        files[f"{place}.apply.{key}.files"] = sample.files
    if declared.data:
        files[f"{place}.data.files"] = declared.data.files
    if isinstance(declared.test, settings_samples.TestEvents):
        files[f"{place}.test.files"] = declared.test.files
    for key, systematic in declared.systematics.items():
        for direction in ("up", "down"):
            varied = getattr(getattr(systematic, direction), "files", {})
            setting = f"{place}.systematics.{key}.{direction}.files"
            files |= {f"{setting}.{process}": varied[process] for process in varied}
    for setting, of_setting in files.items():
        for entry in settings_samples.entries(of_setting or ()):
            yield setting, entry


def local_paths(
    name: str, declared: settings_datasets.Dataset
) -> list[tuple[str, str]]:
    """Setting and path of every local file of a data set, also without truth."""
    return [
        (setting, path)
        for setting, entry in every_entry(name, declared)
        for path in sources.local_files(entry)
    ]


def paths(samples: list[EventSample]) -> list[str]:
    """The files on disk of all samples, each once."""
    every = [sources.archive_of(path) for sample in samples for path in sample.files]
    return list(dict.fromkeys(every))


def names(samples: list[EventSample]) -> list[str]:
    """Names of the files of all samples, without folders."""
    return [sources.file_name(path) for sample in samples for path in sample.files]


def n_last(declared: settings_datasets.Dataset) -> int:
    """Number of test events at the end of the files."""
    test = declared.test
    is_last = isinstance(test, settings_samples.TestEvents) and test.last is not None
    return test.last if is_last else 0


def selections(*texts: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """The selections that are given, each with its setting."""
    return tuple((setting, text) for setting, text in texts if text is not None)


def weight(setting: str, text: str | None) -> tuple[str, str] | None:
    """A weight with its setting, or None if all weights are one."""
    return None if text is None else (setting, text)


def process_names(declared: settings_datasets.Dataset) -> tuple[str, ...]:
    """Names of the processes in the order of their codes."""
    if declared.processes:
        return tuple(declared.processes)
    if declared.process is not None:
        values = (*declared.process.signal, *declared.process.background)
        return tuple(map(str, values))
    return tuple(columns.CLASS_NAMES[code] for code in sorted(columns.CLASS_NAMES))


def process_labels(declared: settings_datasets.Dataset) -> tuple[int, ...]:
    """Class of each process, in the order of their codes."""
    if declared.processes:
        return tuple(CODES[process.label] for process in declared.processes.values())
    if declared.process is not None:
        n_signal = len(declared.process.signal)
        return (columns.SIGNAL,) * n_signal + (columns.BACKGROUND,) * len(
            declared.process.background
        )
    return tuple(sorted(columns.CLASS_NAMES))
