"""Boosters as one operator of ONNX, read from XGBoost's own JSON."""

import json
import math

import onnx
import torch
import xgboost
from torch import Tensor, nn

# As in XGBoost, a branch goes left where the feature is below the threshold, both in
# float32. Version 3 of ai.onnx.ml is the last that has this operator undeprecated.
DOMAIN, VERSION, OPERATOR = "ai.onnx.ml", 3, "TreeEnsembleRegressor"
# What stands for a booster until the graph is complete: torch takes minutes to carry
# along what trees hold.
PLACEHOLDER = "hepfold"


class Boosters(nn.Module):
    """Prepared features (n_events, n_prepared) to the mean score of some boosters."""

    def __init__(self, n_boosters: int, fold: int):
        super().__init__()
        self.places = [{"fold": fold, "member": i} for i in range(n_boosters)]

    def forward(self, prepared: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        margins = [
            torch.onnx.ops.symbolic(
                f"{PLACEHOLDER}::Booster",
                [prepared],
                place,
                dtype=torch.float32,
                shape=(prepared.shape[0], 1),
                version=1,
            )
            for place in self.places
        ]
        return torch.cat(margins, dim=1).double().sigmoid().mean(1)


def put_in(model: onnx.ModelProto, folds: list[list[xgboost.Booster]]) -> None:
    """Put the boosters of all folds where `Boosters` left room for them."""
    for node in model.graph.node:
        if node.domain == PLACEHOLDER:
            place = {attribute.name: attribute.i for attribute in node.attribute}
            booster = folds[place["fold"]][place["member"]]
            found = attributes(json.loads(booster.save_raw("json")))
            node.op_type, node.domain = OPERATOR, DOMAIN
            node.ClearField("attribute")
            node.attribute.extend(
                map(onnx.helper.make_attribute, found, found.values())
            )
    for opset in model.opset_import:
        if opset.domain == PLACEHOLDER:
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
