"""Which columns of a data set's files are read, and how they become events."""

from dataclasses import replace

import numpy as np

from hepfold.core import columns, logs, settings_datasets, settings_samples
from hepfold.data import (
    datasets,
    event_samples,
    expressions,
    raw_tables,
    readers,
    recoding,
    variables,
)

ROLES = (columns.TRAIN, columns.PUBLIC, columns.PRIVATE, columns.TEST, columns.UNUSED)


class ReadingPlan:
    """The declaration of the data set called `name`, ready to be applied to files."""

    def __init__(self, name: str, declared: settings_datasets.Dataset):
        self.setting, self.declared = f"datasets.{name}", datasets.present(declared)
        self.dataset = datasets.Dataset.of(self.declared)
        self.variables = variables.Variables(name, self.declared)
        self.expressions: dict[tuple[str, str], expressions.Expression] = {}
        self.regions_of = [
            self.expression(f"{self.setting}.regions.{region}", text)
            for region, text in self.declared.regions.items()
        ]
        test = self.declared.test
        self.test = (
            self.expression(f"{self.setting}.test", test)
            if isinstance(test, str)
            else None
        )
        self.kept = tuple(
            name for name in extra_names(self.declared) if name != self.declared.id
        )

    def expression(self, setting: str, text: str) -> expressions.Expression:
        """An expression of the declaration, parsed once."""
        if (setting, text) not in self.expressions:
            self.expressions[setting, text] = expressions.parse(text, setting)
        return self.expressions[setting, text]

    def expressions_of(
        self, sample: event_samples.EventSample
    ) -> list[expressions.Expression]:
        """All expressions that are evaluated on the events of a sample."""
        texts = [*sample.select, *([sample.weight] if sample.weight else [])]
        parsed = [self.expression(setting, text) for setting, text in texts]
        truth = [self.test] if self.test and sample.has_truth else []
        return [*parsed, *self.regions_of, *truth]

    def kinds(self, sample: event_samples.EventSample) -> dict[str, str]:
        """Columns to read from the files of a sample, by their names in the file."""
        defined = self.variables.position
        plain = [n for n in self.dataset.features if n not in defined]
        wide = [n for n in self.kept if n not in defined]
        used = {n for e in self.expressions_of(sample) for n in e.names}
        used |= {n for n in (*self.dataset.features, *self.kept) if n in defined}
        kinds = dict.fromkeys(plain, raw_tables.NUMBER32)
        kinds |= dict.fromkeys(wide, raw_tables.NUMBER64)
        kinds |= dict.fromkeys(self.variables.columns(used), raw_tables.ANY)
        if sample.has_truth:
            kinds |= self.truth_kinds()
        if self.declared.id:
            kinds[self.declared.id] = raw_tables.INTEGER
        renamed = self.declared.rename
        return {renamed.get(name) or name: kind for name, kind in kinds.items()}

    def optional_columns(self, sample: event_samples.EventSample) -> set[str]:
        """Columns that files of other events may lack: columns that are only kept."""
        if sample.has_truth:
            return set()
        features, renamed = self.dataset.features, self.declared.rename
        only_kept = {renamed.get(n) or n for n in self.kept if n not in features}
        wide = raw_tables.NUMBER64
        return {n for n, k in self.kinds(sample).items() if k == wide} & only_kept

    def weight_columns(self, sample: event_samples.EventSample) -> set[str]:
        """Columns of the files from which the weight of a sample is computed."""
        if sample.weight is None:
            return set()
        names = self.variables.columns(self.expression(*sample.weight).names)
        return {self.declared.rename.get(name) or name for name in names}

    def truth_kinds(self) -> dict[str, str]:
        """Columns of the class, the process and the subset of events."""
        declared, kinds = self.declared, {}
        if declared.label:
            groups = (declared.label.signal, declared.label.background)
            kinds[declared.label.column] = cell_kind(groups)
        if declared.process:
            groups = (declared.process.signal, declared.process.background)
            kinds[declared.process.column] = cell_kind(groups)
        test = declared.test
        if isinstance(test, settings_samples.TestEvents) and test.column:
            groups = tuple(getattr(test, role) for role in ROLES)
            kinds[test.column] = cell_kind(groups)
        return kinds

    def header(
        self, sample: event_samples.EventSample, path: str
    ) -> tuple[str, ...] | None:
        """Names of the columns of a CSV file that has no header line.

        Columns of the truth are left out if a file to score has that many fewer fields.
        """
        header = self.declared.header
        if header is None or sample.has_truth:
            return header
        unlabeled = tuple(name for name in header if name not in self.truth_kinds())
        return unlabeled if readers.n_fields(path) == len(unlabeled) else header

    def renamed(self, table: raw_tables.RawTable) -> raw_tables.RawTable:
        """A part of a file with the declared column names."""
        if not self.declared.rename:
            return table
        names = {v: k for k, v in self.declared.rename.items()}
        return replace(
            table,
            columns={names.get(name, name): v for name, v in table.columns.items()},
            matrix_names=tuple(names.get(n, n) for n in table.matrix_names),
        )

    def selected(
        self,
        sample: event_samples.EventSample,
        values: variables.Values,
    ) -> np.ndarray | None:
        """Positions of the events that pass the selections; None if all do."""
        passed = None
        for setting, text in sample.select:
            mask = self.expression(setting, text).mask(values, values.n_events)
            passed = mask if passed is None else passed & mask
        return None if passed is None or passed.all() else np.flatnonzero(passed)

    def weight(
        self,
        sample: event_samples.EventSample,
        values: variables.Values,
        table: raw_tables.RawTable,
        factor: float,
    ) -> np.ndarray:
        """Weight float64 (n_events,) times the normalization of the sample."""
        if sample.weight is None:
            return np.full(values.n_events, factor)
        setting, text = sample.weight
        weight = self.expression(setting, text).evaluate(values, values.n_events)
        weight = weight.astype("f8") * factor
        check_finite(weight, table, f"weight {text!r}", missing_is_valid=False)
        return weight

    def inputs(
        self, table: raw_tables.RawTable, values: variables.Values
    ) -> np.ndarray:
        """Features float32 (n_events, n_features): missing NaN, categories as codes."""
        features = self.dataset.features
        names = table.matrix_names
        if table.matrix is not None and set(features) <= set(names):
            order = [names.index(name) for name in features]
            in_order = order == list(range(len(names)))
            inputs = table.matrix if in_order else np.take(table.matrix, order, axis=1)
            for sentinel in self.dataset.missing:
                inputs[inputs == np.float32(sentinel)] = np.nan
        else:
            inputs = np.empty((values.n_events, len(features)), "f4")
            with np.errstate(over="ignore"):  # infinite after an overflow: reported
                for i, name in enumerate(features):
                    inputs[:, i] = values.numbers(name, table.place)
        if np.isinf(inputs).any():
            i_feature = int(np.isinf(inputs).any(axis=0).argmax())
            check_finite(inputs[:, i_feature], table, features[i_feature])
        first = len(self.dataset.continuous)
        for i, codes in enumerate(self.dataset.categorical.values(), first):
            inputs[:, i] = category_codes(inputs[:, i], codes)
        return inputs

    def subset(
        self,
        sample: event_samples.EventSample,
        values: variables.Values,
        table: raw_tables.RawTable,
    ) -> np.ndarray:
        """Code uint8 (n_events,) of the subset, a position in `columns.SUBSETS`."""
        test = self.declared.test
        if self.test is not None:
            is_test = self.test.mask(values, values.n_events)
            chosen = (columns.TRAIN, columns.TEST)
            codes = np.array([columns.SUBSETS.index(name) for name in chosen], "u1")
            return codes[is_test.astype("i1")]
        if isinstance(test, settings_samples.TestEvents) and test.column:
            roles = [r for r in ROLES if getattr(test, r) is not None]
            groups = [recoding.cells(getattr(test, role)) for role in roles]
            code = recoding.codes(
                values.table[test.column], groups, test.column, table.where
            )
            return np.array([columns.SUBSETS.index(r) for r in roles], "u1")[code]
        return self.subset_of(sample, values.n_events)

    def subset_of(self, sample: event_samples.EventSample, n_events: int) -> np.ndarray:
        """The subset (n_events,) of all events of a sample."""
        return np.full(n_events, columns.SUBSETS.index(sample.subset), "u1")

    def extra(
        self, table: raw_tables.RawTable, values: variables.Values
    ) -> dict[str, np.ndarray]:
        """Region and kept columns (n_events,) by name; NaN where the file has none."""
        extra = {}
        for name in self.kept:
            if name not in self.variables.position and name not in table.columns:
                extra[name] = np.full(values.n_events, np.nan)
                continue
            extra[name] = values.numbers(name, table.place).astype("f8")
            check_finite(extra[name], table, name)
        if self.regions_of:
            extra[columns.REGION] = self.region(table, values)
        return extra

    def region(
        self, table: raw_tables.RawTable, values: variables.Values
    ) -> np.ndarray:
        """Number uint8 (n_events,) of the region from 1, 0 for none."""
        masks = [e.mask(values, values.n_events) for e in self.regions_of]
        n_regions = np.sum(masks, axis=0)
        if len(n_regions) and n_regions.max() > 1:
            i_event = int(n_regions.argmax())
            names = np.array(list(self.declared.regions))[np.array(masks)[:, i_event]]
            raise logs.InputError(
                f"{table.where(i_event)}: in the regions {' and '.join(names)}; "
                f"{self.setting}.regions must exclude each other"
            )
        return (np.argmax(masks, axis=0) + n_regions).astype("u1")


