"""Boosters as one operator of ONNX, read from XGBoost's own JSON."""

import json
import math

import onnx

from hepfold.models import trees, zoo

# As in XGBoost, a branch goes left where the feature is below the threshold, both in
# float32. Version 3 of ai.onnx.ml is the last that has this operator undeprecated.
DOMAIN, VERSION, OPERATOR = "ai.onnx.ml", 3, "TreeEnsembleRegressor"


def put_in(model: onnx.ModelProto, folds: list[zoo.Model]) -> None:
    """Put the boosters of all folds where `TracedBoosters` left room for them."""
    for node in model.graph.node:
        if node.domain == trees.PLACEHOLDER:
            place = {attribute.name: attribute.i for attribute in node.attribute}
            booster = folds[place["fold"]].boosters[place["member"]]
            values = attributes(json.loads(booster.save_raw("json")))
            node.op_type, node.domain = OPERATOR, DOMAIN
            node.ClearField("attribute")
            node.attribute.extend(
                map(onnx.helper.make_attribute, values, values.values())
            )
    for opset in model.opset_import:
        if opset.domain == trees.PLACEHOLDER:
            opset.domain, opset.version = DOMAIN, VERSION


def attributes(model: dict) -> dict[str, list | int | str]:
    """The trees of a booster as ONNX holds them: one list over the nodes of all.

    Nothing is missing in prepared features, so that no tree needs a way for it.
    """
    learner = model["learner"]
    trees = learner["gradient_booster"]["model"]["trees"]
    columns = [nodes(i, tree) for i, tree in enumerate(trees)]
    # A list of one number, as text.
    base_score = json.loads(learner["learner_model_param"]["base_score"])[0]
    return {
        **{name: [x for part in columns for x in part[name]] for name in columns[0]},
        "base_values": [math.log(base_score / (1 - base_score))],
        "n_targets": 1,
        "post_transform": "NONE",
    }


def nodes(i_tree: int, tree: dict) -> dict[str, list]:
    """The nodes of one tree; `split_conditions` are values where they are leaves."""
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
        "target_ids": [0] * len(leaves),
        "target_weights": [tree["split_conditions"][node] for node in leaves],
    }
