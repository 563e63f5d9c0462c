"""Read the weights of a systematic variation, for events that are scored already."""

from hepfold.core import files, logs, parsing, settings_datasets
from hepfold.data import event_reader, event_samples, variations, varied_scores


def read_varied_weights(
    params: dict, toys: str, downloaded: str, weights_path: str
) -> None:
    """Write id, process and weight of the events that the variation changes."""
    names = params["wildcards"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    key = names["systematic"], names["direction"]
    # A variation of weights alone has no files.
    samples = variations.samples(names["dataset"], declared, key, toys, downloaded, "")
    reader = event_reader.EventReader(
        names["dataset"], variations.for_weights(declared)
    )
    made_by = {**params, "source": event_samples.names(samples)}
    files.write_table(weights_path, varied_scores.weights(reader, samples), made_by)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    read_varied_weights(
        params=snakemake.params.settings,
        toys=snakemake.params.toys,
        downloaded=snakemake.params.downloaded,
        weights_path=snakemake.output.weights,
    )
