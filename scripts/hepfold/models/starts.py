"""Another training from which a training starts: its values, and whether they fit."""

import zlib
from dataclasses import dataclass

import numpy as np

from hepfold.core import files, logs, settings_layers
from hepfold.data import fold_file
from hepfold.models import feature_preparation, feature_schema

# Largest relative difference of equal units.
UNIT_TOLERANCE = 0.01


@dataclass(frozen=True)
class Start:
    """Fitted values of another model, and what is taken of them.

    `values` are those of each categorical feature in the order of the codes.
    """

    settings: settings_layers.OtherTraining
    arrays: dict[str, np.ndarray]
    schema: feature_schema.Schema
    values: dict[str, tuple[float, ...]]

    @property
    def checksum(self) -> int:
        """CRC-32 of all values, to detect that a training would resume from others."""
        total = 0
        for name in sorted(self.arrays):
            total = zlib.crc32(np.ascontiguousarray(self.arrays[name]), total)
        return total

    def fault(self, reason: str) -> logs.InputError:
        """The error that this start is impossible, for a reason."""
        return logs.InputError(
            f"start_from: {self.settings.model} does not fit: {reason}; change the "
            "settings of one of the models, or start_from"
        )

    def check_values(
        self, names: tuple[str, ...], values: dict[str, tuple[float, ...]]
    ) -> None:
        """Check that the named features have the same categories in both models."""
        for name in names:
            if name in self.values and self.values[name] != values.get(name):
                raise self.fault(
                    f"{name} has the values {self.values[name]} there and "
                    f"{values.get(name)} here"
                )

    def prepare(self, preparation: feature_preparation.FeaturePreparation) -> None:
        """Take over the fitted preparation, unless only embeddings are taken."""
        if not self.settings.gives_preparation:
            return
        ours, theirs = preparation.schema, self.schema
        if ours.features != theirs.features:
            other = sorted(set(ours.features) ^ set(theirs.features))
            raise self.fault(
                f"only one of them has {other[0] if other else 'an order'}"
            )
        units = np.divide(ours.units, theirs.units)
        # Units that are recovered from the steps of columns differ in late digits.
        if ours.bodies != theirs.bodies or (np.abs(units - 1) > UNIT_TOLERANCE).any():
            raise self.fault("the bodies of the data sets, their order or units differ")
        if self.settings.gives_outputs and ours.class_names != theirs.class_names:
            raise self.fault("the classes differ, or their order")
        preparation.load_arrays(self.arrays)


def read(
    paths: list[str],
    settings: settings_layers.OtherTraining | None,
    train_path: str,
    names: tuple[str, ...],
) -> Start | None:
    """The start of a training with the named features; None to start from nothing.

    `paths` are the model file of the other training and, if it is of another data set,
    its fold file; `train_path` is the fold file of this one. Raises InputError if a
    category has other values there.
    """
    if settings is None:
        return None
    arrays, made_by = files.read_tensors(paths[0])
    other_train_path = paths[1] if len(paths) > 1 else train_path
    values = fold_file.read_layout(other_train_path).categorical
    schema = feature_schema.of_record(made_by["schema"])
    start = Start(settings, arrays, schema, values)
    start.check_values(names, fold_file.read_layout(train_path).categorical)
    return start
