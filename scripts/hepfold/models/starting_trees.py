"""Boosters from whose trees boosting continues, with scaled margins."""

import json
import logging

import numpy as np
import xgboost
from scipy import special

from hepfold.models import boosters, starts


def of(start: starts.Start | None, n_prepared: int) -> list[bytearray | None]:
    """The boosters of another training with scaled margins, as JSON for XGBoost.

    Without a start, there is None in place of a booster. Raises InputError if the trees
    see another number of features than `n_prepared`.
    """
    if start is None:
        return [None]
    others = boosters.of_arrays(start.arrays)
    for booster in others:
        if booster.num_features() != n_prepared:
            raise start.fault(
                f"its trees see {booster.num_features()} prepared features, and there "
                f"are {n_prepared} here"
            )
    scale = start.settings.scale
    logging.info(
        "Continuing %d boosters of %s, with their margins times %g.",
        len(others),
        start.settings.model,
        scale,
    )
    return [scaled(booster, scale) for booster in others]


def scaled(booster: xgboost.Booster, scale: float) -> bytearray:
    """A booster whose margins are those of another one times `scale`, as JSON."""
    model = json.loads(booster.save_raw("json"))
    learner = model["learner"]
    for tree in learner["gradient_booster"]["model"]["trees"]:
        is_leaf = np.array(tree["left_children"]) < 0
        # The split conditions of leaves are their values, other ones are thresholds.
        factors = {
            "split_conditions": np.where(is_leaf, scale, 1),
            "base_weights": scale,
        }
        for name, factor in factors.items():
            values = np.array(tree[name], "f4") * factor
            tree[name] = values.astype("f4").tolist()
    parameters = learner["learner_model_param"]
    parameters["base_score"] = scaled_base(parameters["base_score"], scale)
    return bytearray(json.dumps(model), "utf-8")


def scaled_base(text: str, scale: float) -> str:
    """JSON text of the base score whose margins are those of another times `scale`.

    It is a list with one probability, or with the first logit of each class.
    """
    values = np.array(json.loads(text))
    if len(values) == 1:
        values = special.expit(scale * special.logit(values))
    else:
        values = scale * values
    return json.dumps(values.tolist())
