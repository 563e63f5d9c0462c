"""Methods text: architectures of models and how they see the features."""

from hepfold.core import settings_layers, settings_models
from hepfold.data import datasets
from hepfold.publish import methods_preparation, phrases

ACTIVATIONS = {"relu": "ReLU", "tanh": "tanh", "selu": "SELU", "swish": "swish"}
ENCODINGS = {
    "text_equal": "features as printed numbers in cells of equal size",
    "text_importance": "features as printed numbers, sized by their importance",
    "blocks": "features as gray blocks",
    "stripes": "features as gray stripes",
}


def text(model: settings_models.BaseModel, roles: datasets.Dataset) -> str:
    """The architecture of a trained model and the preparation of its features."""
    sentences = ARCHITECTURES[type(model)](model)
    if isinstance(model, settings_models.SuperTML):
        sentences += drawn(model)
    else:
        sentences += methods_preparation.sentences(model, roles)
    return phrases.paragraph([*sentences, output(model), members(model)])


def ensemble(n_members: int, singular: str, plural: str) -> str:
    """One network, or an ensemble of several, per fold."""
    if n_members == 1:
        return f"One {singular} was trained per fold"
    return f"An ensemble of {n_members} {plural} was trained per fold"


def hidden_layers(layers: settings_layers.Layers) -> str:
    """Number, width and activation of hidden layers."""
    return (
        f"{phrases.count(layers.depth, 'hidden layer')} of {layers.width} units and "
        f"{ACTIVATIONS[layers.activation]} activations"
    )


def regularized(layers: settings_layers.Layers) -> str:
    """Dropout, normalization and category embeddings of layers, as one sentence."""
    parts = [f"dropout with probability {layers.dropout:g}"] if layers.dropout else []
    if isinstance(layers, settings_layers.StackedLayers):
        if layers.dropout and layers.dropout_layers == "top":
            parts = [f"{parts[0]} after the last hidden layer"]
        if layers.batch_norm:
            parts.append(f"batch normalization {phrases.cite('ioffe2015')}")
    return f"The networks had {phrases.listing(parts)}." if parts else ""


def of_mlp(model: settings_models.MLP) -> list[str]:
    """Multilayer perceptrons."""
    kind = "multilayer perceptron"
    sentences = [
        f"{ensemble(model.n_members, kind, f'{kind}s')}, each with "
        f"{hidden_layers(model.network)}."
        if model.n_members > 1
        else f"{ensemble(1, kind, '')}, with {hidden_layers(model.network)}."
    ]
    return [*sentences, regularized(model.network)]


def of_residual(model: settings_models.Residual) -> list[str]:
    """Residual networks."""
    layers = model.network
    return [
        f"{ensemble(model.n_members, 'residual network', 'residual networks')} "
        f"{phrases.cite('he2016')}, with {phrases.count(layers.depth, 'block')} of two "
        f"layers of {layers.width} units and {ACTIVATIONS[layers.activation]} "
        "activations.",
        regularized(layers),
    ]


def of_dense(model: settings_models.Dense) -> list[str]:
    """Densely connected networks."""
    kind = "densely connected network"
    return [
        f"{ensemble(model.n_members, kind, f'{kind}s')} "
        f"{phrases.cite('huang2017dense')}, with {hidden_layers(model.network)}; each "
        "hidden layer received the inputs and the outputs of all earlier layers.",
        regularized(model.network),
    ]


def of_wide_deep(model: settings_models.WideDeep) -> list[str]:
    """Wide and deep networks."""
    kind = "wide and deep network"
    return [
        f"{ensemble(model.n_members, kind, f'{kind}s')} {phrases.cite('cheng2016')}, "
        "whose logit was the sum of those of a linear model and of a multilayer "
        f"perceptron with {hidden_layers(model.network)}.",
        regularized(model.network),
    ]


def of_tabm(model: settings_models.TabM) -> list[str]:
    """TabM networks."""
    return [
        f"A TabM network {phrases.cite('gorishniy2025')} was trained per fold, with "
        f"{phrases.count(model.n_members, 'member')} that shared weight matrices, and "
        f"{hidden_layers(model.network)}.",
        regularized(model.network),
    ]


