"""Ensembles of transformers, which see an event as a set of bodies."""

from typing import Self

from hepfold.core import settings_models, settings_training
from hepfold.data import event_arrays
from hepfold.models import (
    ensembles,
    feature_schema,
    networks,
    particle_preparation,
    symmetries,
    transformers,
)

Preparation = particle_preparation.ParticlePreparation


class ParticleEnsemble(ensembles.Ensemble):
    """An ensemble of transformers.

    Prepared features do not change in rotations and reflections in azimuth; only
    reflections along the beam remain to be seen.
    """

    @classmethod
    def fitted_preparation(
        cls,
        schema: feature_schema.Schema,
        settings: settings_models.Transformer,
        events: event_arrays.Events,
        seed: int,
    ) -> Preparation:
        """The preparation of the features, fitted to events."""
        preparation = cls.unfitted_preparation(schema, settings)
        preparation.fit(events.inputs)
        return preparation

    @staticmethod
    def unfitted_preparation(
        schema: feature_schema.Schema, settings: settings_models.Transformer
    ) -> Preparation:
        """The preparation of the features, not fitted yet."""
        return Preparation(schema, settings.preparation)

    @classmethod
    def assembled(
        cls,
        preparation: Preparation,
        settings: settings_models.Transformer,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """An ensemble with initial weights, on its device."""
        columns, n_values = preparation.columns, preparation.schema.n_values
        inputs = networks.Inputs(columns.y.stop, n_values)
        network = transformers.Transformer(
            n_members, inputs, settings.network, preparation.layout
        )
        device = ensembles.choose_device(training.device)
        return cls(
            preparation.to(device),
            network.to(device),
            symmetries.possible(settings.symmetry, preparation.schema.bodies),
            training.precision,
        )
