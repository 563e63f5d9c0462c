"""Memory, run time and GPUs that jobs request, estimated from the size of their input.

Fold files and scores take about 100 bytes per event, so one MB is about 10,000 events.
Every retry (`attempt`) requests more.
"""

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


def training_memory(base, per_mb, n_processes=1):
    """Memory of a training: that of `memory`, or of two buffers if events are streamed.

    One buffer is for training events, and validation events may take as much.
    """

    def of(wildcards, input, attempt):
        size = megabytes(wildcards, input)
        model, streaming = SETTINGS.models[wildcards.model], SETTINGS.training.streaming
        # More than half of a fold file is features of training events.
        n_values = size * 1e6 / 2 / stream_choice.BYTES_PER_FEATURE
        if stream_choice.is_streamed(model, n_values, streaming, 1):
            size = min(size, 2 * streaming.buffer_events / EVENTS_PER_MB)
        n_all = n_processes + (n_processes > 1)
        return int((base + size * per_mb) * n_all * 2 ** (attempt - 1))

    return of


def minutes(base, per_mb=0):
    """Run time in minutes: `base`, and `per_mb` for each MB of input."""

    def of(wildcards, input, attempt):
        size = per_mb and megabytes(wildcards, input)
        return int((base + size * per_mb) * attempt)

    return of


def training_minutes(base):
    """Run time of a training in minutes: `base`, and time for each pass over the events.

    A network of default size takes about 0.05 s per MB, member and epoch on one core. We
    request about ten times that on a CPU, and a tenth of the request on a GPU or for trees.
    """

    def of(wildcards, input, attempt):
        model = config["models"][wildcards.model]
        network = model.get("network", {})
        n_epochs = model.get("n_epochs", model.get("n_rounds"))
        if "trial" in dict(wildcards):
            n_epochs = config["search"][wildcards.model]["max_epochs"]
        alone = network.get("pretrained_epochs", 0) * network.get("depth", 0)
        alone += (model.get("start_from") or {}).get("frozen_epochs", 0)
        passes = model["n_members"] * (n_epochs + alone)
        slow = not GPU and "n_epochs" in model
        per_mb = passes * (0.01 if slow else 0.001)
        return int((base + per_mb * megabytes(wildcards, input)) * attempt)

    return of
