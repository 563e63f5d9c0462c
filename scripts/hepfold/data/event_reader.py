"""Events of a declared data set: variables computed, events selected and checked."""

import logging
import math
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from hepfold.core import columns, logs, prefetch, settings_datasets, settings_samples
from hepfold.data import (
    cut_flow,
    event_arrays,
    event_ids,
    event_samples,
    raw_tables,
    readers,
    reading_plan,
    recoding,
)


class EventReader:
    """Reads the samples of a data set in parts, and counts what it reads.

    `declared` is the declaration of the data set called `name`. `cut_flow` has the
    events and weights of each process; `keys` the ids of the events, or keys of their
    contents.
    """

    def __init__(self, name: str, declared: settings_datasets.Dataset):
        self.plan = reading_plan.ReadingPlan(name, declared)
        self.processes = event_samples.process_names(declared)
        self.labels = np.array(event_samples.process_labels(declared), "i1")
        self.cut_flow = cut_flow.CutFlow(self.processes)
        self.keys = event_ids.Keys()

    def read(
        self, samples: list[event_samples.EventSample]
    ) -> Iterator[event_arrays.Events]:
        """Selected events of samples with truth, in the order of their files."""
        n_rows: dict[str | None, int] = {}
        for sample in samples:
            factor = normalization(sample, self.plan.declared.luminosity_ipb)
            for table in self.tables(sample):
                first_row = n_rows.get(sample.process, 0)
                n_rows[sample.process] = first_row + len(table)
                yield self.events(table, sample, first_row, factor)

    def read_unlabeled(
        self, sample: event_samples.EventSample
    ) -> Iterator[event_arrays.Events]:
        """Selected events of a sample without truth: labels are 0.

        Weights are 1 without an expression and a process. If there is a selection, the
        extra column `row` numbers the events in all files of the sample.
        """
        factor = normalization(sample, self.plan.declared.luminosity_ipb)
        first_row = 0
        for table in self.tables(sample):
            yield self.unlabeled_events(table, sample, first_row, factor)
            first_row += len(table)
        if first_row == 0:
            raise logs.InputError(f"{sample.setting}: the files have no events")

    def unlabeled_events(
        self,
        table: raw_tables.RawTable,
        sample: event_samples.EventSample,
        first_row: int,
        factor: float,
    ) -> event_arrays.Events:
        """The selected events of a part that begins at a row of a sample."""
        values = self.plan.variables.of(table.columns, len(table))
        index = self.plan.selected(sample, values)
        if index is not None:
            table, values = table.take(index), values.take(index)
        row = table.positions() + first_row
        return event_arrays.Events(
            inputs=self.plan.inputs(table, values),
            label=np.zeros(values.n_events, "i1"),
            weight=self.plan.weight(sample, values, table, factor),
            event_id=self.event_ids(table, first_row),
            subset=self.plan.subset_of(sample, values.n_events),
            extra={
                **({columns.ROW: row} if sample.select else {}),
                **self.plan.extra(table, values),
            },
        )

    def tables(
        self, sample: event_samples.EventSample
    ) -> Iterator[raw_tables.RawTable]:
        """Raw parts of the files of a sample, with the declared column names."""
        kinds = self.plan.kinds(sample)
        for path in sample.files:
            header = self.plan.header(sample, path)
            lacking = self.lacking(sample, path, header)
            of_file = {name: k for name, k in kinds.items() if name not in lacking}
            comma = self.plan.declared.decimal_comma
            parts = readers.read(
                path, of_file, sample.tree, header, sample.setting, comma
            )
            with closing(prefetch.made_ahead(parts)) as ahead:
                for table in ahead:
                    yield self.plan.renamed(table)

    def lacking(
        self,
        sample: event_samples.EventSample,
        path: str,
        header: tuple[str, ...] | None,
    ) -> set[str]:
        """Columns of `keep` that are missing in a file of other events."""
        optional = self.plan.optional_columns(sample)
        if not optional:
            return set()
        lacking = optional - set(
            readers.columns(path, sample.tree, header, sample.setting)
        )
        if lacking:
            names = ", ".join(sorted(lacking))
            logging.info("%s has no column %s, missing in the scores.", path, names)
        return lacking

    def events(
        self,
        table: raw_tables.RawTable,
        sample: event_samples.EventSample,
        first_row: int,
        factor: float,
    ) -> event_arrays.Events:
        """The selected events of a part that begins at a row of its process."""
        plan = self.plan
        values = plan.variables.of(table.columns, len(table))
        process = self.process_codes(table, sample)
        weight = plan.weight(sample, values, table, factor)
        self.cut_flow.add("read", process, weight)
        index = plan.selected(sample, values)
        if index is not None:
            table, values = table.take(index), values.take(index)
            process, weight = process[index], weight[index]
        self.cut_flow.add("selected", process, weight)
        inputs = plan.inputs(table, values)
        event_id = self.event_ids(table, first_row)
        extra = {columns.PROCESS: process, **plan.extra(table, values)}
        if plan.declared.id is None:
            extra[columns.FOLD_KEY] = event_ids.content_keys(inputs)
        self.keys.add(
            table.place,
            table.numbers(),
            process if plan.declared.label is None else np.zeros_like(process),
            extra.get(columns.FOLD_KEY, event_id),
        )
        return event_arrays.Events(
            inputs=inputs,
            label=self.labels[process],
            weight=weight,
            event_id=event_id,
            subset=plan.subset(sample, values, table),
            extra=extra,
        )

    def process_codes(
        self, table: raw_tables.RawTable, sample: event_samples.EventSample
    ) -> np.ndarray:
        """Code uint16 (n_events,) of the process, a position in `processes`."""
        declared = self.plan.declared
        if sample.process is not None:
            code = self.processes.index(sample.process)
            return np.full(len(table), code, "u2")
        if declared.process is not None:
            column = declared.process.column
            groups = [
                (value,)
                for value in (*declared.process.signal, *declared.process.background)
            ]
        else:
            column = declared.label.column
            by_name = {
                "signal": recoding.cells(declared.label.signal),
                "background": recoding.cells(declared.label.background),
            }
            groups = [by_name[name] for name in self.processes]
        codes = recoding.codes(table.columns[column], groups, column, table.where)
        return codes.astype("u2")

    def event_ids(self, table: raw_tables.RawTable, first_row: int) -> np.ndarray:
        """Ids int64 (n_events,) from the file, or row numbers if it has none."""
        name = self.plan.declared.id
        if name is not None:
            return table.columns[name]
        return table.positions() + first_row

    def count_subsets(self, part: event_arrays.Events, is_train: np.ndarray) -> None:
        """Add the training and test events of a part to the cut flow."""
        is_used = part.subset != columns.SUBSETS.index(columns.UNUSED)
        for step, chosen in (("train", is_train), ("test", is_used & ~is_train)):
            process = part.extra[columns.PROCESS][chosen]
            self.cut_flow.add(step, process, part.weight[chosen])

    def check_selected(self) -> None:
        """Raise an error if no event of a class passes the selections."""
        n_events = self.cut_flow.n_events_after("selected")
        for code, name in columns.CLASS_NAMES.items():
            if not n_events[self.labels == code].any():
                raise logs.InputError(
                    f"{self.plan.setting}: no {name} event passes the selections"
                )

    def expected_events(self) -> dict[str, float]:
        """Sum of weights of each class over training and test events."""
        weight = self.cut_flow.sums(("train", "test"))
        return {
            name: float(weight[self.labels == code].sum())
            for code, name in columns.CLASS_NAMES.items()
        }

    def check_keys(self) -> int:
        """Number of events that equal an earlier one; raises an error for repeated ids.

        An event of a file that belongs to two processes is an error too.
        """
        setting, name = self.plan.setting, self.plan.declared.id
        if self.plan.declared.processes:
            self.keys.check_separate(f"{setting}.processes")
        if name is None:
            return self.keys.count_equal(setting)
        self.keys.check_unique(f"{setting}.id", name)
        return 0


def normalization(
    sample: event_samples.EventSample, luminosity_ipb: float | None
) -> float:
    """Factor of the weights of a sample: cross-section, luminosity, sum of weights."""
    process = sample.process_settings
    if process is None or process.xsec_pb is None:
        return 1.0
    total = process.sum_of_weights
    setting = sample.setting.replace(".files", ".sum_of_weights")
    if isinstance(total, settings_samples.MetadataSum):
        from hepfold.data import root_files

        total = math.fsum(
            root_files.metadata_sum(path, total.tree, total.branch, setting)
            for path in sample.files
        )
    if not total > 0:
        raise logs.InputError(
            f"{setting}: the sum of weights is {total:g}, not positive"
        )
    return process.xsec_pb * luminosity_ipb / total
