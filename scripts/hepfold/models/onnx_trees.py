"""Boosters as ONNX operators, converted from the JSON format of XGBoost."""

import json
import math
from collections.abc import Sequence

import onnx

from hepfold.models import trees, zoo

# As in XGBoost, a branch goes left if the feature is below the threshold, both in
# float32. This operator is deprecated in versions of ai.onnx.ml after 3.
DOMAIN, VERSION, OPERATOR = "ai.onnx.ml", 3, "TreeEnsembleRegressor"


def put_in(model: onnx.ModelProto, folds: list[zoo.Scorer]) -> None:
    """Replace the placeholders of `trees.TracedBoosters` with the boosters."""
    for node in model.graph.node:
        if node.domain == trees.PLACEHOLDER:
            place = {attribute.name: attribute for attribute in node.attribute}
            forest = model_at(place["model"].ints, folds)
            booster = forest.boosters[place["member"].i]
            values = attributes(json.loads(booster.save_raw("json")))
            node.op_type, node.domain = OPERATOR, DOMAIN
            node.ClearField("attribute")
            node.attribute.extend(
                map(onnx.helper.make_attribute, values, values.values())
            )
    for opset in model.opset_import:
        if opset.domain == trees.PLACEHOLDER:
            opset.domain, opset.version = DOMAIN, VERSION


def model_at(place: Sequence[int], folds: list[zoo.Scorer]) -> zoo.Scorer:
    """The model of a fold, or the part of a blend, for a placeholder."""
    fold, *positions = place
    model = folds[fold]
    for i_part in positions:
        model = model.parts[i_part]
    return model


def attributes(model: dict) -> dict[str, list | int | str]:
    """The trees of a booster in ONNX format: flat lists over the nodes of all trees.

    Prepared features have no missing values, so branches for missing values are left
    out.
    """
    learner = model["learner"]
    forest = learner["gradient_booster"]["model"]
    # The logit to which each tree adds: its class, or zero for a binary booster.
    targets = zip(forest["trees"], forest["tree_info"], strict=True)
    columns = [nodes(i, *pair) for i, pair in enumerate(targets)]
    # JSON text with a list: one probability, or the first logit of each class.
    base_values = json.loads(learner["learner_model_param"]["base_score"])
    if len(base_values) == 1:
        base_values = [math.log(base_values[0] / (1 - base_values[0]))]
    return {
        **{name: [x for part in columns for x in part[name]] for name in columns[0]},
        "base_values": base_values,
        "n_targets": len(base_values),
        "post_transform": "NONE",
    }


def nodes(i_tree: int, tree: dict, target: int) -> dict[str, list]:
    """The nodes of one tree; the `split_conditions` of leaves are their values."""
    left, right = tree["left_children"], tree["right_children"]
    leaves = [node for node, child in enumerate(left) if child < 0]
    return {
        "nodes_treeids": [i_tree] * len(left),
        "nodes_nodeids": list(range(len(left))),
        "nodes_modes": ["LEAF" if child < 0 else "BRANCH_LT" for child in left],
        "nodes_featureids": tree["split_indices"],
        "nodes_values": tree["split_conditions"],
        "nodes_truenodeids": [max(child, 0) for child in left],
        "nodes_falsenodeids": [max(child, 0) for child in right],
        "target_treeids": [i_tree] * len(leaves),
        "target_nodeids": leaves,
        "target_ids": [target] * len(leaves),
        "target_weights": [tree["split_conditions"][node] for node in leaves],
    }
