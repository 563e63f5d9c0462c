"""Memory, run time and GPUs that jobs request, estimated from the size of their input.

Fold files and scores take about 100 bytes per event, so one MB is about 10,000 events.
Every retry (`attempt`) requests more.
"""

# Jobs request a GPU only if training may use one.
GPU = int(config["training"]["device"] != "cpu")
# Memory of the host, in MB, that CUDA and its libraries take.
CUDA_MB = 2500 * GPU
# Number of devices of one node that train a network together.
N_DEVICES = config["training"]["n_devices"]
# Converts a number of toy events, which are no file yet, to a size.
EVENTS_PER_MB = 10_000


def megabytes(wildcards, input):
    """Size of the input of a job, or of the toy events it makes; 0 if not yet known."""
    if not input:
        n_events = config["datasets"][wildcards.dataset]["n_toy"]
        return n_events / EVENTS_PER_MB
    if all(Path(path).exists() for path in input):
        return input.size_mb
    # Grouped with the step that makes its input: the fold file is an upper limit.
    folds = Path(f"results/folds/{dict(wildcards).get('dataset')}/train.h5")
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
        return int((base + size * per_mb) * attempt)

    return of


def training_model(wildcards):
    """Settings of the model of a training, with the epochs of the trial if it is one."""
    model = SETTINGS.models[wildcards.model]
    if "trial" not in dict(wildcards):
        return model
    n_epochs = SETTINGS.search[wildcards.model].max_epochs
    name = "n_epochs" if hasattr(model, "n_epochs") else "n_rounds"
    return msgspec.structs.replace(model, **{name: n_epochs})


def training_events_of(wildcards, input):
    """Number of events in the input of a training, or in the fraction that it takes."""
    fraction = float(dict(wildcards).get("fraction", 1))
    return megabytes(wildcards, input) * EVENTS_PER_MB * fraction


def training_minutes(base):
    """Run time of a training in minutes: `base`, and twice its estimated time on one core.

    On a GPU, for which no times were measured, we request half the estimate.
    """

    def of(wildcards, input, attempt):
        n_events = training_events_of(wildcards, input)
        seconds = training_costs.seconds(training_model(wildcards), n_events)
        factor = 0.5 if GPU else 2
        return int((base + factor * seconds / 60) * attempt)

    return of


def training_memory(base, n_processes=1):
    """Memory of a training in MB: `base`, and 1.5 times its estimate, as for `memory`."""
    n_all = n_processes + (n_processes > 1)

    def of(wildcards, input, attempt):
        n_events = training_events_of(wildcards, input)
        model, streaming = training_model(wildcards), SETTINGS.training.streaming
        needed = (
            base + CUDA_MB + 1.5 * training_costs.megabytes(model, n_events, streaming)
        )
        return int(needed * n_all * 2 ** (attempt - 1))

    return of
