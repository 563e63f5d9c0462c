"""Methods text: how models were trained."""

from collections.abc import Mapping

from hepfold.core import (
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.publish import methods_optimization, methods_selection, phrases


def text(
    model: settings_models.BaseModel,
    training: settings_training.Training,
    searches: Mapping[str, settings_training.Search],
) -> str:
    """The training of a model, of any kind but a blend."""
    sentences = [sample(model), balance(model)]
    if isinstance(model, settings_models.XGBoost):
        sentences += rounds(model)
    else:
        sentences += epochs(model, training)
    return phrases.paragraph([*sentences, searched(model, searches)])


def of_blend(model: settings_models.Blend) -> str:
    """The weights of a blend."""
    return phrases.paragraph(
        [
            f"The blend of {phrases.names(model.of)} was the weighted mean of the "
            "logits of their scores.",
            "For each fold, the weights, which were not negative and had the sum one, "
            "minimized the log loss of the out-of-fold events of the other trained "
            f"folds, with equal sums of weights of both classes "
            f"{phrases.cite('wolpert1992', 'breiman1996')}.",
        ]
    )


def sample(model: settings_models.BaseModel) -> str:
    """The events of a training, and of its validation."""
    parts = []
    if model.hypotheses:
        masses = phrases.listing([f"{mass} GeV" for mass in model.hypotheses])
        parts.append(f"Only events of mass hypotheses of {masses} were used.")
    if model.n_events:
        parts.append(
            f"Each training used at most {model.n_events:,} events, drawn at random."
        )
    if model.validation_fraction:
        parts.append(
            f"A random fraction of {model.validation_fraction:g} of the training "
            "events was set aside for validation."
        )
    else:
        parts.append("No events were set aside for validation.")
    return " ".join(parts)


def balance(model: settings_models.BaseModel) -> str:
    """The loss and the weights in it."""
    which = "all classes" if model.is_multiclass else "signal and background"
    return (
        "The loss was the cross entropy, weighted by the event weights after scaling "
        f"them to equal sums for {which}."
    )


def rounds(model: settings_models.XGBoost) -> list[str]:
    """The training of boosted trees."""
    rate = f"at a learning rate of {model.learning_rate:g}"
    first = [continued(model.start_from)] if model.start_from else []
    if not model.validation_fraction:
        n_rounds = phrases.count(model.n_rounds, "round")
        return [*first, f"Boosting took {n_rounds} {rate}."]
    return [
        *first,
        f"Boosting took at most {phrases.count(model.n_rounds, 'round')} {rate}, and "
        f"stopped after {phrases.count(model.patience, 'round')} without a lower "
        "validation loss; rounds after the best one were left out.",
    ]


def continued(start: settings_layers.BoosterStart) -> str:
    """From which training boosting continued."""
    return (
        f"Boosting continued from the trees of {of_training(start)}, with their "
        f"margins multiplied by {start.scale:g}."
    )


def epochs(
    model: settings_models.GradientModel, training: settings_training.Training
) -> list[str]:
    """The training of networks."""
    return [
        first_steps(model),
        optimized(model, training),
        methods_optimization.schedule(model.schedule, model.learning_rate),
        clipping(model),
        smoothing(model),
        decorrelation(model),
        methods_selection.average(model.average),
        methods_selection.selection(model),
        precision(training),
    ]


def first_steps(model: settings_models.GradientModel) -> str:
    """What was trained before, or first."""
    network, parts = model.network, []
    if start := getattr(model, "start_from", None):
        parts.append(started(start))
    if n_epochs := getattr(network, "pretrained_epochs", 0):
        parts.append(
            "Hidden layers were first pretrained one by one as autoencoders, for "
            f"{phrases.count(n_epochs, 'epoch')} each {phrases.cite('baldi2014')}."
        )
    if isinstance(network, settings_layers.ImageNetwork):
        parts += transferred(network)
    return " ".join(parts)


def started(start: settings_layers.StartFrom) -> str:
    """From which training the weights started."""
    part = {
        "all": "all weights",
        "body": "all weights but those of the output layers",
        "embeddings": "the vectors of the categories",
    }[start.part]
    text = f"For {part}, initial values were those of {of_training(start)}."
    if start.frozen_epochs:
        text += (
            f" In {phrases.count(start.frozen_epochs, 'epoch')} before all others, "
            "only the other weights were trained."
        )
    return text


def of_training(start: settings_layers.OtherTraining) -> str:
    """The other training from which one started."""
    of_data = f" on {start.dataset}" if start.dataset else ""
    fold = "the same fold" if start.fold is None else f"fold {start.fold}"
    return f"`{start.model}` trained{of_data} for {fold}"


def transferred(network: settings_layers.ImageNetwork) -> list[str]:
    """The transfer learning of image networks."""
    parts = []
    if network.frozen_epochs:
        parts.append(
            f"In {phrases.count(network.frozen_epochs, 'epoch')} before all others, "
            "only the dense layers were trained."
        )
    if network.body_rate_factor != 1:
        parts.append(
            "The learning rate of each stage of convolutions was that of the next "
            f"stage divided by {network.body_rate_factor:g} "
            f"{phrases.cite('howard2018')}."
        )
    return parts


def clipping(model: settings_models.GradientModel) -> str:
    """The limit on gradients, if there is one."""
    if not model.max_gradient_norm:
        return ""
    return (
        f"Gradients were scaled down to a norm of at most {model.max_gradient_norm:g}."
    )


def smoothing(model: settings_models.GradientModel) -> str:
    """Label smoothing, if there is any."""
    if not model.label_smoothing:
        return ""
    return f"Labels were smoothed by {model.label_smoothing:g}."


def optimized(
    model: settings_models.GradientModel, training: settings_training.Training
) -> str:
    """Number of epochs, batches and optimizer."""
    size = model.batch_size * training.n_devices
    most = "at most " if methods_selection.can_stop_early(model) else ""
    optimizer = methods_optimization.optimizer(model.optimizer, model.schedule)
    return (
        f"Networks were trained for {most}{phrases.count(model.n_epochs, 'epoch')} in "
        f"batches of {size:,} events with {optimizer}."
    )


def decorrelation(model: settings_models.GradientModel) -> str:
    """The penalty on the dependence of score and spectrum, if there is one."""
    if not model.decorrelation:
        return ""
    return (
        "To keep a cut on the score from sculpting the spectrum, "
        f"{model.decorrelation:g} times the squared distance correlation of score and "
        "spectrum in background events was added to the loss (DisCo "
        f"{phrases.cite('kasieczka2020')})."
    )


def precision(training: settings_training.Training) -> str:
    """The precision of matrix products."""
    text = {
        "auto": "bfloat16 where the hardware supported it, and in float32 elsewhere",
        "tf32": "TF32 on a GPU, and in float32 elsewhere",
    }.get(training.precision, training.precision)
    return f"Matrix products were computed in {text}."


def searched(
    model: settings_models.BaseModel, searches: Mapping[str, settings_training.Search]
) -> str:
    """How settings of the model were chosen, if by a search."""
    if not model.tuned:
        return ""
    search = searches[model.tuned]
    n_epochs = "rounds" if isinstance(model, settings_models.XGBoost) else "epochs"
    return (
        f"The settings {phrases.names(search.space)} were the best of a Hyperband "
        f"search {phrases.cite('li2018')} by the {search.merit} of validation events "
        f"within the training folds, with trials of up to {search.max_epochs} "
        f"{n_epochs}."
    )
