"""Ensembles of transformers, which see an event as a set of bodies."""

from hepfold.core import settings_models
from hepfold.data import event_arrays
from hepfold.models import (
    ensembles,
    feature_schema,
    particle_preparation,
    transformers,
)

Preparation = particle_preparation.ParticlePreparation


class ParticleEnsemble(ensembles.Ensemble):
    """An ensemble of transformers.

    Prepared features are invariant under rotations and reflections in azimuth, so
    augmentation only reflects events along the beam.
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

    @staticmethod
    def new_network(
        preparation: Preparation, settings: settings_models.Transformer, n_members: int
    ) -> transformers.Transformer:
        """Transformers with initial weights."""
        inputs = ensembles.inputs_of(preparation)
        layout = preparation.layout
        return transformers.Transformer(n_members, inputs, settings.network, layout)
