"""Measured time and memory of trainings, to which the cost model was fitted."""

import msgspec

from hepfold.core import settings_models


def changed(model: settings_models.BaseModel, path: str, value: object):
    """The model with one setting replaced; `network.width` is one of a group."""
    name, _, rest = path.partition(".")
    if rest:
        value = changed(getattr(model, name), rest, value)
    return msgspec.structs.replace(model, **{name: value})


def network(kind: type, n_members: int, batch_size: int, **layers: float):
    """A model whose network has the given layers."""
    changes = {"n_members": n_members, "batch_size": batch_size}
    return kind(network=msgspec.structs.replace(kind().network, **layers), **changes)


def of_images(batch_size: int, size: int, backbone: str):
    """A network of images with so many pixels on each side."""
    model = network(settings_models.SuperTML, 1, batch_size, backbone=backbone)
    return changed(model, "images.size", size)


# Microseconds of a training step for an event and member, to which the rates were
# fitted: CPU time in float32 on one busy core, with 28 features of 6 bodies.
STEPS = [
    (network(settings_models.MLP, 10, 256, depth=3, width=100), 8.3),
    (network(settings_models.MLP, 1, 256, depth=3, width=100), 15.6),
    (network(settings_models.MLP, 10, 256, depth=3, width=30), 2.1),
    (network(settings_models.MLP, 4, 512, depth=3, width=300), 33.6),
    (network(settings_models.MLP, 1, 100, depth=5, width=300), 113),
    (network(settings_models.Dense, 10, 256, depth=6, width=33), 7.1),
    (network(settings_models.Residual, 4, 256, depth=3, width=100), 14.1),
    (network(settings_models.TabM, 10, 256, depth=3, width=100), 11.0),
    (network(settings_models.WideDeep, 1, 1024, depth=2, width=2048), 309),
    (network(settings_models.Transformer, 3, 512), 209),
    (network(settings_models.Transformer, 1, 512, depth=2, width=32), 105),
    (network(settings_models.Transformer, 1, 256, depth=4, width=128), 592),
    (of_images(128, 56, "se_resnet"), 1488),
    (of_images(64, 112, "se_resnet"), 5159),
    (of_images(32, 64, "efficientnet_lite0"), 13_094),
    (of_images(16, 128, "efficientnet_lite0"), 43_697),
]

# Milliseconds of a round of boosting, measured likewise, by depth and number of events.
ROUNDS = [(5, 16_000, 14.1), (5, 80_000, 34.6), (8, 16_000, 54.1), (8, 80_000, 90.4)]

# Peak memory in MB of whole jobs: model, events of the training and to be scored, peak.
PEAKS = [
    (settings_models.MLP(), 16_000, 9_000, 663),
    (settings_models.MLP(), 80_000, 45_000, 763),
    (network(settings_models.MLP, 1, 4096, width=8), 240_000, 135_000, 910),
    (settings_models.Transformer(), 16_000, 9_000, 820),
    (settings_models.XGBoost(), 240_000, 135_000, 841),
]
