"""Memory, run time and GPUs that jobs request, estimated from the size of their input.

Trainings and the scoring of events follow `hepfold.core.cost_model`. For other steps, fold
files and scores take about 100 bytes per event, so one MB is about 10,000 events. Every
retry (`attempt`) requests more.
"""

from hepfold.core import cost_model, model_sizes, overlays, settings_models
from hepfold.data import event_classes

# Jobs request a GPU only if training may use one.
GPU = int(config["training"]["device"] != "cpu")
# Number of devices of one node that train a network together.
N_DEVICES = config["training"]["n_devices"]
# Converts a number of toy events, which are not in a file yet, to a size.
EVENTS_PER_MB = 10_000


def megabytes(wildcards, input):
    """Size of the input of a job, or of the toy events it makes; 0 if not yet known."""
    if not input:
        n_events = config["datasets"][wildcards.dataset]["n_toy"]
        return n_events / EVENTS_PER_MB
    if all(Path(path).exists() for path in input):
        return input.size_mb
    # Grouped with the step that makes its input: the fold file is an upper limit.
    folds = Path(f"{RESULTS}folds/{dict(wildcards).get('dataset')}/train.h5")
    return folds.stat().st_size / 1e6 if folds.exists() else 0


def memory(base, per_mb=0, n_processes=1):
    """Memory in MB: `base`, and `per_mb` for each MB of input; doubled at each retry.

    If several processes work together, each needs this much, and so does their parent.
    """
    n_all = n_processes + (n_processes > 1)

    def of(wildcards, input, attempt):
        size = per_mb and megabytes(wildcards, input)
        return int((base + size * per_mb) * n_all * 2 ** (attempt - 1))

    return of


def minutes(base, per_mb=0):
    """Run time in minutes: `base`, and `per_mb` for each MB of input."""

    def of(wildcards, input, attempt):
        size = per_mb and megabytes(wildcards, input)
        requested = (base + size * per_mb) * attempt
        return min(int(requested), cost_model.MOST_MINUTES)

    return of


def training_job(wildcards, input):
    """Events and features of a training, from the size of its fold files."""
    declared = SETTINGS.datasets[wildcards.dataset]
    n_stored, n_folds = stored_events(input, "train"), config["folds"]["n_folds"]
    return cost_model.Job(
        n_training=n_stored * (1 - 1 / n_folds),
        n_scored=n_stored / n_folds + stored_events(input, "test"),
        n_columns=len(datasets.Dataset.of(declared).features),
        inputs=inputs_of(SETTINGS.models[wildcards.model], declared),
        n_devices=N_DEVICES,
        has_gpu=bool(GPU),
        fraction=float(dict(wildcards).get("fraction", 1)),
    )


def stored_events(input, name):
    """Number of events in the fold file of that name, from its size; 0 if not yet known.

    Events of gathered fold files are in the files of the parts, in the same folder.
    """
    path = Path(input.get(name) or "")
    if not path.is_file():
        return 0
    declared = SETTINGS.datasets[path.parent.name]
    parts = path.parent.glob(f"parts/*_{name}.h5") if PARTS[path.parent.name] else []
    n_bytes = sum(file.stat().st_size for file in (path, *parts))
    return n_bytes / cost_model.bytes_per_event(
        len(datasets.Dataset.of(declared).features), len(declared.keep)
    )


def inputs_of(model, declared):
    """Numbers of features, bodies and classes that a model sees of a data set.

    And of the rounds of boosting that it continues.
    """
    definition = datasets.Dataset.of(declared)
    seen = set(definition.feature_sets.get(model.features, ()))
    n_bodies = sum(seen.issuperset(body.names) for body in definition.bodies)
    return model_sizes.Inputs(
        len(seen), n_bodies, n_classes(model, declared), n_first_rounds(model)
    )


def n_first_rounds(model):
    """Number of boosting rounds of all trainings that a training continues."""
    start = starting_models.start_of(model)
    if start is None or not isinstance(model, settings_models.XGBoost):
        return 0
    first = SETTINGS.models[start.model]
    return first.n_rounds + n_first_rounds(first)


def n_classes(model, declared):
    """Number of classes of a model; 1 if it is binary."""
    if model.weight_classes is not None:
        return len(event_classes.WeightClasses.of(model.weight_classes).names)
    if model.classes == event_classes.PROCESSES:
        return len(event_samples.process_names(declared))
    return len(model.classes or [1])