def of_transformer(model: settings_models.Transformer) -> list[str]:
    """Transformers."""
    layers = model.network
    return [
        f"{ensemble(model.n_members, 'transformer', 'transformers')}, a small form of "
        f"the particle transformer {phrases.cite('qu2022')}, whose tokens were the "
        "particles, jets and missing momentum of an event and one token of the event "
        "as a whole.",
        f"It had {phrases.count(layers.depth, 'block')} with tokens of {layers.width} "
        f"features, {phrases.count(layers.n_heads, 'attention head')}, "
        f"{layers.expansion * layers.width} hidden units within each token and "
        f"{ACTIVATIONS[layers.activation]} activations."
        if model.n_members == 1
        else f"Each had {phrases.count(layers.depth, 'block')} with tokens of "
        f"{layers.width} features, {phrases.count(layers.n_heads, 'attention head')}, "
        f"{layers.expansion * layers.width} hidden units within each token and "
        f"{ACTIVATIONS[layers.activation]} activations.",
        "Features of pairs of bodies were a bias of the attention and inputs of both "
        f"bodies, through layers of {layers.pair_width} units.",
        regularized(layers),
    ]


def of_xgboost(model: settings_models.XGBoost) -> list[str]:
    """Boosted decision trees."""
    trees = model.trees
    kind = "boosted decision tree model"
    return [
        f"{ensemble(model.n_members, kind, f'{kind}s')} with XGBoost "
        f"{phrases.cite('chen2016')}.",
        f"Trees had a depth of at most {trees.depth}, were fitted to "
        f"{trees.event_fraction:.0%} of the events in each round with "
        f"{trees.feature_fraction:.0%} of the features, and were regularized by an L2 "
        f"penalty of {trees.l2:g} and a minimum sum of second derivatives per leaf of "
        f"{trees.min_child_weight:g}.",
    ]


def of_supertml(model: settings_models.SuperTML) -> list[str]:
    """Convolutional networks on images of events."""
    network = model.network
    kind = "convolutional network"
    head = f"two dense layers with {network.head_width} units between them"
    dropout = f" and dropout with probability {network.dropout:g}"
    return [
        f"{ensemble(model.n_members, kind, f'{kind}s')} that saw events as images "
        f"(SuperTML {phrases.cite('sun2019')}): {backbone(network.backbone)}, followed "
        f"by {head}{dropout if network.dropout else ''}."
    ]


def backbone(name: str) -> str:
    """The convolutions of an image network."""
    if name == "se_resnet":
        cited = phrases.cite("he2015", "hu2017")
        return f"a small residual network with squeeze and excitation {cited}"
    if name == "efficientnet_lite0":
        cited = phrases.cite("tan2019")
        return f"EfficientNet-Lite0 {cited} with weights pretrained on ImageNet"
    return f"`{name.removeprefix('timm/')}` with the pretrained weights of timm"


ARCHITECTURES = {
    settings_models.MLP: of_mlp,
    settings_models.Residual: of_residual,
    settings_models.Dense: of_dense,
    settings_models.WideDeep: of_wide_deep,
    settings_models.TabM: of_tabm,
    settings_models.Transformer: of_transformer,
    settings_models.XGBoost: of_xgboost,
    settings_models.SuperTML: of_supertml,
}


def drawn(model: settings_models.SuperTML) -> list[str]:
    """How events were drawn as images."""
    images = model.images
    order = {
        "file": "in the order of the files",
        "importance": "in the order of their importance in boosted trees",
    }[images.order]
    digits = phrases.count(images.decimals, "decimal")
    return [
        f"Images had {images.size} x {images.size} pixels and showed "
        f"{ENCODINGS[images.encoding]}, {order}"
        f"{', derived and primary features apart' if images.grouped else ''}.",
        f"Numbers had {digits}." if images.encoding.startswith("text") else "",
    ]


def output(model: settings_models.BaseModel) -> str:
    """What the score is: a probability, or a likelihood ratio of classes."""
    if not model.is_multiclass:
        return "The score was the output of a sigmoid, larger for signal."
    if model.weight_classes is not None:
        classes = f"ranges of the event weight as classes{edges(model.weight_classes)}"
    elif model.classes == "processes":
        classes = "the processes as classes"
    else:
        classes = f"the classes {phrases.names(model.classes)}"
    shares = "given" if model.class_fractions else "those of the training events"
    return (
        f"The output was a softmax with {classes}; the score was r / (1 + r), with the "
        "likelihood ratio r of the mixtures of signal and of background classes, whose "
        f"proportions were {shares}."
    )


def edges(ranges: settings_layers.WeightClasses) -> str:
    """The weights between classes, in parentheses."""
    of_label = {"signal": ranges.signal, "background": ranges.background}
    parts = [
        f"{label}: {', '.join(f'{weight:g}' for weight in weights)}"
        for label, weights in of_label.items()
        if weights
    ]
    return f" (divided at weights of {'; '.join(parts)})"


def members(model: settings_models.BaseModel) -> str:
    """How scores of members were averaged, if there are several."""
    if model.n_members == 1:
        return ""
    if model.member_weights == "equal":
        return "The score of an ensemble was the mean over its members."
    return (
        "The score of an ensemble was the mean over its members, with weights inverse "
        f"to their validation losses {phrases.cite('strong2020')}."
    )
