"""What a job asks of the machine, estimated from the size of its input.

Fold files and scores have about a hundred bytes for each event, so that megabytes count
events by the ten thousand. Every retry asks for more (`attempt`).
"""

# A job asks for a GPU only if training may use one.
GPU = int(config["training"]["device"] != "cpu")
# A network may be trained by several devices of a node.
N_DEVICES = config["training"]["n_devices"]
# Toy events, which has no input, count as if they were a file.
EVENTS_PER_MB = 10_000


def megabytes(wildcards, input):
    """Size of what a job reads, or of the events it makes; zero as long as unknown."""
    if not input:
        n_events = config["datasets"][wildcards.dataset]["n_toy"]
        return n_events / EVENTS_PER_MB
    if all(Path(path).exists() for path in input):
        return input.size_mb
    # A step in one job with the step that makes its input: it reads no more than events.
    folds = Path(f"results/folds/{dict(wildcards).get('dataset')}/train.h5")
    return folds.stat().st_size / 1e6 if folds.exists() else 0


def memory(base, per_mb=0, n_processes=1):
    """Memory in MB: `base`, and `per_mb` for each MB of input; twice that at a retry.

    Where several processes work, each has all of it, and so has the one that waits.
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


def training_minutes(base):
    """Run time of a training in minutes: `base`, and passes of members over events.

    A network of the default size takes some 0.05 s for each MB and pass on one core; ten
    times that is asked for, a tenth of it where there may be a GPU, or for trees.
    """

    def of(wildcards, input, attempt):
        model = config["models"][wildcards.model]
        network = model.get("network", {})
        n_epochs = model.get("n_epochs", model.get("n_rounds"))
        if "trial" in dict(wildcards):
            n_epochs = config["search"][wildcards.model]["max_epochs"]
        alone = network.get("pretrained_epochs", 0) * network.get("depth", 0)
        passes = model["n_members"] * (n_epochs + alone)
        slow = not GPU and "n_epochs" in model
        per_mb = passes * (0.01 if slow else 0.001)
        return int((base + per_mb * megabytes(wildcards, input)) * attempt)

    return of