def extra_names(declared: settings_datasets.Dataset) -> tuple[str, ...]:
    """Variables that are kept in addition to the features: `keep` and the spectrum."""
    spectrum = declared.spectrum.feature if declared.spectrum else None
    features = datasets.feature_sets(declared)[datasets.ALL]
    further = () if spectrum is None or spectrum in features else (spectrum,)
    return tuple(dict.fromkeys((*declared.keep, *further)))


def cell_kind(groups: tuple) -> str:
    """The kind as which a column of classes, processes or subsets is read."""
    values = [c for g in groups if g is not None for c in recoding.cells(g)]
    is_number = all(recoding.is_number(value) for value in values)
    return raw_tables.ANY if is_number else raw_tables.TEXT


def category_codes(values: np.ndarray, categories: tuple[float, ...]) -> np.ndarray:
    """Code (n_events,) of each value; all other values share the next code."""
    codes = np.full(len(values), len(categories), "f4")
    for code, category in enumerate(categories):
        codes[values == np.float32(category)] = code
    return codes


def check_finite(
    values: np.ndarray,
    table: raw_tables.RawTable,
    name: str,
    missing_is_valid: bool = True,
) -> None:
    """Raise an error for an infinite value, and for a missing one if it is invalid."""
    invalid = np.isinf(values) if missing_is_valid else ~np.isfinite(values)
    if invalid.any():
        i_event = int(invalid.argmax())
        value = values[i_event]
        reason = "missing" if np.isnan(value) else f"{value}, which is not finite"
        raise logs.InputError(f"{table.where(i_event)}, {name}: the value is {reason}")