def costliest_model(name, is_for_memory=False):
    """Settings of a model; if it is tuned, with the largest values of its search."""
    model = SETTINGS.models[name]
    if model.tuned is None:
        return model
    space = SETTINGS.search[model.tuned].space
    values = overlays.costliest(space, is_for_memory=is_for_memory)
    record = overlays.applied(config["models"][name], values)
    return parsing.parse(record, settings_models.Model)


def trained_model(wildcards, is_for_memory=False):
    """Settings of the model that a job trains; of a trial, with the largest values.

    They include those of the epochs of its rung.
    """
    names = dict(wildcards)
    if "trial" not in names:
        return costliest_model(wildcards.model, is_for_memory)
    rung = PLANS[wildcards.model][int(names["bracket"])][int(names["rung"])]
    space = SETTINGS.search[wildcards.model].space
    values = overlays.costliest(space, is_for_memory=is_for_memory)
    fraction = SETTINGS.search[wildcards.model].validation_fraction
    record = config["models"][wildcards.model]
    record = overlays.for_trial(record, values, rung.n_epochs, fraction)
    return parsing.parse(record, settings_models.Model)


def training_memory(n_processes=1):
    """Memory of a training in MB, by the cost model; doubled at each retry.

    If several processes work together, each needs this much, and so does their parent.
    """
    n_all = n_processes + (n_processes > 1)

    def of(wildcards, input, attempt):
        job = training_job(wildcards, input)
        streaming = SETTINGS.training.streaming
        model = trained_model(wildcards, is_for_memory=True)
        needed = cost_model.megabytes(model, job, streaming)
        return int(cost_model.requested_mb(needed) * n_all * 2 ** (attempt - 1))

    return of


def training_minutes():
    """Run time of a training in minutes, by the cost model."""

    def of(wildcards, input, attempt):
        job = training_job(wildcards, input)
        seconds = cost_model.seconds(trained_model(wildcards), job)
        return cost_model.requested_minutes(seconds, attempt)

    return of


def range_test_minutes():
    """Run time of a learning-rate range test in minutes, by the cost model."""

    def of(wildcards, input, attempt):
        job = training_job(wildcards, input)
        model, n_updates = trained_model(wildcards), config["range_test"]["n_updates"]
        seconds = cost_model.BASE_SECONDS
        # The job itself reports that models of other kinds have no range test.
        if isinstance(model, settings_models.GradientModel):
            seconds = cost_model.updates_seconds(model, job, n_updates)
        return cost_model.requested_minutes(seconds, attempt)

    return of


def scoring_minutes():
    """Run time in minutes of scoring further events with the models of all folds.

    Raw files are taken to need as many bytes for an event as fold files.
    """

    def of(wildcards, input, attempt):
        declared = SETTINGS.datasets[wildcards.dataset]
        n_features = len(datasets.Dataset.of(declared).features)
        n_bytes = raw_bytes(input)
        n_events = n_bytes / cost_model.bytes_per_event(n_features, 0) * len(FOLDS)
        seconds = sum(
            cost_model.application_seconds(
                model, inputs_of(model, declared), n_events, bool(GPU)
            )
            for model in scoring_models(wildcards.model)
        )
        return cost_model.requested_minutes(seconds, attempt)

    return of


def raw_bytes(input):
    """Size of the raw files, and of those in raw folders, of a job."""
    listed = [input.get(name, []) for name in ("raw", "varied")]
    paths = [
        Path(path)
        for one in listed
        for path in ([one] if isinstance(one, str) else one)
    ]
    files = [file for path in paths for file in (path, *path.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file())


def explanation_seconds(wildcards, has_gpu=bool(GPU)):
    """Seconds of the importance and dependence of a model's features."""
    declared, insight = SETTINGS.datasets[wildcards.dataset], SETTINGS.insight
    n_events = insight.n_events * len(FOLDS)
    seconds = 0
    for model in scoring_models(wildcards.model):
        inputs = inputs_of(model, declared)
        n_shuffled = insight.n_repeats * (inputs.n_features + inputs.n_bodies)
        n_scored = n_events * (
            1 + n_shuffled + cost_model.N_LEVELS * insight.n_features
        )
        seconds += cost_model.application_seconds(
            model, inputs, n_scored, has_gpu, in_one_view=True
        )
    return seconds


def explanation_minutes():
    """Run time in minutes of the importance and dependence of a model's features."""

    def of(wildcards, input, attempt):
        return cost_model.requested_minutes(explanation_seconds(wildcards), attempt)

    return of


def scoring_models(name):
    """Settings of a model, or of the parts of a blend."""
    return [costliest_model(part) for part in parts_of(name) or [name]]
