"""Models of every kind, and with options that have a sentence in the methods text."""

import msgspec

from hepfold.core import (
    settings_averages,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.core.settings_models import MLP, SuperTML, XGBoost

KINDS = (
    settings_models.MLP,
    settings_models.Residual,
    settings_models.Dense,
    settings_models.WideDeep,
    settings_models.TabM,
    settings_models.Transformer,
    settings_models.XGBoost,
    settings_models.SuperTML,
)
SCHEDULES = (
    settings_training.Constant(),
    settings_training.Decay(1.0000002, 1e-6, (0.9, 0.99), 200),
    settings_training.Plateau(0.5, 3, 1e-5),
    settings_training.LinearCycles(4, 11, 0.1),
    settings_training.Cosine(5, 2.0, 0.01),
    settings_training.OneCycle(),
)
OPTIMIZERS = (
    settings_training.SGD(0.9, 1e-5),
    settings_training.AdamW(),
    settings_training.Muon(),
)
AVERAGES = (
    settings_averages.NoAverage(),
    settings_averages.Exponential(),
    settings_averages.Stochastic(7),
    settings_averages.SelfStarting(2, 5),
    settings_averages.Snapshots(3),
    settings_averages.FastGeometric(8, 4),
)
BATCH_NORM = settings_layers.MLPLayers(batch_norm=True, pretrained_epochs=5)
PRETRAINED = settings_layers.ImageNetwork(
    backbone="efficientnet_lite0", frozen_epochs=2, body_rate_factor=2.0
)


def options() -> list[settings_models.BaseModel]:
    """Models of all kinds, and models with options that are described."""
    weighted = MLP(validation_fraction=0.1, member_weights="inverse_loss")
    return [
        *(kind() for kind in KINDS),
        *(MLP(schedule=schedule) for schedule in SCHEDULES),
        *(MLP(optimizer=optimizer) for optimizer in OPTIMIZERS),
        *(MLP(average=average, validation_fraction=0.1) for average in AVERAGES),
        MLP(network=BATCH_NORM, decorrelation=2.0, tuned="mlp"),
        SuperTML(network=PRETRAINED),
        XGBoost(validation_fraction=0.0),
        XGBoost(start_from=settings_layers.BoosterStart("other", "higgs", 1)),
        weighted,
        msgspec.structs.replace(weighted, member_weights="equal"),
    ]
